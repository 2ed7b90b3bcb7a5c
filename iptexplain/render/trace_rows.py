"""The way of a packet as rows: what the row is about, a sentence, and, for those who ask, the rules.

destination  10.109.35.24:80 is the ClusterIP of default/nginx (line 61)
becomes one of 3 Pods, 33.3 % each
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace import story
from iptexplain.analysis.trace.fate import FORWARDED, LOCAL, SENT, Ended, Policy, Routed
from iptexplain.analysis.trace.way import decides, policy
from iptexplain.extensions import binding
from iptexplain.model.matching import SetMark
from iptexplain.model.packet import WITH_PORTS
from iptexplain.model.ruleset import Rule
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.render import trace_reasons, trace_words, words
from iptexplain.render.words import Said
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.trace.fate import Fate
    from iptexplain.analysis.trace.groups import Group
    from iptexplain.analysis.trace.story import Item, Told
    from iptexplain.analysis.trace.whose import Whose
    from iptexplain.model.packet import Packet
    from iptexplain.render.trace_words import Ends
    from iptexplain.source import Message

RULE = "rule"
"""The tone of a row that is a rule of the dump."""

_ABOUT = {
    "arrives": message("arrives"),
    "routing": message("routing"),
    "end": message("ends"),
    "filter": message("filter"),
    "raw": message("raw"),
    "mangle": message("mangle"),
    "security": message("security"),
}
_SENT = message("sent")
_DESTINATION, _SOURCE = message("destination"), message("source")

_PLACES = {
    layout.CLUSTER_IP: N_("{place} is the ClusterIP of {service} (line {line})"),
    layout.EXTERNAL_IP: N_("{place} is an external IP of {service} (line {line})"),
    layout.LOAD_BALANCER: N_("{place} is the address of the load balancer of {service} (line {line})"),
    layout.NODE_PORT: N_("{place} is the node port of {service} (line {line})"),
    layout.OUTSIDE: N_("{place} is an external address of {service} (line {line})"),
}
_WHOLE = 0xFFFFFFFF
"""The bits of a mark."""

_SOME_PLACE = N_("{place} is served by {service} (line {line})")


class Row(NamedTuple):
    """What it is about, the text, and its tone (`render.words.Said`, or `RULE`)."""

    about: str
    text: str
    tone: str = "plain"


_COUNTABLE = 1_000_000
"""More ways than these are not told as a number."""


class Rows:
    """Makes the rows for the groups of one packet. `verbose`: with the rules, and with the tables that nothing happens in."""

    def __init__(self, packet: Packet, whose: Whose, *, verbose: bool) -> None:
        """See the class."""
        self._packet = packet
        self._whose = whose
        self._verbose = verbose

    def of(self, group: Group, ends: Ends) -> list[Row]:
        """The way of a group, from where it arrives to where it ends."""
        found: list[Row] = []
        for number, told in enumerate(group.first.told):
            label = self._label(told)
            said = [one for place in range(len(told.items)) for one in self._sentences(group, number, place, ends)]
            rules = [Row("", words.say(one), RULE) for one in self._rules(told)] if self._verbose else []
            if not said and rules:
                said = [Said(message("nothing happens"), "quiet")]
            found += [*(Row(label, words.say(one.message), one.tone) for one in said), *rules]
        ways = group.first.fate.paths
        if ways > 1:
            text = (
                N_("this is one of {count} ways to the same end") if ways <= _COUNTABLE else N_("there are very many ways to the same end")
            )
            found.append(Row("", words.say(message(text, count=ways)), "quiet"))
        if group.first.cut and self._verbose:
            found.append(Row("", words.say(message("of this way, which is very long, the first rules are left out")), "quiet"))
        return [*found, *self._last(group, ends)]

    def _label(self, told: Told) -> str:
        if told.about == "nat":
            return words.say(_DESTINATION if told.hook in {"PREROUTING", "OUTPUT"} else _SOURCE)
        if told.about == "arrives" and told.items == (story.Arrival(sent=True),):
            return words.say(_SENT)
        return words.say(_ABOUT.get(told.about) or message("{table}", table=told.about))

    def _last(self, group: Group, ends: Ends) -> Iterator[Row]:
        """Where the packet leaves, or is delivered."""
        first = group.first.fate
        if first.outcome in {FORWARDED, SENT}:
            yield Row(words.say(message("leaves")), words.say(_by(group)))
        elif first.outcome == LOCAL:
            listens = first.destination_port and self._packet.protocol in WITH_PORTS and len(ends.places) == 1
            text = N_("to the process that listens there, if there is one") if listens else N_("to this node itself")
            yield Row(words.say(message("delivered")), words.say(message(text)))

    def _rules(self, told: Told) -> Iterator[Message]:
        """The rules and the policy of a stage, with what their chains are."""
        decided = not told.hook or any(isinstance(item, (story.Arrival, story.Changed, story.Stopped)) for item in told.items)
        for step in told.steps:
            if isinstance(step, Rule):
                known = self._whose.service(step.target_name or "")
                text = N_("{line}  {rule}") if known is None else N_("{line}  {rule}  = {service}")
                yield message(text, line=step.line, rule=step.text, service=known)
                decided = decided or decides(step)
            elif isinstance(step, Policy):
                yield message("{line}  policy {verdict} of {chain}", line=step.line, verdict=step.verdict.value, chain=step.chain)
                decided = True
        chain = None if decided else policy(self._whose.dump, told.about, told.hook)
        if chain is not None:
            yield message("{line}  policy {verdict} of {chain}", line=chain.line, verdict=chain.policy, chain=chain.name)

    def _sentences(self, group: Group, number: int, place: int, ends: Ends) -> list[Said]:
        """What is said of one item, for all fates of the group."""
        item = group.first.told[number].items[place]
        every = [one.told[number].items[place] for one in group.stories]
        if isinstance(item, story.Changed):
            return self._changed(item, [other for other in every if isinstance(other, story.Changed)], ends, stays=group.stays)
        if isinstance(item, story.Through):
            return [Said(self._through(item, alone=len(set(every)) == 1))]
        if isinstance(item, story.Serves):
            return self._serves(item)
        return [self._sentence(item, group.first.fate)]

    def _sentence(self, item: Item, fate: Fate) -> Said:
        """What is said of an item that is the same for all of them."""
        match item:
            case story.Arrival():
                said = Said(self._arrival(item))
            case story.Marked():
                said = Said(_marked(item))
            case story.Untracked(rule):
                said = Said(message("not tracked from here on: no address is translated (line {line})", line=rule.line), "care")
            case story.Stopped():
                said = Said(trace_words.stopped(item, fate, self._whose, self._packet.family), "bad")
            case Routed():
                said = Said(_routed(item))
            case Ended(why):
                said = Said(message("{why}", why=why), "bad")
            case _:
                said = Said(message("stays as it is"), "quiet")
        return said

    def _arrival(self, item: story.Arrival) -> Message:
        if item.sent:
            return message("by a process of this node")
        if item.loop:
            return message("again, by lo: it is for this node itself")
        if item.interface is None:
            return message("by an interface that nobody named")
        return message("by {interface}", interface=item.interface)

    def _serves(self, item: story.Serves) -> list[Said]:
        entry = item.entry
        name: str | Message = message("a Service whose name is not known") if entry.service is None else entry.service
        text = _PLACES.get(entry.kind or "", _SOME_PLACE)
        where = trace_words.place(self._packet.destination, self._packet.destination_port)
        said = [Said(message(text, place=where, service=name, line=entry.rule.line))]
        if item.local:
            said.append(Said(message("only Pods on this node serve it there (traffic policy Local)"), "care"))
        return said

    def _changed(self, item: story.Changed, every: Sequence[story.Changed], ends: Ends, *, stays: bool) -> list[Said]:
        """How an address changes, and why."""
        event, rule, _ = item
        destination = event.what == "destination"
        to = list(dict.fromkeys(other.event.after for other in every))
        lines = {other.rule.line for other in every if other.rule is not None}
        fields: dict[str, object] = {"line": min(lines, default=0), "count": len(to), "each": ends.each}
        if destination and len(to) > 1:
            if stays:
                return [Said(message("becomes the address of that Pod"))]
            if len(to) == len(ends.places) and ends.each is not None:
                return [Said(message("becomes one of {count} addresses, {each} each", **fields))]
            return [Said(message("becomes one of {count} addresses", **fields))]
        after = to[0]
        if not destination:
            where = trace_words.senders([None if one is None else one.address for one in to])
        elif after is None:
            where = trace_words.place(None, None)
        else:
            where = trace_words.place(*after)
        fields["where"] = where
        if rule is None:
            return [Said(message("becomes {where}, like everything in this connection", **fields))]
        if item.marked:
            return [Said(message("becomes {where} (line {line}): it is marked for masquerade", **fields), "care")]
        why = None if destination else trace_reasons.reason(rule, trace_reasons.ENDS)
        text = N_("becomes {where} (line {line})") if why is None else N_("becomes {where} (line {line}): {why}")
        return [Said(message(text, why=why, **fields), "plain" if destination else "care")]

    def _through(self, item: story.Through, *, alone: bool) -> Message:
        """What lets the packet through a table; `alone`: it is the same for all fates of the group."""
        if item.rule is None:
            met = self._met(item)
            text = N_("{chain} lets it through: {met}") if met is not None else N_("{chain} lets it through: no rule matches it")
            return message(text, chain=item.chain, met=met)
        if not alone:
            owner = self._whose.owner_of(item.rule)
            text = N_("a rule accepts it") if owner is None else N_("a rule of {owner} accepts it")
            return message(text, owner=owner)
        what = message("accepted in {chain}, line {line}", chain=trace_words.chain(item.chain, self._whose), line=item.line)
        return trace_words.by_rule(item.rule, what)

    def _met(self, item: story.Through) -> Message | None:
        """Which rules it meets that do not stop it."""
        parts = []
        for owner, count in item.owners:
            if owner is None:
                text = N_("1 rule") if count == 1 else N_("{count} rules")
            else:
                text = N_("1 rule of {owner}") if count == 1 else N_("{count} rules of {owner}")
            parts.append(message(text, count=count, owner=owner))
        return message("it meets {rules}, none stops it", rules=trace_reasons.both(parts)) if parts else None


def _marked(item: story.Marked) -> Message:
    """That a packet is marked, for what, and why."""
    line = item.by.line
    if item.purpose == story.OTHER:
        return _mark(item.rule, line)
    if item.purpose == story.DROP:
        return message("marked to be dropped (line {line})", line=line)
    if item.purpose == story.NO_DROP:
        text = N_("meant to be dropped (line {line}), but {chain} has no rules here: kubelet has not written them")
        return message(text, line=line, chain=item.rule.target_name)
    if item.by.chain.startswith(layout.ENDPOINT):
        return message("marked for masquerade (line {line}): the Pod asks, and is chosen to answer itself", line=line)
    why = trace_reasons.reason(item.by, trace_reasons.SENDER)
    if why is None:
        return message("marked for masquerade, whoever sends it (line {line})", line=line)
    return message("marked for masquerade (line {line}): {why}", line=line, why=why)


def _mark(rule: Rule, line: int) -> Message:
    """What a rule does to the mark."""
    effect = binding.effect(rule)
    mark = effect.mark if isinstance(effect, SetMark) else None
    if mark is not None and mark.mask == _WHOLE:
        return message("gets the mark {mark} (line {line})", mark=mark, line=line)
    if mark is not None and not mark.value & ~mark.mask:
        text = N_("the bits {mask} of its mark become {value} (line {line})")
        return message(text, mask=f"{mark.mask:#x}", value=f"{mark.value:#x}", line=line)
    return message("its mark changes by {mark} (line {line})", mark=mark, line=line)


_ROUTED = {
    (True, False): N_("is for this node itself"),
    (True, True): N_("decided again: is for this node itself"),
    (False, False): N_("is not for this node: goes on"),
    (False, True): N_("decided again: is not for this node, goes on"),
}
"""By whether it is for the node itself, and whether that was decided before."""


def _routed(item: Routed) -> Message:
    """Where the node sends it."""
    return message(_ROUTED[item.local, item.again])


def _by(group: Group) -> Message:
    """The interfaces by which packets leave, and the gateway if there is one."""
    outputs = list(dict.fromkeys(one.fate.output for one in group.stories))
    known = [name for name in outputs if name is not None]
    if not known:
        return message("by an interface that is not known")
    if len(outputs) > 1:
        return message("by one of {count} interfaces: {names}", count=len(outputs), names=", ".join(known))
    routes = {step for one in group.stories for told in one.told for step in told.steps if isinstance(step, Routed)}
    gateways = {route.gateway for route in routes if not route.local and route.output == known[0]}
    gateway = gateways.pop() if len(gateways) == 1 else None
    text = N_("by {interface}") if gateway is None else N_("by {interface}, through {gateway}")
    return message(text, interface=known[0], gateway=gateway)
