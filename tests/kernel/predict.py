"""What the tracer says about a packet under some rules, as chances of outcomes that can be compared with what the kernel does.

Rules that count packets (nth, limit) and lists of addresses (recent) depend on what came before. Here they are not open questions: the
memory of a case counts along, in the order in which the walk looks at the rules, as the kernel does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from iptexplain.analysis.trace.fate import DROPPED, REJECTED
from iptexplain.analysis.trace.scene import BROADCAST, MULTICAST
from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.analysis.trace.walker import KernelWalker
from iptexplain.api import load, load_ipset, load_node
from iptexplain.extensions import binding
from iptexplain.extensions.matches.limit import Limit
from iptexplain.extensions.matches.owner import Owner
from iptexplain.extensions.matches.recent import Recent
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.inputs.node import compose
from iptexplain.inputs.packets import make_packet
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.packet import ICMP, ICMPV6, RELATED, WITH_PORTS
from tests.kernel.oracle import GONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iptexplain.analysis.trace.fate import Fate
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Match, Question
    from iptexplain.model.packet import Packet
    from iptexplain.model.ruleset import Dump, Rule
    from tests.kernel.oracle import Outcome

BYPASSED = "4"
"""The number of the queue whose rules say --queue-bypass; behind others without a program, packets are dropped."""


class OpenError(Exception):
    """The prediction rests on assumptions, though the node and the packet are known."""


class Key(NamedTuple):
    """What is compared of an outcome: of a packet that gets on how it does; of another one where it ends, and what its sender is told.

    `sport` None: the kernel draws it.
    """

    outcome: str
    where: str
    reject: str | None
    oif: str | None = None
    dst: str = ""
    dport: int = 0
    src: str = ""
    sport: int | None = 0
    mark: int = 0
    dnat: bool = False
    snat: bool = False


def seen(outcome: Outcome) -> Key:
    """The key of what the kernel did."""
    ended = _ended(outcome.outcome, outcome.where, outcome.reject)
    found = outcome
    return ended or Key(
        found.outcome, "", None, found.oif, found.dst, found.dport, found.src, found.sport, found.mark, found.dnat, found.snat
    )  # fmt: skip


def _ended(outcome: str, where: str, reject: str | None) -> Key | None:
    if outcome not in GONE:
        return None
    return Key(outcome, where if outcome in {DROPPED, REJECTED} else "", reject if outcome == REJECTED else None)


class _Nth:
    """Every n-th packet that comes here, the first one being number 0."""

    def __init__(self, every: int, packet: int) -> None:
        self.every, self.packet, self.count = every, packet, 0

    def holds(self, _: object) -> bool:
        self.count += 1
        return (self.count - 1) % self.every == self.packet


class _Limit:
    """The first packets that come here; no time passes."""

    def __init__(self, burst: int) -> None:
        self.burst = burst

    def holds(self, _: object) -> bool:
        self.burst -= 1
        return self.burst >= 0


class _List:
    """A list of addresses, and what a rule does with it."""

    def __init__(self, rule: Recent, entries: set[int], mask: int) -> None:
        if rule.hitcount or rule.rttl:
            raise NotImplementedError
        self.rule, self.entries, self.mask = rule, entries, mask

    def holds(self, address: Address) -> bool:
        value = address.value & self.mask
        listed = value in self.entries
        if self.rule.set is not None:
            self.entries.add(value)
            return True
        if self.rule.remove is not None:
            self.entries.discard(value)
        return listed


class _Noted:
    """Takes note that a rule that draws was looked at."""

    def __init__(self, note: Callable[[], None]) -> None:
        self.note = note

    def holds(self, _: object) -> bool:
        self.note()
        return True


class _Walker(KernelWalker):
    """Walks as `KernelWalker`, and lets rules remember."""

    def __init__(self, dump: Dump, name: str, predictor: Predictor, answer: Callable[[Question], bool | None]) -> None:
        super().__init__(next(table for table in dump.tables if table.name == name), answer, nft=dump.backend != "legacy")
        self.predictor = predictor
        self.remembering: dict[int, Sequence[binding.Test]] = {}

    def tests(self, rule: Rule) -> Sequence[binding.Test]:
        found = self.remembering.get(rule.index)
        if found is None:
            plain = super().tests(rule)
            found = [self._test(match, test) for match, test in zip(binding.matches(rule), plain, strict=True)]
            self.remembering[rule.index] = found
        return found

    def _test(self, match: Match, test: binding.Test) -> binding.Test:
        """The test of a match; of one that remembers, a test that does so each time it is looked at."""
        if isinstance(match, Limit):
            constraint = Constraint(Field.TTL, self.predictor.counting(_Limit(match.burst)))
        elif isinstance(match, Statistic) and match.every is not None:
            negated = match.every.negated
            constraint = Constraint(Field.TTL, self.predictor.counting(_Nth(match.every.value, match.packet or 0)), negated)
        elif isinstance(match, Recent):
            asked = match.set or match.rcheck or match.update or match.remove
            entries, mask = self.predictor.lists.setdefault(match.name, set()), self.predictor.masks[match.name]
            field = Field.DESTINATION if match.rdest else Field.SOURCE
            constraint = Constraint(field, self.predictor.counting(_List(match, entries, mask)), asked is not None and asked.negated)
        elif isinstance(match, Statistic):
            return test._replace(constraints=(*test.constraints, Constraint(Field.TTL, _Noted(self.predictor.note_drawn))))
        else:
            return test
        return binding.Test((constraint,), ())


def _masks(dump: Dump) -> dict[str, int]:
    """The mask of each list: that of the first rule that names it (net/netfilter/xt_recent.c, `recent_mt_check`)."""
    found: dict[str, int] = {}
    for match in (match for table in dump.tables for rule in table.rules for match in binding.matches(rule)):
        if isinstance(match, Recent):
            found.setdefault(match.name, -1 if match.mask is None else match.mask.value)
    return found


class Predictor:
    """Predicts packet after packet of one case. `dump` is what iptables-save prints, `node` the JSON of `--node`.

    `answered`: what the node answers passes its own OUTPUT and counts there.
    """

    def __init__(self, dump: str, node: Mapping[str, Any], sets: str = "", *, answered: bool = False) -> None:
        (found,) = load(dump.encode()).dumps
        self.lists: dict[str, set[int]] = {}
        self.masks = _masks(found)
        self.counts = self.drawn = self.unsure = False
        self.answered = answered
        known = compose(load_node(json.dumps(node).encode()), sets=load_ipset(sets.encode(), may_be_empty=True))
        self.tracer = Tracer(found, known, answer=self.answer)
        for name in self.tracer.walkers:
            self.tracer.walkers[name] = _Walker(found, name, self, self.answer)

    def counting(self, wanted: Any) -> Any:  # noqa: ANN401 - anything that holds something
        """What a rule that remembers asks; takes note that there is one."""
        self.counts = True
        return wanted

    def note_drawn(self) -> None:
        """A rule that draws was looked at."""
        self.drawn = True

    @staticmethod
    def answer(question: Question) -> bool | None:
        """What the caller knows: the packets of the node are sent by root through a socket, and no program listens to any queue."""
        owner = question.text.fields.get("wanted")
        if isinstance(owner, Owner):
            ids = all((given.value.first <= 0) is not given.negated for given in (owner.user, owner.group) if given is not None)
            return ids and (owner.socket_exists is None or not owner.socket_exists.negated)
        if question.kind == "queue":
            return f"{question.text.fields['number']}" == BYPASSED
        return None

    def predict(self, packet: Mapping[str, Any]) -> dict[Key, float]:
        """The chances of a packet, given as its JSON. Raises OpenError.

        NotImplementedError: what rules remember depends on what was drawn before.
        """
        if self.unsure:
            raise NotImplementedError
        self.drawn = False
        made = make_packet(dict(packet))
        fates = self.tracer.trace(made).fates
        open_ = sorted({question.text.english() for fate in fates for question, _ in fate.answers})
        if open_:
            raise OpenError("; ".join(open_))
        # A copy of what the node sends to many comes back in, and meets rules too.
        copied = made.input is None and self.tracer.ground.type_of(made.destination) in {BROADCAST, MULTICAST}
        answered = self.answered and fates[0].outcome in GONE - {DROPPED}
        self.unsure = self.counts and (len(fates) > 1 or self.drawn or answered or copied)
        if self.unsure and (len(fates) > 1 or self.drawn):
            raise NotImplementedError
        found: dict[Key, float] = {}
        for fate in fates:
            key = predicted(fate, made)
            found[key] = found.get(key, 0.0) + float(fate.share)
        return found


def predicted(fate: Fate, packet: Packet) -> Key:
    """The key of what the tracer says."""
    ended = _ended(fate.outcome, fate.where, fate.reject)
    if ended is not None:
        return ended
    ported = packet.protocol in {*WITH_PORTS, ICMP, ICMPV6} and packet.connection != RELATED
    sport = fate.source_port if ported else 0
    ends = str(fate.destination), fate.destination_port or 0, str(fate.source), sport
    return Key(fate.outcome, "", None, fate.output, *ends, fate.mark, fate.dnat, fate.snat)


__all__ = ["BYPASSED", "Key", "OpenError", "Predictor", "predicted", "seen"]
