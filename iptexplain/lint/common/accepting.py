"""What rules with the target ACCEPT let in: first packets of connections, answers, or only a few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.model.matching import Field, Opaque, Queue, Verdict
from iptexplain.model.values import Interface, Ports, TcpFlags, Words

if TYPE_CHECKING:
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule

_KNOWN, _NEW = "ESTABLISHED", "NEW"
_ICMP = frozenset({"icmp", "icmpv6", "ipv6-icmp", "1", "58"})
_WIDE = 1000
"""So many destination ports may be those that answers go to."""


def accepts(rule: Rule) -> tuple[bool, bool]:
    """Does a rule accept connections of others than the machine itself; and may it accept answers."""
    effect = binding.effect(rule)
    if isinstance(effect, (Opaque, Queue)):
        return True, True
    if effect is not Verdict.ACCEPT:
        return False, False
    demanded = [demand for test in binding.tests(rule) for demand in test.constraints]
    if any(one.wanted == Interface("lo", prefix=False) and not one.negated for one in demanded):
        return False, False
    return not any(map(_opens_nothing, demanded)), not any(map(_keeps_answers_out, demanded))


def _opens_nothing(demand: Constraint) -> bool:
    """Is what meets the demand no first packet of a connection, or ICMP."""
    field, wanted, negated = demand
    if isinstance(wanted, Words) and field is Field.STATE:
        return (_NEW in wanted.names) == negated
    return field is Field.PROTOCOL and wanted in _ICMP and not negated


def _keeps_answers_out(demand: Constraint) -> bool:
    field, wanted, negated = demand
    if isinstance(wanted, Words) and field is Field.STATE:
        return (_KNOWN in wanted.names) == negated
    if negated:
        return False
    if isinstance(wanted, Ports) and field is Field.DESTINATION_PORT:
        return wanted.last - wanted.first < _WIDE
    if isinstance(wanted, TcpFlags):
        return "SYN" in wanted.wanted
    return field in {Field.DESTINATION_PORT, Field.ICMP_TYPE} or (field is Field.PROTOCOL and wanted in _ICMP)
