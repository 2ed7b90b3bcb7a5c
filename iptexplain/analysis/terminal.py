"""Which rules are the last that a packet meets in their chain, whatever the packet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.model.matching import Jump, Queue, Reject, Translate, Verdict
from iptexplain.model.shape import per_shape

if TYPE_CHECKING:
    from iptexplain.model.matching import Effect
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape


@per_shape
def may_end(shape: Shape) -> bool:
    """Does every packet match a rule of the shape, and its target, unlike a jump, may be the end of the chain."""
    target = shape.target
    comes_back = target is None or (target.kind == "jump" and not isinstance(target.name, str))
    return not comes_back and binding.limits(shape) == ()


def ends(rule: Rule) -> bool:
    """Does no packet that comes to the rule, which every packet matches, come to the rules behind it."""
    return leaves(binding.effect(rule))


def leaves(effect: Effect) -> bool:
    """Does a packet not come behind a rule that has this effect on it, whatever becomes of it."""
    if isinstance(effect, Jump):
        return effect.goto
    return isinstance(effect, (Reject, Translate, Queue)) or effect in {Verdict.ACCEPT, Verdict.DROP, Verdict.RETURN}
