"""Where a packet's way through the rules of a table ends, as far as the rules prove it.

Of the packet only some things are known. Where the answer of a rule depends on anything else, its way is not known from there on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iptexplain.extensions import binding
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.model.address import AddressRange, Network
from iptexplain.model.matching import Field, Jump, Reject, Translate, Verdict
from iptexplain.model.values import Mark, PortList, Ports, Words
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from iptexplain.lint.subject import Subject
    from iptexplain.model.matching import Constraint
    from iptexplain.model.ruleset import Rule, Table

    Known = Mapping[Field, Any]

MOST = 50
"""So many endpoints are looked at."""

_DEEPEST = 16
"""So many chains may call each other."""


class End(NamedTuple):
    """How a packet's way ends: at a rule, or at the rule that leads to one of the chains that were looked for."""

    rule: Rule
    reached: bool

    @property
    def accepts(self) -> bool:
        """Is the packet accepted there, in a built-in chain also by RETURN."""
        return not self.reached and binding.effect(self.rule) in {Verdict.ACCEPT, Verdict.RETURN}

    @property
    def refuses(self) -> bool:
        """Is the packet dropped there."""
        effect = binding.effect(self.rule)
        return not self.reached and (effect is Verdict.DROP or isinstance(effect, Reject))


class _UnknownError(Exception):
    """Nobody can tell which way the packet takes."""


def course(table: Table, start: str, known: Known, looked_for: Collection[str]) -> End | None:
    """Where a packet ends that comes to a built-in chain; None if that is not known, or it is the policy that decides."""
    try:
        return _through(table, start, known, looked_for, 0)
    except _UnknownError:
        return None


def _through(table: Table, chain: str, known: Known, looked_for: Collection[str], depth: int) -> End | None:
    """None: the packet comes back from the chain."""
    if depth > _DEEPEST:
        raise _UnknownError
    for rule in table.rules_of(chain):
        meets = None if rule.shape.strange else _meets(rule, known)
        effect = binding.effect(rule)
        if meets is False or (effect is Verdict.CONTINUE and not rule.shape.strange):
            continue
        if meets is None:
            raise _UnknownError
        if isinstance(effect, (Reject, Translate)) or effect in {Verdict.ACCEPT, Verdict.DROP}:
            return End(rule, reached=False)
        if effect is Verdict.RETURN:
            return None if depth else End(rule, reached=False)
        if not isinstance(effect, Jump):
            raise _UnknownError
        if effect.chain in looked_for:
            return End(rule, reached=True)
        end = _through(table, effect.chain, known, looked_for, depth + 1)
        if end is not None or effect.goto:
            return end
    return None


def _meets(rule: Rule, known: Known) -> bool | None:
    """Does the packet match, None if that is not known."""
    sure = True
    for test in binding.tests(rule):
        for constraint in test.constraints:
            answer = _answer(constraint, known)
            if answer is False:
                return False
            sure = sure and answer is True
        sure = sure and not test.branches
    return True if sure else None


def _answer(constraint: Constraint, known: Known) -> bool | None:
    field, wanted, negated = constraint
    value = known.get(field)
    holds: bool | None = None
    if value is None:
        return None
    if isinstance(value, Network):
        if isinstance(wanted, Network) and wanted.family == value.family:
            holds = True if wanted.covers(value) else (None if wanted.meets(value) else False)
    elif isinstance(wanted, Words):
        holds = bool({*wanted.names} & value)
    elif isinstance(wanted, Mark):
        if (wanted.value ^ value.value) & wanted.mask & value.mask:
            holds = False
        elif not wanted.mask & ~value.mask:
            holds = True
    elif isinstance(wanted, str):
        holds = wanted == value
    elif isinstance(wanted, (AddressRange, Network, PortList, Ports)):
        holds = wanted.holds(value)
    return None if holds is None else holds is not negated


def common_end(table: Table, start: str, packets: Iterable[Known], looked_for: Collection[str]) -> End | None:
    """Where all of some packets end, None if that is not known or not one rule, or there are no packets."""
    found: End | None = None
    for packet in packets:
        end = course(table, start, packet, looked_for)
        if end is None or end.reached or (found is not None and found.rule.index != end.rule.index):
            return None
        found = end
    return found


def sent(subject: Subject, most: int) -> list[dict[Field, Any]]:
    """What is known of marked packets that nat has just sent to endpoints in the network of the Pods: at most so many endpoints.

    Empty where the rules do not tell the Pods' network or the mark.
    """
    proxy, nat = subject.proxy, subject.table("nat")
    pods = proxy.local_detector.network if proxy is not None and proxy.local_detector is not None else None
    if proxy is None or nat is None or pods is None or proxy.masquerade_mark is None or layout.MARK_MASQUERADE not in subject.jumps("nat"):
        return []
    bits = proxy.masquerade_mark.mask
    found: list[dict[Field, Any]] = []
    for chain in endpoint_chains(subject):
        rule = nat.rules[chain.places[chain.dnat[0]]] if len(chain.dnat) == 1 else None
        endpoint = _endpoint(rule) if rule is not None else None
        if endpoint is not None and pods.holds(endpoint[Field.DESTINATION]):
            found.append({**endpoint, Field.MARK: Mark(bits, bits), Field.STATE: frozenset({"NEW", "DNAT"})})
            if len(found) == most:
                break
    return found


def _endpoint(rule: Rule) -> dict[Field, Any] | None:
    effect = binding.effect(rule)
    to = effect.to if isinstance(effect, Translate) else None
    asked = [one.wanted for test in binding.tests(rule) for one in test.constraints if one.field is Field.PROTOCOL]
    if to is None or to.first is None or to.first_port is None or len(asked) != 1:
        return None
    return {Field.DESTINATION: to.first, Field.PROTOCOL: asked[0], Field.DESTINATION_PORT: to.first_port}


def asked_by(rule: Rule) -> dict[Field, Any] | None:
    """What is known of the packets that a rule is about: one address, one protocol, one port; None if it does not say that."""
    found: dict[Field, Any] = {}
    for test in binding.tests(rule):
        for field, wanted, negated in test.constraints:
            if negated or test.branches:
                return None
            if field is Field.DESTINATION and isinstance(wanted, Network) and wanted.single is not None:
                found[field] = wanted.single
            elif field is Field.PROTOCOL and isinstance(wanted, str):
                found[field] = wanted
            elif field is Field.DESTINATION_PORT and getattr(wanted, "first", None) == getattr(wanted, "last", ()):
                found[field] = getattr(wanted, "first", None)
            else:
                return None
    whole = {Field.DESTINATION, Field.PROTOCOL, Field.DESTINATION_PORT}
    return {**found, Field.STATE: frozenset({"NEW"})} if whole <= set(found) else None


def accepted_before(subject: Subject, chain: str, known: Known) -> Iterator[tuple[Rule, Rule]]:
    """The rules of FORWARD that accept what a chain of filter refuses, before it comes there; each with the first rule that refuses it.

    `known` is what is known of the packets beside where they go to. Only the first rules of the chain are looked at.
    """
    filter_ = subject.table("filter")
    if filter_ is None or chain not in subject.jumps("filter"):
        return
    seen: set[int] = set()
    for at in filter_.places_of(chain)[:MOST]:
        rule = filter_.rules[at]
        packet = asked_by(rule) if rule.target_name in {"DROP", "REJECT"} and not rule.shape.strange else None
        end = course(filter_, "FORWARD", {**packet, **known}, {chain}) if packet is not None else None
        if end is not None and end.rule.target_name == "ACCEPT" and end.rule.index not in seen:
            seen.add(end.rule.index)
            yield end.rule, rule
