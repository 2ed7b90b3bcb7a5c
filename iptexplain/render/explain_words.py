"""The words around the sentences on rules: hooks, chains with what they are for, comments, owners, where a rule comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain import reading
from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment
from iptexplain.model.matching import Reject, Verdict
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.share import percent
from iptexplain.named import NamedTuple
from iptexplain.owners import makers
from iptexplain.owners.kube_proxy.origin import origin
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.analysis.explain.owned import Owned, Owners
    from iptexplain.analysis.explain.reading import Item, Opened, Told
    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.ruleset import Dump
    from iptexplain.owners.kube_proxy.origin import Origin
    from iptexplain.source import Message


class Known(NamedTuple):
    """What the words may know of the dump: the `setting` of its rules. `origins`: say where rules come from."""

    setting: Setting
    origins: bool = False

    def origin(self, item: Told) -> Origin | None:
        """Where a rule comes from, None if that is not known. kubelet writes rules also where there is no kube-proxy."""
        proxy = self.setting.proxy
        versions, mode = (None, None) if proxy is None else (proxy.versions, proxy.mode)
        return origin(item.table, item.rule, versions, mode)


class Page(NamedTuple):
    """What is told of one dump: the `items` in their order.

    `unread` are the lines of the dump that were not understood; `several`: other dumps are told too; `others` are tables with rules that
    are not told and may stop the packets that are told of.
    """

    file: str
    dump: Dump
    items: Iterable[Item]
    known: Known
    unread: tuple[int, ...] = ()
    several: bool = False
    others: tuple[str, ...] = ()


def which(page: Page) -> Message:
    """Which dump it is, where there are several."""
    family = {"ipv4": verbatim("IPv4"), "ipv6": verbatim("IPv6")}.get(page.dump.family or "", message("address family unknown"))
    text = N_("{file} ({family}, {backend})") if page.dump.backend is not None else N_("{file} ({family})")
    file = message("standard input") if page.file == "-" else verbatim(page.file)
    return message(text, file=file, family=family, backend=page.dump.backend)


_MOST_LINES = 5
"""So many lines that were not understood are named."""


def notes(page: Page) -> Iterator[Message]:
    """What of the dump is missing, so that it cannot be told."""
    if page.unread:
        lines = ", ".join(map(str, page.unread[:_MOST_LINES])) + (", …" if len(page.unread) > _MOST_LINES else "")
        yield message("not understood, and so not told: lines {lines}", lines=lines)
    if not page.dump.complete:
        yield message("the dump is cut off: rules are missing at its end")


class More(NamedTuple):
    """So many rules more, in lines `first` to `last`, do for their endpoints what the ones before do; `share`: each takes so much."""

    rules: int
    first: int
    last: int
    depth: int
    share: str | None


_FEW, _SHOWN = 6, 2
"""More rules than `_FEW` that do the same for their endpoints are told by their first `_SHOWN`."""


def shortened(items: Iterable[Item]) -> Iterator[Item | More]:
    """The items that are shown: no hook where nothing is met; of many rules in a row that do the same for endpoints the first ones."""
    row: list[Told] = []
    hook: reading.Hook | None = None
    for item in items:
        alike = isinstance(item, reading.Told) and item.folded is not None and item.folded.like > 0
        if row and not (alike and isinstance(item, reading.Told) and _kind(item) == _kind(row[0])):
            yield from _row(row)
            row = []
        if isinstance(item, reading.Hook):
            hook = item
            continue
        if hook is not None:
            yield hook
            hook = None
        if alike and isinstance(item, reading.Told):
            row.append(item)
        else:
            yield item
    yield from _row(row)


def _kind(item: Told) -> tuple[object, ...]:
    """What is equal for rules that can be told together: their chain, the words, and the share that each takes."""
    drawn = item.sentence.drawn
    return item.table, item.rule.chain, None if drawn is None else percent(float(drawn.share))


def _row(row: Sequence[Told]) -> Iterator[Item | More]:
    """Rules in a row that do the same."""
    if len(row) <= _FEW:
        yield from row
        return
    yield from row[:_SHOWN]
    rest, drawn = row[_SHOWN:], row[0].sentence.drawn
    share = None if drawn is None else percent(float(drawn.share))
    yield More(len(rest), rest[0].rule.line, rest[-1].rule.line, row[0].depth, share)


def other_tables(page: Page) -> Message | None:
    """That rules of other tables, which are not told, may stop the packets; None if there are no such rules."""
    if not page.others:
        return None
    tables = all_of([verbatim(table) for table in page.others])
    text = N_("other rules and policies of {tables} may stop or change these packets: `iptexplain trace` follows one of them")
    return message(text, tables=tables)


def more_words(more: More | None) -> Message:
    """How many more rules do the same; None: there is nothing to tell."""
    if more is None:
        return message("nothing in this dump fits")
    text = N_("{count} more in lines {first} to {last} likewise (-v tells each)")
    if more.share is not None:
        text = N_("{count} more in lines {first} to {last} likewise, {share} each (-v tells each)")
    return message(text, count=more.rules, first=more.first, last=more.last, share=more.share)


_HOOKS = {
    "PREROUTING": message("PREROUTING: a packet has come in"),
    "INPUT": message("INPUT: it is for this node itself"),
    "FORWARD": message("FORWARD: it goes on to somewhere else (a Pod, another node)"),
    "OUTPUT": message("OUTPUT: this node itself sends a packet"),
    "POSTROUTING": message("POSTROUTING: a packet is about to leave"),
    reading.NOWHERE: message("Chains that no rule leads to"),
}


def hook_words(name: str, page: Page) -> Message | None:
    """What is met at a hook, or in its place; None where nothing needs to be said."""
    if name == reading.NOWHERE and not any(table.line for table in page.dump.tables):
        return message("Rule lines alone: what leads to these chains was left out")
    return _HOOKS.get(name)


def about(found: Sequence[Owned]) -> Message:
    """Who owns how many chains and rules."""
    if not found:
        return message("no rules")
    return all_of([_owned(one) for one in found])


def who(found: Sequence[Owned], owners: Owners) -> Iterator[Message]:
    """What the programs are that own chains, for those who never heard of them."""
    for one in found:
        what = owners.what(one.owner)
        if what is not None:
            yield message("{owner}: {what}", owner=one.owner, what=what)


def _owned(one: Owned) -> Message:
    """One owner; what is nobody's at last."""
    rules = message("1 rule") if one.rules == 1 else message("{count} rules", count=one.rules)
    chains = message("1 chain") if one.chains == 1 else message("{count} chains", count=one.chains)
    owner = verbatim(one.owner) if one.owner else message("no known program")
    return message("{owner}: {rules} in {chains}" if one.chains else "{owner}: {rules}", owner=owner, rules=rules, chains=chains)


_CHAINS = {
    (False, False): N_("{table} {chain}"),
    (True, False): N_("{table} {chain} ({whose})"),
    (False, True): N_("{table} {chain}: {purpose}"),
    (True, True): N_("{table} {chain} ({whose}): {purpose}"),
}
"""The line above a chain, by whether it is known whose it is and what for."""


def chain_words(item: Opened, known: Known) -> Message:
    """A chain: its name, whose it is, what it is for; and how many of its rules are told, if these are not all."""
    said = _chain(item, known)
    if item.told < item.rules:
        return message("{chain} - {told} of its {rules} rules", chain=said, told=item.told, rules=item.rules)
    return said if item.rules or item.chain in BUILT_IN else message("{chain} (no rules)", chain=said)


def _chain(item: Opened, known: Known) -> Message:
    if item.chain in BUILT_IN:
        text = N_("{table} {chain}, policy {policy}") if item.rules else N_("{table} {chain}, no rules, policy {policy}")
        if item.policy is None:
            text = N_("{table} {chain} (first packets of connections only)") if item.table == "nat" else N_("{table} {chain}")
        elif item.table == "nat" and item.rules:
            text = N_("{table} {chain} (first packets of connections only), policy {policy}")
        return message(text, table=item.table, chain=item.chain, policy=item.policy)
    owner = known.setting.owners.of_chain(item.table, item.chain)
    purpose = None if owner is None else owner.purpose(item.chain, item.table)
    service = known.setting.service_of(item.chain)
    whose = service if service is not None else None if owner is None else owner.name
    return message(_CHAINS[whose is not None, purpose is not None], table=item.table, chain=item.chain, whose=whose, purpose=purpose)


def rule_words(item: Told) -> Message:
    """The sentence on a rule, and what of the chain it leads to is not told below it."""
    said = item.sentence.text
    if item.loop:
        return message("{sentence} (round in a circle: that chain leads here)", sentence=said)
    if item.again:
        return message("{sentence} (told above)", sentence=said)
    if item.folded is not None:
        first, last, like = item.folded
        return message(_FOLDED[first != last, like > 0], sentence=said, chain=item.rule.target_name, first=first, last=last, like=like)
    return said


_FOLDED = {
    (False, False): N_("{sentence} ({chain}, line {first})"),
    (True, False): N_("{sentence} ({chain}, lines {first} to {last})"),
    (False, True): N_("{sentence} ({chain}, line {first}, like line {like})"),
    (True, True): N_("{sentence} ({chain}, lines {first} to {last}, like line {like})"),
}
"""By whether the chain that is not told has more than one line, and whether it does what another chain does."""


def remark(item: Told, known: Known) -> Message | None:
    """The comment of a rule, if it says something that the sentence does not.

    kube-proxy's comments name the Service, as the sentence does; where traffic ends they say why. Those of Calico are hashes.
    """
    said = comment(item.rule)
    if not said or said.startswith(_HASHES):
        return None
    owner, ends = known.setting.owners.of_rule(item.table, item.rule), binding.effect(item.rule)
    telling = ends is Verdict.DROP or isinstance(ends, Reject) or item.rule.shape.target is None
    if owner in makers.KUBE and not (known.origins or telling):
        return None
    return message('"{comment}"', comment=said)


_HASHES = "cali:"
"""How Calico's comments begin that are marks for itself (felix/iptables/table.go)."""


def origin_words(item: Told, known: Known) -> Iterator[Message]:
    """Where one of kube-proxy's rules comes from, if that is wanted and known."""
    found = known.origin(item) if known.origins else None
    if found is not None:
        text = _ORIGINS[bool(found.since), bool(found.until)]
        yield message(text, function=found.function, since=found.since, until=found.until, why=message(found.why))


_ORIGINS = {
    (False, False): N_("written by {function}: {why}"),
    (True, False): N_("written by {function}, from Kubernetes {since} on: {why}"),
    (False, True): N_("written by {function}, up to Kubernetes {until}: {why}"),
    (True, True): N_("written by {function}, from Kubernetes {since} to {until}: {why}"),
}
"""By whether the first version is known, and whether there is a last one."""
