"""Which rules the traffic meets that kube-proxy has marked for masquerade, between the rules that mark it and KUBE-POSTROUTING.

Such a packet is the first of a connection, has the mark, and nat has sent it to an endpoint: what contradicts this, it does not meet.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends
from iptexplain.extensions import binding
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.model.matching import Field, Jump, Translate, Verdict
from iptexplain.model.values import Mark, Words
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table

_STATES = frozenset({"NEW", "DNAT"})
"""The connection states of a packet that nat has just sent to an endpoint."""

_OF_ENDPOINT = (Field.PROTOCOL, Field.DESTINATION, Field.DESTINATION_PORT)


class _Endpoint(NamedTuple):
    """Where marked packets go. None: not known."""

    protocol: str | None
    address: Address | None
    port: int | None


class MarkedTraffic:
    """See the module. `bits` are those of the mark."""

    def __init__(self, subject: Subject, nat: Table, bits: int) -> None:
        """`nat` is the dump's table of that name; `bits` has at least one."""
        self.bits = bits
        self._nat = nat
        self._subject = subject
        self._sent: dict[tuple[Constraint, ...], bool] = {}

    @property
    def masquerade(self) -> Sequence[Rule]:
        """The rules of KUBE-POSTROUTING."""
        return self._nat.rules_of(layout.POSTROUTING)

    def met(self, table: Table, start: str, *, whatever_mark: bool = False) -> frozenset[int]:
        """The places of the rules that marked packets may meet and match, from a built-in chain on.

        `whatever_mark`: what the rules ask of the mark is passed over.
        """
        found: set[int] = set()
        seen = {start}
        waiting = [start]
        while waiting:
            for rule in self._passed(table, waiting.pop()):
                if not self._may_match(rule, whatever_mark=whatever_mark):
                    continue
                found.add(rule.index)
                effect = binding.effect(rule)
                if isinstance(effect, Jump) and effect.chain not in seen and effect.chain != layout.POSTROUTING:
                    seen.add(effect.chain)
                    waiting.append(effect.chain)
        return frozenset(found)

    def _passed(self, table: Table, chain: str) -> Iterator[Rule]:
        """The rules of a chain up to one that no marked packet passes."""
        for rule in table.rules_of(chain):
            yield rule
            if self._must_match(rule) and (ends(rule) or self._takes(table, rule)):
                return

    def _takes(self, table: Table, rule: Rule) -> bool:
        """Does a rule lead to a chain that marked packets do not come back from: KUBE-POSTROUTING, or one that accepts them."""
        target = rule.target_name or ""
        accepts = (one for one in table.rules_of(target) if binding.effect(one) is Verdict.ACCEPT)
        return target == layout.POSTROUTING or any(self._must_match(one) for one in accepts)

    def _must_match(self, rule: Rule) -> bool:
        """Does every marked packet match, since the rule asks for nothing but the mark."""
        tests = binding.tests(rule)
        return all(not test.branches and all(map(self._holds, test.constraints)) for test in tests)

    def _holds(self, constraint: Constraint) -> bool:
        field, wanted, negated = constraint
        return field is Field.MARK and isinstance(wanted, Mark) and not wanted.mask & ~self.bits and wanted.holds(self.bits) is not negated

    def _may_match(self, rule: Rule, *, whatever_mark: bool) -> bool:
        """Is it not proven that no marked packet matches."""
        constraints = [constraint for test in binding.tests(rule) for constraint in test.constraints]
        if not whatever_mark and not all(self._may_have(one) for one in constraints if one.field is Field.MARK):
            return False
        if not all(_may_be_in(one) for one in constraints if one.field is Field.STATE):
            return False
        asked = tuple([one for one in constraints if one.field in _OF_ENDPOINT])
        if asked not in self._sent:
            self._sent[asked] = any(all(_may_go(one, endpoint) for one in asked) for endpoint in self._endpoints)
        return self._sent[asked]

    def _may_have(self, constraint: Constraint) -> bool:
        """May a packet with the bits meet a demand for a mark."""
        _, wanted, negated = constraint
        if isinstance(wanted, Mark) and negated:
            return bool(wanted.mask & ~self.bits) or not wanted.holds(self.bits)
        return not isinstance(wanted, Mark) or not (wanted.value ^ self.bits) & wanted.mask & self.bits

    @cached_property
    def _endpoints(self) -> Sequence[_Endpoint]:
        """Where kube-proxy's rules send packets."""
        found: set[_Endpoint] = set()
        for chain in endpoint_chains(self._subject):
            for at in chain.dnat:
                rule = self._nat.rules[chain.places[at]]
                effect = binding.effect(rule)
                to = effect.to if isinstance(effect, Translate) else None
                asked = [one.wanted for test in binding.tests(rule) for one in test.constraints if one.field is Field.PROTOCOL]
                protocol = asked[0] if asked and isinstance(asked[0], str) else None
                found.add(_Endpoint(protocol, to.first if to is not None else None, to.first_port if to is not None else None))
        return tuple(found)


def _may_be_in(constraint: Constraint) -> bool:
    """May the first packet of a connection to an endpoint meet a demand for a connection state."""
    _, wanted, negated = constraint
    return not isinstance(wanted, Words) or bool(_STATES & {*wanted.names}) is not negated


def _may_go(constraint: Constraint, endpoint: _Endpoint) -> bool:
    """May a packet to an endpoint meet a demand for its protocol, its address or its port."""
    field, wanted, negated = constraint
    if field is Field.PROTOCOL:
        return endpoint.protocol is None or not isinstance(wanted, str) or (wanted == endpoint.protocol) is not negated
    value = endpoint.address if field is Field.DESTINATION else endpoint.port
    holds = getattr(wanted, "holds", None)
    answer = holds(value) if holds is not None and value is not None else None
    return answer is None or bool(answer) is not negated
