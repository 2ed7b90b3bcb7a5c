"""Packets to trace (`--packets`), one JSON object a line.

The bytes of a packet (`payload`) are left out: addresses and whatever was said stand in them. Their number stays as its length.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.allowed import placed
from iptexplain.inputs.lines import numbered
from iptexplain.inputs.packets import parse_packets
from iptexplain.inputs.places import parse_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.model.packet import Packet
    from iptexplain.source import Source


def gather(source: Source, needs: Needs) -> None:
    """Adds the interfaces that packets come in by. Raises `UnreadableInputError`."""
    needs.interfaces.update(packet.input for packet in parse_packets(source) if packet.input)


def lines(source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:  # noqa: ARG001 - packets have no counters
    """The same packets in other words, each in its line. Raises `UnreadableInputError`."""
    pairs = zip(numbered(source), parse_packets(source), strict=True)
    return placed((number, json.dumps(_packet(json.loads(line), packet, disguise))) for (number, line), packet in pairs)


def _packet(given: Mapping[str, object], packet: Packet, to: Disguise) -> dict[str, object]:
    """The keys of a packet; all others than these hold numbers and words of protocols, since it could be read."""
    found = dict(given)
    if found.pop("payload", None) is not None:
        found["length"] = packet.length
    makers = {"src": to.address, "dst": to.address, "iif": to.interface, "src_mac": to.hardware}
    made = {key: make(text) for key, make in makers.items() if isinstance(text := given.get(key), str)}
    places = {key: _place(text, to) for key in ("ct_dnat", "ct_snat") if isinstance(text := given.get(key), str)}
    return {**found, **made, **places}


def _place(text: str, to: Disguise) -> str:
    """What stands for an address and perhaps a port."""
    place = parse_place(text)
    address = str(to.addresses.address(place.address))
    if place.port is None:
        return address
    return f"[{address}]:{place.port}" if ":" in address else f"{address}:{place.port}"
