"""Opening what a user names. The command and the library both begin here."""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.parsing.decode import decode
from iptexplain.parsing.reader import read_source
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from iptexplain.inputs.ipvs import VirtualServices
    from iptexplain.inputs.names import Names
    from iptexplain.model.ipset import IpSets
    from iptexplain.model.node import Link, Node, Way
    from iptexplain.model.packet import Packet
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.source import Source


def load(
    what: str | PathLike[str] | bytes | BinaryIO,
    *,
    name: str | None = None,
    default_table: str | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Ruleset:
    """The ruleset in a file, in what a binary stream gives, or in bytes; gzip is unpacked.

    `name` is what messages call the input, by default its path (`-` for bytes and streams). `default_table` is where rule lines belong that
    stand before any `*table` line; by default that is inferred and reported in `Ruleset.problems`. `progress` is told now and then which
    part of the input has been read, from 0 to 1.

    Raises `NotADumpError` if there is neither a table nor a rule, `UnreadableInputError` if the file cannot be opened or unpacked; both
    are `IptexplainError`. A part that cannot be read is a `Problem` in `Ruleset.problems`, and the rest is there.
    """
    return read_source(load_source(what, name), default_table=default_table, progress=progress)


def load_names(what: str | PathLike[str] | bytes | BinaryIO) -> Names:
    """The Service ports of a cluster: a list of `namespace/name[:port][/protocol]`, or what `kubectl get svc -A -o json` prints.

    Raises `UnreadableInputError`.
    """
    from iptexplain.inputs.names import parse_names

    return parse_names(load_source(what))


def load_ipset(what: str | PathLike[str] | bytes | BinaryIO, *, may_be_empty: bool = False) -> IpSets:
    """The sets that `ipset save` prints. Raises `UnreadableInputError`, also for nothing at all unless it `may_be_empty`."""
    from iptexplain.inputs.ipset import parse_ipset

    return parse_ipset(load_source(what), may_be_empty=may_be_empty)


def load_ipvs(what: str | PathLike[str] | bytes | BinaryIO) -> VirtualServices:
    """The virtual services that `ipvsadm -Sn` prints. Raises `UnreadableInputError`."""
    from iptexplain.inputs.ipvs import parse_ipvs

    return parse_ipvs(load_source(what))


def load_node(what: str | PathLike[str] | bytes | BinaryIO) -> Node:
    """The node that a JSON file describes: interfaces, addresses, routes, settings, bridges. Raises `UnreadableInputError`."""
    from iptexplain.inputs.node import parse_node

    return parse_node(load_source(what))


def load_ip_addr(what: str | PathLike[str] | bytes | BinaryIO) -> dict[str, Link]:
    """The interfaces and addresses that `ip -j addr` prints, or `ip addr`. Raises `UnreadableInputError`."""
    from iptexplain.inputs.ip_addr import parse_ip_addr

    return parse_ip_addr(load_source(what))


def load_ip_route(what: str | PathLike[str] | bytes | BinaryIO) -> tuple[Way, ...]:
    """The routes that `ip -j route` and `ip -j -6 route` print, or the same without `-j`. Raises `UnreadableInputError`."""
    from iptexplain.inputs.ip_route import parse_ip_route

    return parse_ip_route(load_source(what))


def load_packets(what: str | PathLike[str] | bytes | BinaryIO) -> Iterator[Packet]:
    """The packets to trace, one JSON object a line, each made when it is asked for. Raises `UnreadableInputError`, also on the way."""
    from iptexplain.inputs.packets import parse_packets

    return parse_packets(load_source(what))


def load_source(what: str | PathLike[str] | bytes | BinaryIO, name: str | None = None) -> Source:
    """The text of an input, unpacked and decoded, whatever it is. Raises `UnreadableInputError`."""
    try:
        if isinstance(what, bytes):
            return decode(name or "-", BytesIO(what))
        if not isinstance(what, (str, PathLike)):
            return decode(name or "-", what)
        with Path(what).open("rb") as file:
            return decode(name or str(what), file)
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        called = name or (str(what) if isinstance(what, (str, PathLike)) else "-")
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableInputError(message("{file}: {reason}", file=called, reason=reason)) from error
