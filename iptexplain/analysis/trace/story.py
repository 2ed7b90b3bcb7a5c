"""What is worth telling of a packet's way, stage by stage. What a stage comes to is an `Item`; render makes the sentences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.analysis.trace.fate import ARRIVES, SENT, UNKNOWN, Arrived, Ended, Enters, Policy, Routed, Translated
from iptexplain.analysis.trace.way import decides, stages, steps
from iptexplain.extensions import binding
from iptexplain.model.matching import Queue, SetMark, Untrack, Verdict
from iptexplain.model.packet import UNSAID
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.trace.fate import Fate
    from iptexplain.analysis.trace.way import Stage, Step
    from iptexplain.analysis.trace.whose import Entry, Whose
    from iptexplain.model.matching import Effect
    from iptexplain.model.packet import Packet
    from iptexplain.model.ruleset import Rule

MASQUERADE, DROP, NO_DROP, OTHER = "masquerade", "drop", "no drop", "other"
"""What a mark is for. `NO_DROP`: it is for dropping, but the chain that would set it has no rules (kubelet has not written them)."""


class Arrival(NamedTuple):
    """The packet meets the node, coming from outside by an interface (None: not known), or from a process of its own (`sent`).

    `loop`: it comes back in by lo.
    """

    sent: bool
    loop: bool = False
    interface: str | None = None


class Serves(NamedTuple):
    """The packet is to a Service. `local` says that only endpoints on this node are used."""

    entry: Entry
    local: bool


class Marked(NamedTuple):
    """A rule marks the packet for a `purpose`. `by` is the rule that says which packets are marked."""

    rule: Rule
    purpose: str
    by: Rule


class Untracked(NamedTuple):
    """A rule takes the packet out of connection tracking."""

    rule: Rule


class Changed(NamedTuple):
    """An address changes. `rule` did it; None: the connection is translated so already. `marked`: because of kube-proxy's mark."""

    event: Translated
    rule: Rule | None
    marked: bool


class Unchanged(NamedTuple):
    """A nat table was passed that might have changed the `destination` or the `source`."""

    what: str


class Through(NamedTuple):
    """The packet gets through a table. `rule` accepts it, else the policy of `chain`. `owners` count the rules that it met on the way."""

    chain: str
    rule: Rule | None
    line: int
    owners: tuple[tuple[str | None, int], ...]


class Stopped(NamedTuple):
    """The packet ends here: by a `rule` that does `effect`, else by the policy of `chain`.

    `entry` says which Service it is to that has no endpoints.
    """

    chain: str
    rule: Rule | None
    line: int
    effect: Effect
    entry: Entry | None = None


Item = Arrival | Serves | Marked | Untracked | Changed | Unchanged | Through | Stopped | Routed | Ended


class Told(NamedTuple):
    """A stage: what it is about, what it comes to, and all its steps. `about` is `arrives`, `routing`, `end`, or the name of a table."""

    about: str
    hook: str
    items: tuple[Item, ...]
    steps: tuple[Step, ...]


class Story(NamedTuple):
    """One fate's stages; `cut`: some rules are left out. `key` is equal for fates of one group."""

    fate: Fate
    told: tuple[Told, ...]
    cut: bool
    key: object

    @property
    def sent(self) -> bool:
        """Is it the node's own packet, not yet come back in by lo."""
        arrivals = [item for told in self.told for item in told.items if isinstance(item, Arrival)]
        return [arrival.sent for arrival in arrivals] == [True]


def tell(fate: Fate, packet: Packet, whose: Whose) -> Story:
    """The story of one fate of a packet."""
    way, cut = steps(fate.trail)
    sent = _sent(packet, fate, [step.hook for step in way if isinstance(step, Enters)])
    teller = _Teller(whose, unknown=fate.outcome == UNKNOWN)
    every = stages(way)
    interface = next((step.interface for step in way if isinstance(step, Arrived)), None)
    told = [Told("arrives", "", (Arrival(sent, interface=interface),), ())]
    told += [
        one
        for number, stage in enumerate(every, 1)
        for one in teller.stage(stage, ends=number == len(every) and fate.outcome not in ARRIVES)
    ]
    keys = tuple([(one.about, one.hook, tuple([_key(item) for item in one.items])) for one in told])
    key = fate.outcome, fate.where, fate.reject, fate.dnat, fate.snat, keys
    return Story(fate, tuple(told), cut, key)


def _sent(packet: Packet, fate: Fate, hooks: Sequence[str]) -> bool:
    """Does the node itself send the packet. If nobody said so, its way tells."""
    if packet.input != UNSAID:
        return packet.input is None
    assumed = any(answer and question.about == ("local", packet.source) for question, answer in fate.answers)
    return fate.outcome == SENT or "OUTPUT" in {*hooks, fate.where} or (assumed and "PREROUTING" not in hooks)


def _key(item: Item) -> object:  # noqa: PLR0911 - one for each kind
    """What makes an item another one than that of another fate."""
    match item:
        case Serves(entry, local):
            return entry.rule.index, entry.chain, local
        case Marked(rule, purpose, by):
            return purpose, "its own" if by.chain.startswith(layout.ENDPOINT) else by.index, rule.index
        case Changed(event, rule, marked):
            return event.what, event.why, marked, event.before if event.what == "source" else None, rule is None
        case Through(chain, rule):
            return chain, rule is None
        case Stopped(chain, rule, line):
            return chain, line, None if rule is None else rule.index
        case Routed(local=local, again=again):
            return local, again
        case Untracked(rule):
            return rule.index
        case Arrival() | Unchanged() | Ended():
            return item


class _Teller:
    """Tells the stages of one way in order, and remembers what was told before."""

    def __init__(self, whose: Whose, *, unknown: bool) -> None:
        self._whose = whose
        self._unknown = unknown
        self._looped = False
        self._masqueraded = False

    def stage(self, stage: Stage, *, ends: bool) -> Iterator[Told]:
        """The stage, and before it that the packet comes back in. `ends`: it is the last one, of a packet that does not get on."""
        enters = stage.enters
        if enters is None:
            item = stage.steps[0]
            if isinstance(item, (Routed, Ended)):
                yield Told("routing" if isinstance(item, Routed) else "end", "", (item,), stage.steps)
            elif isinstance(item, Translated):
                hook = "PREROUTING" if item.what == "destination" else "POSTROUTING"
                yield Told("nat", hook, (Changed(item, None, marked=False),), stage.steps)
            return
        if enters.loop and not self._looped:
            self._looped = True
            yield Told("arrives", enters.hook, (Arrival(sent=False, loop=True),), ())
        yield Told(enters.table, enters.hook, tuple(self._items(enters, stage, ends=ends)), stage.steps)

    def _items(self, enters: Enters, stage: Stage, *, ends: bool) -> Iterator[Item]:
        rules = list(stage.rules())
        entry = None
        for number, rule in enumerate(rules):
            said = self._whose.entry(enters.table, rule)
            if said is not None:
                entry = entry or said
                if enters.table == "nat":
                    yield Serves(said, _only_local(rules[number:]))
            yield from self._marks(enters.table, rule)
        changes = [step for step in stage.steps if isinstance(step, Translated)]
        for change in changes:
            by = rules[-1] if rules and change.why else None
            yield Changed(change, by, marked=by is not None and by.chain == layout.POSTROUTING)
        if ends:
            yield self._stopped(enters, stage, rules, entry)
        elif enters.table == "nat" and not changes:
            yield Unchanged("destination" if enters.hook in {"PREROUTING", "OUTPUT"} else "source")
        elif enters.table == "filter" and rules and decides(rules[-1]):
            yield Through(rules[-1].chain, rules[-1], rules[-1].line, self._owners(rules[:-1]))
        elif enters.table == "filter":
            yield Through(enters.hook, None, 0, self._owners(rules))

    def _stopped(self, enters: Enters, stage: Stage, rules: Sequence[Rule], entry: Entry | None) -> Stopped:
        """How the last table ends the packet: by a policy, or by the last rule."""
        policy = next((step for step in stage.steps if isinstance(step, Policy)), None)
        if policy is not None:
            return Stopped(policy.chain, None, policy.line, policy.verdict)
        last = rules[-1] if rules else None
        if last is not None and (self._unknown or decides(last) or isinstance(binding.effect(last), Queue)):
            return Stopped(last.chain, last, last.line, binding.effect(last), entry)
        return Stopped(enters.hook, None, 0, Verdict.DROP)  # by a policy that the dump does not have

    def _marks(self, table: str, rule: Rule) -> Iterator[Item]:
        """What a rule marks; filter is full of marks that its own chains read again, so none of these is told."""
        target = rule.target_name
        if target in {layout.MARK_MASQUERADE, layout.MARK_DROP}:
            purpose = MASQUERADE if target == layout.MARK_MASQUERADE else DROP if self._whose.has_rules(table, target) else NO_DROP
            if purpose != MASQUERADE or not self._masqueraded:
                self._masqueraded = self._masqueraded or purpose == MASQUERADE
                yield Marked(rule, purpose, rule)
            return
        if table == "filter" or rule.chain in {layout.MARK_MASQUERADE, layout.MARK_DROP, layout.POSTROUTING}:
            return
        effect = binding.effect(rule)
        if isinstance(effect, SetMark):
            yield Marked(rule, OTHER, rule)
        elif type(effect) is Untrack:
            yield Untracked(rule)

    def _owners(self, rules: Sequence[Rule]) -> tuple[tuple[str | None, int], ...]:
        """How many rules of whom, most first."""
        return tuple(Counter(map(self._whose.owner_of, rules)).most_common())


def _only_local(rules: Sequence[Rule]) -> bool:
    """Does the last of the Service's chains that the rules lead to use nothing but endpoints on this node."""
    kinds = [found[1] for rule in rules if (found := SERVICE_CHAIN.match(rule.target_name or "")) and found[1] in layout.ENDPOINT_SET]
    return bool(kinds) and layout.ENDPOINT_SET[kinds[-1]] == "local"
