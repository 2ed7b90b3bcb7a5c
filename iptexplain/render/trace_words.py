"""The sentences about a packet and what becomes of it, as templates. What several fates of a group have in common is said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace import story
from iptexplain.analysis.trace.fate import DROPPED, FORWARDED, LOCAL, REJECTED, SENT, UNKNOWN, UNROUTABLE, Ended
from iptexplain.extensions.binding import comment
from iptexplain.model import names
from iptexplain.model.address import Address, Endpoint
from iptexplain.model.matching import Jump
from iptexplain.model.packet import ESTABLISHED, ICMP, ICMPV6, INVALID, NEW, RELATED, REPLY, TCP, UDP, UNTRACKED, WITH_PORTS
from iptexplain.model.share import percent
from iptexplain.render import trace_reasons
from iptexplain.render.effects import effect
from iptexplain.render.words import Said
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iptexplain.analysis.trace.fate import Fate
    from iptexplain.analysis.trace.groups import Group
    from iptexplain.analysis.trace.story import Story
    from iptexplain.analysis.trace.whose import Whose
    from iptexplain.model.packet import Packet
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.share import Share
    from iptexplain.source import Message

_FLOWS = {
    NEW: N_("{protocol} from {source} to {destination}"),
    ESTABLISHED: N_("{protocol} from {source} to {destination}, in a connection that there is already"),
    REPLY: N_("{protocol} from {source} to {destination}, a reply in a connection that there is already"),
    RELATED: N_("ICMP error from {source} to {destination}, about a {protocol} connection"),
    INVALID: N_("{protocol} from {source} to {destination}, of no connection"),
    UNTRACKED: N_("{protocol} from {source} to {destination}, not tracked"),
}
_NEW_TCP = N_("new TCP connection from {source} to {destination}")


def place(address: Address | None, port: int | None) -> str | Message:
    """`10.0.0.1:80`, `[2001:db8::1]:80`, or an address alone."""
    if address is None:
        return message("an address that is not known")
    return str(Endpoint(address, address, port or None, port or None))


def packet(what: Packet, to: str | None) -> Message:
    """What kind of packet it is, from where to where; `to` is the Service behind the destination."""
    begins = what.connection == NEW and what.protocol == TCP and what.flags in {None, frozenset({"SYN"})}
    name = names.protocol(str(what.protocol))
    protocol: str | Message = name.upper()
    if what.protocol in {ICMP, ICMPV6}:
        protocol = message("{name} (type {type})", name="ICMP" if what.protocol == ICMP else "ICMPv6", type=what.icmp_type)
    elif name.isdecimal():
        protocol = message("protocol {number}", number=name)
    ports = what.protocol in WITH_PORTS and what.connection != RELATED
    said = message(
        _NEW_TCP if begins else _FLOWS[what.connection],
        protocol=protocol,
        source=place(what.source, what.source_port if ports else None),
        destination=place(what.destination, what.destination_port if ports else None),
    )
    return said if to is None else message("{packet} ({service})", packet=said, service=to)


def service(groups: Sequence[Group]) -> str | None:
    """The Service that the packet is to, by the first rule that says so."""
    items = (item for group in groups for told in group.first.told for item in told.items)
    entries = (item.entry for item in items if isinstance(item, (story.Serves, story.Stopped)))
    return next((entry.service for entry in entries if entry is not None and entry.service is not None), None)


class Ends:
    """Where the fates of a group go: places with their shares, in order, each once; and who they say has sent it."""

    def __init__(self, group: Group) -> None:
        """See the class."""
        found: dict[tuple[Address | None, int | None], Share] = {}
        for one in group.stories:
            key = one.fate.destination, one.fate.destination_port
            found[key] = found[key].plus(one.fate.share) if key in found else one.fate.share
        if len(found) > 1 and _alike(found.values()):
            found = dict(sorted(found.items(), key=lambda entry: (entry[0][0] or Address(0, 0), entry[0][1] or 0)))
        self.places = tuple(found)
        self.shares = tuple(found.values())
        self.senders = tuple(dict.fromkeys(one.fate.source for one in group.stories))

    @property
    def each(self) -> str | None:
        """The share of each as people read it, None if they differ."""
        return percent(sum(map(float, self.shares)) / len(self.shares)) if self.shares and _alike(self.shares) else None


def _alike(shares: Collection[Share]) -> bool:
    """Are shares equal, but for the rounding of iptables."""
    least, most = min(map(float, shares)), max(map(float, shares))
    return most - least <= _ROUNDING * most


_ROUNDING = 1e-3

_ONE = {
    (FORWARDED, True): N_("goes to {place}, a Pod of {service}"),
    (SENT, True): N_("goes to {place}, a Pod of {service}"),
    (LOCAL, True): N_("goes to {place} on this node, which serves {service}"),
    (FORWARDED, False): N_("is forwarded to {place}"),
    (SENT, False): N_("leaves this node for {place}"),
    (LOCAL, False): N_("is delivered to this node, at {place}"),
}
"""By outcome, and whether a Service is behind it."""

_MANY = {
    True: (N_("goes to one of {count} Pods of {service}, {each} each"), N_("goes to one of {count} Pods of {service}")),
    False: (N_("goes to one of {count} addresses, {each} each"), N_("goes to one of {count} addresses")),
}
"""With a Service and without, where all have the same share and where they differ."""


_STAYS = (N_("goes to {place}, if it was at that Pod of {service}"), N_("goes to the Pod of {service} where it was, one of {count}"))
"""With session affinity: to one, and to one of several."""


def becomes(group: Group, ends: Ends, whose: Whose, what: Packet) -> list[Said]:
    """What becomes of the packet, and what the other side sees of that. Where it goes, if to several places, is listed by others."""
    if not group.arrives:
        return _ends(group.first, whose, what)
    first = group.first.fate
    name = _behind(group.first) if first.dnat else None
    if group.stays and name is not None:
        text = _STAYS[len(ends.places) > 1]
        said = [Said(message(text, place=place(*ends.places[0]), service=name, count=len(ends.places)))]
    elif len(ends.places) == 1:
        said = [Said(message(_ONE[first.outcome, name is not None], place=place(*ends.places[0]), service=name))]
    else:
        text = _MANY[name is not None][ends.each is None]
        said = [Said(message(text, count=len(ends.places), service=name, each=ends.each))]
    if first.snat:
        text = N_("it sees {sender} as the sender") if len(ends.places) == 1 else N_("they see {sender} as the sender")
        said.append(Said(message(text, sender=senders(ends.senders)), "care"))
    return said


def briefly(group: Group, said: Sequence[Said]) -> Message:
    """What becomes of the packet, in a few words, where the rest has been `said` above."""
    return said[0].message if group.arrives else _BRIEFLY[group.first.fate.outcome]


_ENDS = {
    DROPPED: N_("DROPPED: {why}"),
    REJECTED: N_("REFUSED: {why}"),
    UNROUTABLE: N_("goes NOWHERE: {why}"),
    UNKNOWN: N_("UNKNOWN: {why}"),
}
_BRIEFLY = {
    DROPPED: message("DROPPED"),
    REJECTED: message("REFUSED"),
    UNROUTABLE: message("goes NOWHERE"),
    UNKNOWN: message("UNKNOWN"),
}


def senders(addresses: Sequence[Address | None]) -> str | Message:
    """The addresses that a packet may have as its source."""
    known = [str(address) for address in addresses if address is not None]
    return ", ".join(known) if len(known) == len(addresses) else message("an address of this node")


def _behind(one: Story) -> str | None:
    """The Service whose rules translate the destination."""
    found = [item.entry.service for told in one.told for item in told.items if isinstance(item, story.Serves)]
    return found[-1] if found else None


_SEEN = {
    "tcp-reset": N_("connection refused"),
    "icmp-port-unreachable": N_("connection refused"),
    "icmp6-port-unreachable": N_("connection refused"),
    "icmp-net-unreachable": N_("network is unreachable"),
    "icmp-net-prohibited": N_("network is unreachable"),
    "icmp6-no-route": N_("network is unreachable"),
    "icmp-host-unreachable": N_("no route to host"),
    "icmp-host-prohibited": N_("no route to host"),
    "icmp-admin-prohibited": N_("no route to host"),
    "icmp6-addr-unreachable": N_("no route to host"),
    "icmp6-adm-prohibited": N_("permission denied"),
    "icmp6-policy-fail": N_("permission denied"),
    "icmp6-reject-route": N_("permission denied"),
    "icmp-proto-unreachable": N_("protocol not available"),
}
"""What a program on Linux is told (net/ipv4/icmp.c `icmp_err_convert`, net/ipv6/icmp.c `icmpv6_err_convert`)."""


def _ends(one: Story, whose: Whose, what: Packet) -> list[Said]:
    """Who ends the packet, and what the sender sees of that."""
    last = one.fate
    item = next((item for told in reversed(one.told) for item in told.items if isinstance(item, (story.Stopped, Ended))), None)
    if isinstance(item, story.Stopped):
        why = stopped(item, last, whose, what.family)
    else:
        known = message("it ends in {where}", where=last.where) if item is None else item.why
        why = message(_ENDS[last.outcome], why=known)
    said = [Said(why, "bad")]
    if last.reject is not None:
        seen = _SEEN.get(last.reject) if what.protocol in WITH_PORTS else None
        text = N_("the sender gets {answer}") if seen is None else N_("the sender is told: {seen} ({answer})")
        said.append(Said(message(text, seen=None if seen is None else message(seen), answer=last.reject)))
    elif last.outcome == DROPPED:
        # the error of the hook comes back to sendmsg() (net/netfilter/core.c `nf_hook_slow`); TCP sends again and waits
        told = what.protocol in {UDP, ICMP, ICMPV6} and last.where in {"OUTPUT", "POSTROUTING"} and one.sent
        text = N_("the program that sends it is told: operation not permitted") if told else N_("the sender gets no answer (timeout)")
        said.append(Said(message(text)))
    return said


_EMPTY = {
    "all": N_("{word}: {service} has no endpoints (line {line})"),
    "local": N_("{word}: {service} has no endpoints on this node (line {line})"),
}


def stopped(item: story.Stopped, last: Fate, whose: Whose, family: int) -> Message:
    """Which rule or policy ends the packet whose fate is `last`, whose that is, and why."""
    rule, line = item.rule, item.line
    if rule is None:
        text = N_("DROPPED by the policy of {chain} (line {line}): no rule accepts it") if line else N_("DROPPED by the policy of {chain}")
        return message(text, chain=item.chain, line=line)
    if last.outcome == UNKNOWN:
        return _lost(item, whose, family)
    word = _BRIEFLY[last.outcome]
    entry = item.entry
    if entry is not None and entry.service is not None and entry.without is not None:
        return message(_EMPTY[entry.without], word=word, service=entry.service, line=line)
    return by_rule(rule, message("{word} in {chain}, line {line}", word=word, chain=chain(item.chain, whose), line=line))


def by_rule(rule: Rule, what: Message) -> Message:
    """What a rule does, with its comment and what it asks of the packet."""
    said, why = comment(rule), trace_reasons.reason(rule)
    if said and why is not None:
        return message('{what}, "{said}": {why}', what=what, said=said, why=why)
    if said:
        return message('{what}, "{said}"', what=what, said=said)
    return what if why is None else message("{what}: {why}", what=what, why=why)


def _lost(item: story.Stopped, whose: Whose, family: int) -> Message:
    """Nobody knows what becomes of it, or the rules cannot be."""
    if isinstance(item.effect, Jump):
        there = any(table.has_chain(item.effect.chain) for table in whose.dump.tables)
        return message(_BROKEN[there], line=item.line, chain=item.effect.chain)
    return message("UNKNOWN: what the rule in line {line} does ({effect})", line=item.line, effect=effect(item.effect, family))


_BROKEN = (
    N_("UNKNOWN: line {line} leads to {chain}, which is not in this dump"),
    N_("UNKNOWN: line {line} leads to {chain}, where the rules go round in a circle, or are cut off"),
)
"""By whether the chain is there."""


def chain(name: str, whose: Whose) -> str | Message:
    """A chain with whose it is, as far as that is known."""
    known = whose.service(name) or whose.owner(name)
    return name if known is None else message("{chain} ({owner})", chain=name, owner=known)
