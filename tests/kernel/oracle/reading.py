"""What became of a packet, read from the log of the observer: it reports at the beginning and the end of each hook."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.kernel.oracle.netlink import attributes, messages
from tests.kernel.oracle.packets import ICMP, ICMPV6, TCP, Header, Probe, mine, parse, probe_protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LOG = 0x400  # NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET
MARK, INPUT, OUTPUT, PAYLOAD, PREFIX = 2, 4, 5, 9, 10  # NFULA_*
HOOKS = {"p": "PREROUTING", "i": "INPUT", "f": "FORWARD", "o": "OUTPUT", "s": "POSTROUTING"}
GONE = {"dropped", "rejected", "unroutable"}
TO_THE_SENDER = {
    ICMP: {(3, 0): "icmp-net-unreachable", (3, 1): "icmp-host-unreachable", (3, 2): "icmp-proto-unreachable",
           (3, 3): "icmp-port-unreachable", (3, 9): "icmp-net-prohibited",
           (3, 10): "icmp-host-prohibited", (3, 13): "icmp-admin-prohibited"},
    ICMPV6: {(1, 0): "icmp6-no-route", (1, 1): "icmp6-adm-prohibited", (1, 3): "icmp6-addr-unreachable", (1, 4): "icmp6-port-unreachable",
             (1, 5): "icmp6-policy-fail", (1, 6): "icmp6-reject-route"},
}  # fmt: skip
ERRORS = {ICMP: {3, 4, 5, 11, 12}, ICMPV6: {1, 2, 3, 4}}
RST = 4


class Sight(NamedTuple):
    """The packet at the beginning or the end of a hook. `state` and the bits of conntrack are told at the end only."""

    hook: str
    first: bool
    header: Header
    mark: int
    iif: str | None
    oif: str | None
    state: str = ""
    dnat: bool = False
    snat: bool = False


class Outcome(NamedTuple):
    """What the kernel did with a packet, in the words of the JSON of `iptexplain trace`.

    `anomaly` is not empty if what left by an interface is not what the log says.
    """

    outcome: str
    where: str
    reject: str | None
    oif: str | None
    src: str
    sport: int
    dst: str
    dport: int
    mark: int
    dnat: bool
    snat: bool
    path: tuple[Sight, ...] = ()
    anomaly: str = ""

    def json(self) -> dict[str, Any]:
        """What is recorded of it."""
        return {key: value for key, value in self._asdict().items() if key not in {"path", "anomaly"}}


class Reports(NamedTuple):
    """All that is known after a packet was sent: the log, new entries, frames by interface, and why it could not be sent at all."""

    logs: tuple[bytes, ...] = ()
    entries: tuple[bytes, ...] = ()
    frames: tuple[tuple[str, bytes], ...] = ()
    refused: str = ""


def _interface(names: Mapping[int, str], found: bytes | None) -> str | None:
    return None if found is None else names.get(int.from_bytes(found, "big"))


def sights(logs: Sequence[bytes], names: Mapping[int, str]) -> Iterator[Sight]:
    """All packets in the log, others too."""
    for body in messages(logs, LOG):
        found = attributes(body)
        header = parse(found.get(PAYLOAD, b""))
        if header is None:
            continue
        point, state, bits, *_ = [*found.get(PREFIX, b"\0")[:-1].decode().split(), "", "", ""]
        (mark,) = struct.unpack("!I", found.get(MARK, bytes(4)))
        yield Sight(
            HOOKS[point[0]], point[1] == "F", header, mark, _interface(names, found.get(INPUT)), _interface(names, found.get(OUTPUT)),
            state, "d" in bits, "s" in bits,
        )  # fmt: skip


def _told(sight: Sight, tag: int) -> str | None:
    """What the sender of the packet is told by another one that the node emits."""
    header = sight.header
    if sight.hook != "OUTPUT" or not sight.first:
        return None
    if header.protocol == TCP and header.flags & RST:
        return "tcp-reset"
    if header.protocol in ERRORS and header.icmp[0] in ERRORS[header.protocol]:
        about = parse(header.quoted)
        if about is not None and about.tag == tag:
            return TO_THE_SENDER[header.protocol].get(header.icmp, f"icmp-{header.icmp[0]}/{header.icmp[1]}")
    return None


def _ending(last: Sight, told: str | None, *, sent: bool) -> tuple[str, str, str | None]:
    """The outcome, where, and what the sender is told, from where the packet was seen last. `sent`: the node itself sends it."""
    if last.first:
        return ("rejected", last.hook, told) if told else ("dropped", last.hook, None)
    match last.hook:
        case "INPUT":
            return "local", "", None
        case "POSTROUTING" if last.oif == "lo":
            return "dropped", "ROUTING:lo", None
        case "POSTROUTING":
            return "sent" if sent else "forwarded", "", None
        case hook:
            return "unroutable", f"ROUTING:after-{hook}", told


def read(probe: Probe, tag: int, reports: Reports, names: Mapping[int, str]) -> Outcome:
    """What became of the packet."""
    seen = list(sights(reports.logs, names))
    protocol, number = probe_protocol(probe), mine(probe, tag)
    path = [one for one in seen if (one.header.tag, one.header.protocol, one.header.later) == (number, protocol, False)]
    if not path:
        outcome, where = ("unroutable", f"ROUTING:{reports.refused}") if reports.refused else ("dropped", "NOT-SEEN")
        return Outcome(outcome, where, None, None, probe.src, probe.sport, probe.dst, probe.dport, probe.mark, dnat=False, snat=False)
    told = next((text for one in seen if one not in path and (text := _told(one, number))), None)
    last = path[-1]
    outcome, where, reject = _ending(last, told, sent=probe.iif is None)
    left = [
        (name, header)
        for name, frame in reports.frames
        if (header := parse(frame[14:])) and (header.tag, header.protocol) == (number, protocol)
    ]
    bits = next((one for one in reversed(path) if one.state), last)
    header = last.header
    return Outcome(
        outcome, where, reject, last.oif if outcome in {"sent", "forwarded"} else None, header.src, header.sport, header.dst, header.dport,
        last.mark, bits.dnat, bits.snat, tuple(path), _anomaly(outcome, last, left),
    )  # fmt: skip


def _anomaly(outcome: str, last: Sight, left: Sequence[tuple[str, Header]]) -> str:
    """How the frames that left contradict the log."""
    if outcome not in {"sent", "forwarded"}:
        return f"a frame left on {left[0][0]} though the packet is {outcome}" if left else ""
    ends = (last.header.src, last.header.dst, last.header.sport, last.header.dport)
    if not any(
        name == last.oif and (header.later or (header.src, header.dst, header.sport, header.dport) == ends) for name, header in left
    ):
        return f"no such frame on {last.oif}, but {left}"
    return ""


__all__ = ["GONE", "Outcome", "Reports", "Sight", "read"]
