"""The output of `ipvsadm -Sn`: the virtual services of IPVS and the real servers behind them.

Man page ipvsadm(8); how it prints is ipvsadm.c, `print_service_entry` with FMT_RULE. Which service takes a packet is
net/netfilter/ipvs/ip_vs_ctl.c, `ip_vs_service_find`. Names of hosts and ports (`ipvsadm -S` without `-n`) are refused: only the node knows
what they stood for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.inputs.lines import UnreadableLineError, numbered
from iptexplain.model.address import Address
from iptexplain.model.address import Endpoint as Destination
from iptexplain.named import NamedTuple
from iptexplain.source import message, without_collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.source import Message, Source

MASQUERADING, ROUTING, TUNNELLING = "masq", "gate", "ipip"
"""How packets are sent on: with another destination, as they are, or inside of other packets."""

_ROUND_ROBIN, _WEIGHTED = "rr", "wrr"

_OPTIONS = {
    "--tcp-service": "-t",
    "--udp-service": "-u",
    "--fwmark-service": "-f",
    "--scheduler": "-s",
    "--persistent": "-p",
    "--netmask": "-M",
    "--real-server": "-r",
    "--gatewaying": "-g",
    "--ipip": "-i",
    "--masquerading": "-m",
    "--weight": "-w",
    "--sched-flags": "-b",
    "--ops": "-o",
    "--ipv6": "-6",
}
"""The short forms of long options; both are read."""

_PROTOCOLS = {"-t": "tcp", "-u": "udp", "--sctp-service": "sctp"}
_METHODS = {"-m": MASQUERADING, "-g": ROUTING, "-i": TUNNELLING}
_OF_SERVICE = frozenset({"-s", "-p", "-M", "-b", "--pe", "-o", "-6"})
_OF_SERVER = frozenset({"-r", "-w", "--tun-type", "--tun-port", "--tun-nocsum", "--tun-csum", "--tun-remcsum", "-6", *_METHODS})
_BARE = frozenset({"-g", "-i", "-m", "-o", "-6", "--tun-nocsum", "--tun-csum", "--tun-remcsum"})
"""Options without a word behind them."""

_DEFAULT_TIMEOUT = 360
"""Seconds of `-p` without a number (ipvsadm.c, IP_VS_TEMPLATE_TIMEOUT)."""
_MOST = (1 << 32) - 1


class RealServer(NamedTuple):
    """Where a virtual service sends packets; `weight` 0 gets no new connections."""

    to: Destination
    method: str
    weight: int
    line: int


class Key(NamedTuple):
    """What a packet must have for a virtual service: the family, and protocol, address and port, or else its mark. None: not asked.

    Port 0 is every port that no other service of the address has.
    """

    family: int
    protocol: str | None
    address: Address | None
    port: int | None
    mark: int | None = None


class VirtualService(NamedTuple):
    """A virtual service. `persistence` is how long a client stays with its server, in seconds; None: each connection is scheduled anew."""

    key: Key
    scheduler: str
    persistence: int | None
    servers: tuple[RealServer, ...]
    line: int

    @property
    def shares(self) -> tuple[tuple[int, int] | None, ...]:
        """Which part of new connections each server gets in the long run, as a numerator and a denominator; None: it depends on their load.

        Source: ip_vs_rr.c (all that have a weight, in turn), ip_vs_wrr.c (by weight). All that other schedulers promise is that a server
        of weight 0 gets nothing.
        """
        weights = [int(server.weight > 0) if self.scheduler == _ROUND_ROBIN else server.weight for server in self.servers]
        fixed = self.scheduler in {_ROUND_ROBIN, _WEIGHTED}
        return tuple([(weight, sum(weights)) if fixed and weight else None if weight else (0, 1) for weight in weights])

    @property
    def is_served(self) -> bool:
        """Is there a server for new connections; without one IPVS answers with an ICMP error (ip_vs_core.c, `ip_vs_leave`)."""
        return any(server.weight for server in self.servers)


class VirtualServices(NamedTuple):
    """The virtual services of a node by what they ask of a packet, in the order of the input."""

    by_key: Mapping[Key, VirtualService]

    def at(self, protocol: str, address: Address, port: int, mark: int = 0) -> VirtualService | None:
        """The service that takes a packet: by its mark, else by address and port, else by address alone. `protocol` as in `tcp`."""
        family = address.family
        ways = Key(family, None, None, None, mark), Key(family, protocol, address, port), Key(family, protocol, address, 0)
        return next((self.by_key[key] for key in ways if key in self.by_key), None)


class _Open(NamedTuple):
    scheduler: str
    persistence: int | None
    line: int
    servers: list[RealServer]


def parse_ipvs(source: Source) -> VirtualServices:
    """The virtual services in the output of `ipvsadm -Sn`. Raises `UnreadableLineError`."""
    found: dict[Key, _Open] = {}
    with without_collector():
        for number, line in numbered(source):
            try:
                _take(found, line.split(), number)
            except (KeyError, ValueError):
                raise UnreadableLineError(source, number, _expected(line)) from None
    return VirtualServices({key: VirtualService(key, s.scheduler, s.persistence, tuple(s.servers), s.line) for key, s in found.items()})


def _take(found: dict[Key, _Open], words: list[str], line: int) -> None:
    """Enters the service or the server of a line. Raises KeyError, ValueError."""
    if words[0] in {"-A", "--add-service"}:
        key, said = _read(words[1:], _OF_SERVICE)
        if key in found:
            raise ValueError(key)
        found[key] = _Open(said.get("-s", "wlc"), _persistence(said), line, [])
    elif words[0] in {"-a", "--add-server"}:
        key, said = _read(words[1:], _OF_SERVER)
        found[key].servers.append(_server(said, line))
    else:
        raise ValueError(words)


def _expected(line: str) -> Message:
    """What should stand in a line that cannot be read."""
    if line.startswith(("IP Virtual Server", "Prot ", "TCP ", "UDP ", "SCTP ", "FWM ", "  ->")):
        return message("the output of `ipvsadm -Sn`; this is what `ipvsadm -L` prints")
    if line.startswith(("-a ", "--add-server ")):
        return message(
            "the real server of a virtual service that was added in a line before, with numbers (`ipvsadm -Sn`), such as {example}",
            example="-a -t 10.96.0.1:443 -r 192.0.2.1:6443 -m -w 1",
        )
    return message(
        "a virtual service with numbers as `ipvsadm -Sn` writes it, each once, such as {example}", example="-A -t 10.96.0.1:443 -s rr"
    )


def _read(words: list[str], known: frozenset[str]) -> tuple[Key, dict[str, str]]:
    """The service that a line is about, and its other options. Raises KeyError, ValueError."""
    service: tuple[str, str] | None = None
    said: dict[str, str] = {}
    for option, word in _options(words):
        if option == "-f" or option in _PROTOCOLS:
            if service is not None:
                raise ValueError(option)
            service = option, word
        elif option in known and option not in said:
            said[option] = word
        else:
            raise ValueError(option)
    if service is None:
        raise ValueError(words)
    option, word = service
    if option == "-f":
        mark = _count(word)
        if not mark:
            raise ValueError(word)
        return Key(6 if "-6" in said else 4, None, None, None, mark), said
    to = _destination(word)
    return Key(4 if to.first is None else to.first.family, _PROTOCOLS[option], to.first, to.first_port), said


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """The options of a line in their short form, each with its word."""
    at = 0
    while at < len(words):
        option = _OPTIONS.get(words[at], words[at])
        at += 1
        if option in _BARE or (option == "-p" and (at == len(words) or words[at].startswith("-"))):
            yield option, ""
        else:
            yield option, words[at] if at < len(words) else ""
            at += 1


def _persistence(said: dict[str, str]) -> int | None:
    if "-p" not in said:
        return None
    return _count(said["-p"]) if said["-p"] else _DEFAULT_TIMEOUT


def _server(said: dict[str, str], line: int) -> RealServer:
    """A real server; where its options do not say so it is routed to, and has the weight 1 (ipvsadm(8)). Raises KeyError, ValueError."""
    methods = [method for option, method in _METHODS.items() if option in said]
    if len(methods) > 1:
        raise ValueError(methods)
    return RealServer(_destination(said["-r"]), methods[0] if methods else ROUTING, _count(said.get("-w", "1")), line)


def _destination(text: str) -> Destination:
    """Read `10.96.0.1:443` or `[fd00::1]:443`. Raises ValueError."""
    found = Destination.parse(text)
    if not found.single or not text.rpartition(":")[2].isdigit():  # a digit: no name of a service
        raise ValueError(text)
    return found


def _count(text: str) -> int:
    """A number of 32 bits. Raises ValueError."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(_MOST)) or int(text) > _MOST:
        raise ValueError(text)
    return int(text)
