"""Which packets a rule is about, in words: the first half of its sentence.

An address and a port are said as one place, with the Service that listens there by the rules of kube-proxy, or by the comment of one of
its rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.extensions.common.phrases import protocol
from iptexplain.model.address import Endpoint, Network
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Ports
from iptexplain.named import NamedTuple
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Rule
    from iptexplain.source import Message

_PACKETS = {
    (False, False): N_("{what}"),
    (True, False): N_("{what} from {source}"),
    (False, True): N_("{what} to {destination}"),
    (True, True): N_("{what} from {source} to {destination}"),
}
"""Which packets, by whether it is said where they come from and where they go to."""

_MARKED = N_("marked for masquerade ({mark})"), N_("not marked for masquerade ({mark})")
"""What one of kube-proxy's rules asks of the mark, and the opposite."""


class About(NamedTuple):
    """Which packets: `text`, the Service port that they go to (None: not known), and whether the rule asks anything of them."""

    text: Message
    service: str | None
    asks: bool


def about(setting: Setting, rule: Rule, phrases: Sequence[Phrase]) -> About:
    """Which packets a rule is about; `phrases` are those of its matches."""
    found = _both_ports(phrases, native=setting.dump.backend != "legacy")
    sentence = _Packets(setting, rule, {part: [one for one in found if one.part is part] for part in Part})
    return About(sentence.text(), sentence.service, bool(found))


class _Packets:
    """Puts the phrases on one rule together."""

    def __init__(self, setting: Setting, rule: Rule, parts: dict[Part, list[Phrase]]) -> None:
        self._setting = setting
        self._rule = rule
        self._parts = parts
        self.service, self._listens = self._destined()

    def text(self) -> Message:
        """All of it."""
        parts = self._parts
        source, destination = self._end(Part.FROM), self._end(Part.TO)
        conditions = [self._condition(one) for one in parts[Part.IF]]
        what = [one.text for one in parts[Part.WHAT]] or [message("everything")]
        others = [one.constraint for one in parts[Part.WHAT] if one.constraint is not None and one.constraint.negated]
        if others and (source is not None or destination is not None):  # "everything but TCP from A" could be everything but (TCP from A)
            what = [message("everything")]
            conditions = [*[message("not {protocol}", protocol=protocol(str(one.wanted))) for one in others], *conditions]
        template = _PACKETS[source is not None, destination is not None]
        if source is not None and destination is not None and all(_asks(one, Field.SOURCE_PORT) for one in parts[Part.FROM]):
            template = N_("{what} from {source}, to {destination}")  # "from port 67 to port 68" could be a range
        said = message(template, what=all_of(what), source=source, destination=destination)
        if not conditions:
            return said
        *before, last = conditions
        for one in reversed(before):
            last = message("{condition}, {conditions}", condition=one, conditions=last)
        return message("{packets}, {conditions}", packets=said, conditions=last)

    def _end(self, end: Part) -> Message | None:
        """Where packets come from, or go to, None where that is not said."""
        phrases, (address, port) = self._parts[end], _singles(self._parts, end)
        place: Message | None = None
        if address is not None:
            place = self._place(end, address, port)
        elif end is Part.TO and self._listens is not None and port is not None:
            place = message(self._listens, service=self.service, port=_number(port))
        said = () if place is None else (address, port)
        rest = sorted((one for one in phrases if one not in said), key=_narrowness)
        texts = [*([] if place is None else [place]), *[one.text for one in rest]]
        if len(texts) > 1:
            return message("{first} ({rest})", first=texts[0], rest=all_of(texts[1:]))
        return texts[0] if texts else None

    def _place(self, end: Part, address: Phrase, port: Phrase | None) -> Message:
        """An address, and the port if there is one."""
        to, number = _address(address), None if port is None else _number(port)
        own = self._setting.pod_of(self._rule.chain)
        if end is Part.FROM and own is not None and own.first == to and number is None:
            itself = N_("this Pod itself ({address})") if self._setting.is_pod(own) else N_("this endpoint itself ({address})")
            return message(itself, address=to)
        place = Endpoint(to, to, number, number)
        if end is Part.FROM or self.service is None or number is None:
            return verbatim(place)
        return message("{service} ({place})", service=self.service, place=place)

    def _condition(self, phrase: Phrase) -> Message:
        """A condition; a mark by what it is for, where that is certain."""
        mark = self._setting.asks_masquerade(phrase.constraint, self._rule.chain)
        if mark is None or phrase.constraint is None:
            return phrase.text
        return message(_MARKED[phrase.constraint.negated], mark=f"{mark.value:#x}")

    def _destined(self) -> tuple[str | None, str | None]:
        """The Service port that listens where the packets go to; and how to say so of a port alone, in kube-proxy's chains."""
        address, port = _singles(self._parts, Part.TO)
        protocols = [one.constraint for one in self._parts[Part.WHAT] if one.constraint is not None]
        if port is None or len(protocols) != 1 or protocols[0].negated:
            return None, None
        to = None if address is None else _address(address)
        own = self._rule.chain.startswith("KUBE-")
        if to is None and not own:
            return None, None
        found = self._setting.service_at(to, _number(port), str(protocols[0].wanted))
        if found is not None or not own:
            return found, N_("node port {port} of {service}")
        for behind, template in _SAYS.items():
            said = comment(self._rule) or ""
            if said.endswith(behind) and (address is None) is (template is not None):
                return said.removesuffix(behind).removesuffix(":"), template
        return None, None


_SAYS: dict[str, str | None] = {
    " cluster IP": None,
    " external IP": None,
    " loadbalancer IP": None,
    " health check node port": N_("port {port}, where {service} answers health checks"),
}
"""How kube-proxy's comments end that name the Service behind the destination; the words for a port alone (`layout` has them all)."""


def _asks(phrase: Phrase, field: Field) -> bool:
    """Is a phrase about a field."""
    return phrase.constraint is not None and phrase.constraint.field is field


def _both_ports(phrases: Sequence[Phrase], *, native: bool) -> Sequence[Phrase]:
    """The phrases on a rule, with what iptables-nft makes of `! --sport A ! --dport B`: all but packets that have both (measured)."""
    ports = [one for one in phrases if _asks(one, Field.SOURCE_PORT) or _asks(one, Field.DESTINATION_PORT)]
    if not native or len(ports) != 2:  # noqa: PLR2004 - source and destination
        return phrases
    wanted = [one.constraint.wanted for one in ports if one.constraint is not None and one.constraint.negated]
    protocols = {str(one.constraint.wanted) for one in phrases if one.part is Part.WHAT and one.constraint is not None}
    single = [one.first for one in wanted if isinstance(one, Ports) and one.first == one.last]
    if len(single) != 2 or not protocols <= {"tcp", "udp"}:  # noqa: PLR2004 - as above
        return phrases
    said = message("not from port {source} and to port {destination} at once", source=single[0], destination=single[1])
    return [*[one for one in phrases if one not in ports], Phrase(Part.IF, said)]


def _singles(parts: dict[Part, list[Phrase]], end: Part) -> tuple[Phrase | None, Phrase | None]:
    """The phrase about one address and the one about one port; None where there is none, or several."""
    address, port = (Field.SOURCE, Field.SOURCE_PORT) if end is Part.FROM else (Field.DESTINATION, Field.DESTINATION_PORT)
    return _single(parts[end], address), _single(parts[end], port)


def _single(phrases: Sequence[Phrase], field: Field) -> Phrase | None:
    found = [one for one in phrases if _asks(one, field)]
    if len(found) != 1 or found[0].constraint is None or found[0].constraint.negated:
        return None
    wanted = found[0].constraint.wanted
    one_port = isinstance(wanted, Ports) and wanted.first == wanted.last
    return found[0] if one_port or _address(found[0]) is not None else None


def _number(phrase: Phrase) -> int:
    """The one port that a phrase is about."""
    wanted = None if phrase.constraint is None else phrase.constraint.wanted
    return wanted.first if isinstance(wanted, Ports) else 0


def _address(phrase: Phrase) -> Address | None:
    """The one address that a phrase is about; None if it is about more, or about something else."""
    wanted = None if phrase.constraint is None else phrase.constraint.wanted
    return wanted.single if isinstance(wanted, Network) else None


def _narrowness(phrase: Phrase) -> int:
    """What of several limits of one end is said first: addresses, then what addresses it is not, then ports."""
    one = phrase.constraint
    if one is None:
        return 0
    return 2 if one.field in {Field.SOURCE_PORT, Field.DESTINATION_PORT} else int(one.negated)
