"""`trace -f json`: one document a packet, on one line (schemas/trace.json).

Thousands of packets meet the same rules, so the text of a step is made once, and the documents are put together from texts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from iptexplain.analysis.trace.fate import ARRIVES, FORWARDED, SENT, Ended, Enters, Policy, Translated
from iptexplain.analysis.trace.way import decides, policy, steps
from iptexplain.analysis.walk import MOST_WAYS
from iptexplain.extensions import binding
from iptexplain.model import names
from iptexplain.model.address import Endpoint
from iptexplain.model.packet import FLAGS, RELATED, UNSAID, WITH_PORTS
from iptexplain.model.ruleset import Rule
from iptexplain.render import documents
from iptexplain.render.effects import effect

if TYPE_CHECKING:
    from iptexplain.analysis.trace.fate import Fate, Trace
    from iptexplain.analysis.walk import Trail
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Question
    from iptexplain.model.packet import Packet, Place
    from iptexplain.model.ruleset import Dump
    from iptexplain.model.share import Share
    from iptexplain.render.documents import Json
    from iptexplain.source import Message

_FAMILIES = {4: "ipv4", 6: "ipv6"}
_string = documents.string

_COUNTED = MOST_WAYS.bit_length() - 1
"""The number of ways is told up to so many bits: chains that call each other double it again and again."""


class Documents:
    """Writes the documents of packets of one family (4 or 6) that were traced through one dump; `file` is where that stands."""

    def __init__(self, file: str, dump: Dump, family: int) -> None:
        """See the class."""
        self._dump = dump
        self._family = family
        self._head = f'{{"schema":"iptexplain.trace/1","file":{_string(file)},"dump":{dump.number},"packet":'
        self._steps: dict[tuple[str, int], tuple[str, bool]] = {}
        self._policies: dict[tuple[str, str], str | None] = {}

    def line(self, trace: Trace) -> str:
        """The document of one packet, without a newline at its end."""
        packet = trace.packet
        no_port = "null" if packet.protocol in WITH_PORTS and packet.connection != RELATED else "0"
        outcomes = ",".join([self._outcome(fate, no_port) for fate in trace.fates])
        return f'{self._head}{_packet(packet)},"family":"{_FAMILIES[self._family]}","outcomes":[{outcomes}]}}'

    def failed(self, packet: Packet, why: Message) -> str:
        """The document of a packet that could not be traced."""
        error = _string(why.english())
        return f'{self._head}{_packet(packet)},"family":"{_FAMILIES[self._family]}","outcomes":[],"error":{error}}}'

    def _outcome(self, fate: Fate, no_port: str) -> str:
        """One outcome; `no_port` is its destination port if the fate has none."""
        gone = fate.output if fate.outcome in {FORWARDED, SENT} else None
        path, more = self._path(fate.trail, on=fate.outcome in ARRIVES)
        port = no_port if fate.destination_port is None else fate.destination_port
        count = "null" if fate.paths.bit_length() > _COUNTED else str(fate.paths)
        return (
            f'{{{_share(fate.share.reduced())},"assumptions":[{",".join([_assumption(*answer) for answer in fate.answers])}],'
            f'"outcome":"{fate.outcome}","where":{_string(fate.where)},"reject":{_text(fate.reject)},'
            f'"oif":{_text(gone)},"src":{_address(fate.source)},"sport":{_number(fate.source_port)},'
            f'"dst":{_address(fate.destination)},"dport":{port},"mark":"{fate.mark:#x}",'
            f'"dnat":{"true" if fate.dnat else "false"},"snat":{"true" if fate.snat else "false"},'
            f'"paths":{count},"path":[{path}]{more}}}'
        )

    def _path(self, trail: Trail | None, *, on: bool) -> tuple[str, str]:
        """The rules and policies on a way, and what else there is to say of it; `on`: the packet gets on behind it."""
        way, cut = steps(trail)
        at: Enters | None = None
        key = why = ""
        decided = True
        known = self._steps
        found = []
        for step in way:
            if isinstance(step, Rule):
                text = known.get((key, step.index))
                if text is None:
                    text = known[key, step.index] = self._step(at, step), decides(step)
                decided = text[1]
                found.append(text[0])
                continue
            if isinstance(step, Policy):
                found.append(_policy("" if at is None else at.hook, step.table, step.chain, step.line, step.verdict.value))
                decided = True
            elif isinstance(step, Translated):
                decided = decided or bool(step.why)
            else:
                if at is not None and not decided:
                    self._accepted(at, found)
                decided = True
                if isinstance(step, Enters):
                    at, decided = step, False
                    key = f"{step.hook} {step.table}"
                elif isinstance(step, Ended):
                    why = f',"why":{_string(step.why.english())}'
        if at is not None and on and not decided:
            self._accepted(at, found)
        return ",".join(found), why + (',"path_cut":true' if cut else "")

    def _step(self, at: Enters | None, rule: Rule) -> str:
        """A rule and what it does."""
        does = effect(binding.effect(rule), self._family).english()
        hook, table = ("", "") if at is None else (at.hook, at.table)
        return _object({"hook": hook, "table": table, "chain": rule.chain, "line": rule.line, "rule": rule.text, "effect": does})

    def _accepted(self, at: Enters, found: list[str]) -> None:
        """Adds that the policy of a base chain has let the packet on."""
        key = at.table, at.hook
        if key not in self._policies:
            chain = policy(self._dump, *key)
            self._policies[key] = None if chain is None else _policy(at.hook, at.table, chain.name, chain.line, chain.policy or "")
        text = self._policies[key]
        if text is not None:
            found.append(text)


def _policy(hook: str, table: str, chain: str, line: int, verdict: str) -> str:
    return _object({"hook": hook, "table": table, "chain": chain, "line": line, "rule": None, "effect": f"policy {verdict}"})


def _object(found: Json) -> str:
    return documents.write(found)[:-1]


@lru_cache(maxsize=4096)
def _share(share: Share) -> str:
    return _object({"probability": float(share), "fraction": share.fraction()})[1:-1]


def _assumption(question: Question, answer: bool) -> str:  # noqa: FBT001 - an answer is a bool
    text = question.text.english()
    return _string(text if answer else f"not: {text}")


def _text(value: str | None) -> str:
    return "null" if value is None else _string(value)


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _address(value: Address | None) -> str:
    return "null" if value is None else f'"{value}"'


def packet_keys(packet: Packet) -> Json:
    """The packet in the keys of a line of --packets; what is not known is left out, so that such a line gives the same packet again."""
    found: Json = {
        "proto": names.protocol(str(packet.protocol)),
        "src": str(packet.source),
        "dst": str(packet.destination),
        "sport": packet.source_port,
        "dport": packet.destination_port,
        "mark": f"{packet.mark:#x}",
        "ct": packet.connection,
        "flags": None if packet.flags is None else "".join(letter for letter, flag in FLAGS.items() if flag in packet.flags),
        "icmp_type": packet.icmp_type,
        "icmp_code": None if packet.icmp_type is None else packet.icmp_code,
        "frag": packet.fragment or None,
        "ttl": packet.ttl,
        "tos": packet.tos,
        "length": packet.length,
        "ct_mark": f"{packet.connection_mark:#x}" if packet.connection_mark else None,
        "ct_dnat": _place(packet.translated_to),
        "ct_snat": _place(packet.translated_from),
        "bad_csum": packet.bad_checksum or None,
        "src_mac": None if packet.hardware_source is None else packet.hardware_source.to_bytes(6).hex(":"),
        "payload": None if packet.payload is None else packet.payload.hex(),
    }
    found = {key: value for key, value in found.items() if value is not None}
    return found if packet.input == UNSAID else {**found, "iif": packet.input}


def _packet(packet: Packet) -> str:
    return _object(packet_keys(packet))


def _place(place: Place | None) -> str | None:
    if place is None:
        return None
    return str(Endpoint(place.address, place.address, place.port, place.port))
