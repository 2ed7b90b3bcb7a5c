"""In which order the rules of a dump are told: as a packet meets them, hook by hook and down the jumps, or as they stand in the dump.

A chain is told where a packet first comes to it; what leads there again refers to it. Chains of endpoints that do the same as one told
before are folded into the rule that leads there, unless everything is wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.address import Network
from iptexplain.model.ruleset import BUILT_IN, ChainName
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from iptexplain.analysis.explain.sentence import Sentence, Sentences
    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.ruleset import Rule, Table

HOOKS = {
    "PREROUTING": ("raw", "mangle", "nat"),
    "INPUT": ("mangle", "filter", "security", "nat"),
    "FORWARD": ("mangle", "filter", "security"),
    "OUTPUT": ("raw", "mangle", "nat", "filter", "security"),
    "POSTROUTING": ("mangle", "nat"),
}
"""The hooks as a packet comes to them, and the tables of each by priority (netfilter_ipv4.h, `nf_ip_hook_priorities`)."""

_ORDER = {name: number for number, name in enumerate(("raw", "mangle", "nat", "filter", "security"))}
"""In which order a packet meets tables that have a chain of one name."""

NOWHERE = "nowhere"
"""In the place of a hook: chains that no rule of a built-in chain leads to."""

AS_DUMPED = "dump"
"""In the place of a hook: the order of the dump."""

CHOSEN = "chosen"
"""In the place of a hook: the chains that were asked for."""


class Hook(NamedTuple):
    """What follows is met at a hook; or `NOWHERE`, `AS_DUMPED`, `CHOSEN`. `idle` are tables whose chain there has no rules and accepts."""

    name: str
    idle: tuple[str, ...] = ()


class Opened(NamedTuple):
    """A chain whose rules follow, so many calls deep. `told` of its `rules` are told. `policy` None: user-defined, or not declared."""

    table: str
    chain: str
    line: int
    depth: int
    policy: str | None
    rules: int
    told: int


class Folded(NamedTuple):
    """A chain that is not told: its `first` and `last` line.

    It does for its endpoint what the chain that begins in line `like` does for another; 0: the sentence on the rule that leads there says
    all that it does.
    """

    first: int
    last: int
    like: int


class Told(NamedTuple):
    """A rule with its sentence. `again`: the chain that it leads to has been told before. `loop`: it is being told right now.

    `folded`: the chain that it leads to is not told.
    """

    table: str
    rule: Rule
    depth: int
    sentence: Sentence
    again: bool = False
    loop: bool = False
    folded: Folded | None = None


Item = Hook | Opened | Told


class Reading:
    """Tells the rules of one dump; `wanted` says which rules (None: all), `fold` whether chains that do the same are folded."""

    def __init__(
        self, setting: Setting, sentences: Sentences, wanted: Callable[[Table, Rule], bool] | None = None, *, fold: bool = True
    ) -> None:
        """See the class."""
        self._setting = setting
        self._sentences = sentences
        self._wanted = wanted
        self._fold = fold
        self._met: dict[tuple[str, str], Folded | bool] = {}  # chains that were met: how they are folded, or whether they are told
        self._forms: dict[tuple[str, ...], int] = {}

    def as_met(self, tables: Collection[str] | None = None) -> Iterator[Item]:
        """Hook by hook, of all tables or some; at the end the chains that no hook comes to."""
        dump = self._setting.dump
        for hook, order in HOOKS.items():
            here = [table for name in order if (table := dump.table(name)) is not None and (tables is None or name in tables)]
            busy = [table for table in here if table.rules_of(hook) or _refuses(table, hook)]
            yield Hook(hook, tuple([table.name for table in here if table not in busy and table.has_chain(hook)]))
            for table in busy:
                yield from self._chain(table, hook)
        yield Hook(NOWHERE)
        for table in dump.tables:
            if tables is None or table.name in tables:
                for chain in self._left(table):
                    yield from self._chain(table, chain)

    def _left(self, table: Table) -> Iterator[str]:
        """The chains of a table that were not told, those first that no other leads to."""
        names = [name for name in dict.fromkeys((*table.chains, *table.by_chain)) if (table.name, name) not in self._met]
        names = [name for name in names if name not in BUILT_IN or table.rules_of(name)]
        led = {on for name in names for rule in table.rules_of(name) if (on := self._setting.way_on(table, rule)) is not None}
        for name in (*[name for name in names if name not in led], *[name for name in names if name in led]):
            if (table.name, name) not in self._met:
                yield name

    def of_chains(self, chains: Iterable[str], tables: Collection[str] | None = None, *, follow: bool = True) -> Iterator[Item]:
        """Some chains, in each table that has them, and what they lead to if that is to be followed."""
        yield Hook(CHOSEN)
        for chain in chains:
            for table in sorted(self._setting.dump.tables, key=lambda one: _ORDER.get(one.name, len(_ORDER))):
                if table.has_chain(chain) and (tables is None or table.name in tables):
                    yield from self._chain(table, chain) if follow else self._alone(table, chain)

    def as_dumped(self, tables: Collection[str] | None = None) -> Iterator[Item]:
        """Table by table, each chain by itself, in the order of the dump."""
        yield Hook(AS_DUMPED)
        for table in self._setting.dump.tables:
            if tables is None or table.name in tables:
                for chain in dict.fromkeys((*table.chains, *table.by_chain)):
                    yield from self._alone(table, chain)

    def _alone(self, table: Table, chain: str) -> Iterator[Item]:
        """A chain without what it leads to."""
        rules = self._rules(table, chain)
        if rules or self._wanted is None:
            yield self._opened(table, chain, 0, rules)
            for rule in rules:
                yield Told(table.name, rule, 0, self._sentences.of(table, rule))

    def _rules(self, table: Table, chain: str) -> Sequence[Rule]:
        """The rules of a chain that are wanted."""
        every = table.rules_of(chain)
        return every if self._wanted is None else [rule for rule in every if self._wanted(table, rule)]

    def _opened(self, table: Table, chain: str, depth: int, rules: Sequence[Rule]) -> Opened:
        declared = table.chains.get(ChainName(chain))
        line, policy = (0, None) if declared is None else (declared.line, declared.policy)
        return Opened(table.name, chain, line, depth, policy, len(table.places_of(chain)), len(rules))

    def _chain(self, table: Table, first: str) -> Iterator[Item]:
        """A chain and all chains that it leads to, each where it is first met: a walk with its own stack, since dumps may be deep."""
        if (table.name, first) in self._met:
            return
        stack: list[tuple[str, Iterator[Rule]]] = []

        def enter(chain: str) -> Iterator[Item]:
            rules = self._rules(table, chain)
            told = bool(rules) or self._wanted is None
            self._met[table.name, chain] = told
            if told:
                yield self._opened(table, chain, len(stack), rules)
            stack.append((chain, iter(rules)))

        yield from enter(first)
        open_ = {first}
        while stack:
            chain, rules = stack[-1]
            rule = next(rules, None)
            if rule is None:
                stack.pop()
                open_.discard(chain)
                continue
            told = Told(table.name, rule, len(stack) - 1, self._sentences.of(table, rule))
            on = self._setting.way_on(table, rule)
            if on is None:
                yield told
            elif (table.name, on) in self._met:
                yield self._again(told, on, loop=on in open_)
            elif not table.rules_of(on):
                self._met[table.name, on] = False
                yield told
            elif (folded := self._same(table, on)) is not None:
                self._met[table.name, on] = folded
                yield told._replace(folded=folded)
            else:
                yield told
                open_.add(on)
                yield from enter(on)

    def _again(self, told: Told, chain: str, *, loop: bool) -> Told:
        """A rule that leads to a chain which was met before: what there is of it above."""
        if self._setting.marks_masquerade(told.table, chain) is not None:
            return told  # the sentence says all that the chain does
        met = self._met[told.table, chain]
        return told._replace(folded=met) if isinstance(met, Folded) else told._replace(again=met and not loop, loop=loop)

    def _same(self, table: Table, chain: str) -> Folded | None:
        """A chain that need not be told, None for others.

        That is the one that marks for masquerade, and an endpoint's that does the same as one told before but for its endpoint.
        """
        if not self._fold:
            return None
        rules = table.rules_of(chain)
        if self._setting.marks_masquerade(table.name, chain) is not None:
            return Folded(rules[0].line, rules[-1].line, 0)
        pod = self._setting.pod_of(chain) if chain.startswith(layout.ENDPOINT) else None
        if pod is None:
            return None
        own = (str(pod), str(Network.of(pod.first)) if pod.first is not None else chain, self._setting.service_of(chain) or chain, chain)
        form = tuple([_without(rule.text, own) for rule in rules])
        like = self._forms.setdefault(form, rules[0].line)
        return None if like == rules[0].line else Folded(rules[0].line, rules[-1].line, like)


def _without(text: str, own: Sequence[str]) -> str:
    """A rule without what only its chain has: the endpoint, its address, the names of the Service and of the chain."""
    for number, part in enumerate(own):
        text = text.replace(part, f"\0{number}")
    return text


def _refuses(table: Table, hook: str) -> bool:
    """Does a chain without rules do something: its policy is not to accept."""
    declared = table.chains.get(ChainName(hook))
    return declared is not None and declared.policy not in {None, "ACCEPT"}
