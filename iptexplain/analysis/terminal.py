"""Does a packet that a rule matches come to the next rule of the chain, and which rules are the last of theirs for every packet."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from iptexplain.extensions import binding, phrasing
from iptexplain.model.matching import Jump, Opaque, Queue, Reject, Translate, Verdict
from iptexplain.model.shape import per_shape

if TYPE_CHECKING:
    from iptexplain.model.matching import Effect
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape


class Comes(Enum):
    """Does a packet that the rule matches come to the next rule."""

    CERTAINLY = "certainly"
    NEVER = "never"
    UNKNOWN = "unknown"


def comes_behind(table: Table, rule: Rule) -> Comes:
    """That of a rule, whatever the packet.

    A target that is not known may be the end. So may be a chain that the rule leads to, but for one that is there and whose rules, none of
    which leads on, all go on or go back.
    """
    effect = binding.effect(rule)
    if not isinstance(effect, Jump):
        return _comes(rule, effect)
    if effect.goto:
        return Comes.NEVER
    inner = ((one, binding.effect(one)) for one in table.rules_of(effect.chain))
    back = all(own is Verdict.RETURN or (not isinstance(own, Jump) and _comes(one, own) is Comes.CERTAINLY) for one, own in inner)
    return Comes.CERTAINLY if back and table.has_chain(effect.chain) else Comes.UNKNOWN


def _comes(rule: Rule, effect: Effect) -> Comes:
    """The same of a rule that leads to no chain."""
    if isinstance(effect, Opaque):
        return Comes.CERTAINLY if phrasing.goes_on(rule) else Comes.UNKNOWN
    return Comes.NEVER if leaves(effect) else Comes.CERTAINLY


@per_shape
def may_end(shape: Shape) -> bool:
    """Does every packet match a rule of the shape, and its target, unlike a jump, may be the end of the chain."""
    target = shape.target
    comes_back = target is None or (target.kind == "jump" and not isinstance(target.name, str))
    return not comes_back and binding.limits(shape) == ()


def ends(rule: Rule) -> bool:
    """Does no packet that the rule matches come to the rules behind it."""
    return leaves(binding.effect(rule))


def leaves(effect: Effect) -> bool:
    """Does a packet not come behind a rule that has this effect on it, whatever becomes of it."""
    if isinstance(effect, Jump):
        return effect.goto
    return isinstance(effect, (Reject, Translate, Queue)) or effect in {Verdict.ACCEPT, Verdict.DROP, Verdict.RETURN}
