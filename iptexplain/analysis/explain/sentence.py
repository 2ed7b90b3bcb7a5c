"""The sentence on a rule: which packets it is about, and what it does with them.

It is put together from whole phrases, each a template: those of the extensions (`extensions.phrasing`), and here those that take more than
the rule itself to say: the Service behind an address, the Pod behind a chain, what a mark is for, the share of a draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain.setting import Setting
from iptexplain.analysis.explain.shares import drawn
from iptexplain.analysis.terminal import leaves
from iptexplain.extensions import binding, phrasing
from iptexplain.extensions.common.phrases import protocol
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.address import Endpoint, Network
from iptexplain.model.matching import Constraint, Field, Jump, Opaque, SetMark, Verdict
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.model.share import percent
from iptexplain.model.values import CERTAIN, Ports
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iptexplain.analysis.explain.shares import Drawn
    from iptexplain.inputs.names import Names
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Rule, Ruleset, Table
    from iptexplain.model.values import Mark
    from iptexplain.source import Message


class Sentence(NamedTuple):
    """A rule in words.

    `drawn` is what it takes of what rules draw lots for, None where it does not draw with others; `service` and `pod` are the Service port
    and the Pod that it is about, as far as they are known.
    """

    text: Message
    drawn: Drawn | None = None
    service: str | None = None
    pod: str | None = None


def sentences(ruleset: Ruleset, *, names: Names | None = None) -> Iterator[tuple[Rule, Sentence]]:
    """Each rule of an input with its sentence, in the order of the dump; `str(sentence.text)` is the sentence in English.

    `names` are Service ports that the cluster has, which may name more than the dump does.
    """
    for dump in ruleset.dumps:
        found = Sentences(Setting(dump, names))
        for table in dump.tables:
            for rule in table.rules:
                yield rule, found.of(table, rule)


_PACKETS = {
    (False, False): N_("{what}"),
    (True, False): N_("{what} from {source}"),
    (False, True): N_("{what} to {destination}"),
    (True, True): N_("{what} from {source} to {destination}"),
}
"""Which packets, by whether it is said where they come from and where they go to."""


Parts = dict[Part, list[Phrase]]
"""The phrases on a rule by their places in the sentence."""


class Sentences:
    """Says the rules of one dump in words."""

    def __init__(self, setting: Setting) -> None:
        """See the class."""
        self._setting = setting
        self._drawn: dict[tuple[str, str], dict[int, Drawn]] = {}

    def of(self, table: Table, rule: Rule) -> Sentence:
        """The sentence on a rule of a table."""
        share = self._share(table, rule)
        found = _both_ports(phrasing.phrases(rule), native=self._setting.dump.backend != "legacy")
        if share is not None:
            draw = draw_of(rule)
            found = [one for one in found if draw is None or one.text not in draw]
        parts: Parts = {part: [one for one in found if one.part is part] for part in Part}
        packets = self._packets(rule, parts)
        action = self._action(table, rule, self._destined(rule, parts))
        said = message("{packets}: {action}", packets=packets, action=action)
        if share is not None:
            of_all = not found
            said = message(_of_draw(share, of_all=of_all), packets=packets, action=action, **_numbers(share))
        target = rule.target_name or ""
        pod = self._setting.pod_of(target) or self._setting.pod_of(rule.chain)
        service = self._setting.service_of(target) or self._setting.service_of(rule.chain)
        return Sentence(said, share, service, None if pod is None else str(pod))

    def _share(self, table: Table, rule: Rule) -> Drawn | None:
        """What the rule takes where it draws lots with others; worked out for a whole chain at once."""
        key = table.name, str(rule.chain)
        if key not in self._drawn:
            self._drawn[key] = drawn(table, rule.chain)
        return self._drawn[key].get(rule.line)

    # -- which packets

    def _packets(self, rule: Rule, parts: Parts) -> Message:
        """Which packets a rule is about."""
        source, destination = self._end(rule, parts, Part.FROM), self._end(rule, parts, Part.TO)
        conditions = [self._condition(rule, one) for one in parts[Part.IF]]
        what = [one.text for one in parts[Part.WHAT]] or [message("everything")]
        others = [one.constraint for one in parts[Part.WHAT] if one.constraint is not None and one.constraint.negated]
        if others and (source is not None or destination is not None):  # "everything but TCP from A" could be everything but (TCP from A)
            what = [message("everything")]
            conditions = [*[message("not {protocol}", protocol=protocol(str(one.wanted))) for one in others], *conditions]
        text = _PACKETS[source is not None, destination is not None]
        if source is not None and destination is not None and all(_asks(one, Field.SOURCE_PORT) for one in parts[Part.FROM]):
            text = N_("{what} from {source}, to {destination}")  # "from port 67 to port 68" could be a range
        said = message(text, what=all_of(what), source=source, destination=destination)
        return message("{packets}, {conditions}", packets=said, conditions=all_of(conditions)) if conditions else said

    def _end(self, rule: Rule, parts: Parts, end: Part) -> Message | None:
        """Where packets come from, or go to, None where that is not said; an address and a port as one, with the Service behind them."""
        phrases, (address, port) = parts[end], _singles(parts, end)
        service = self._destined(rule, parts) if end is Part.TO else None
        place: Message | None = None
        if address is not None:
            place = self._place(rule, end, address, port, service)
        elif service is not None and port is not None:
            place = message("node port {port} of {service}", service=service, port=_number(port))
        said = () if place is None else (address, port)
        rest = sorted((one for one in phrases if one not in said), key=_narrowness)
        texts = [*([] if place is None else [place]), *[one.text for one in rest]]
        if len(texts) > 1:
            return message("{first} ({rest})", first=texts[0], rest=all_of(texts[1:]))
        return texts[0] if texts else None

    def _place(self, rule: Rule, end: Part, address: Phrase, port: Phrase | None, service: str | None) -> Message:
        """An address, and the port if there is one."""
        to, number = _address(address), None if port is None else _number(port)
        own = self._setting.pod_of(rule.chain)
        if end is Part.FROM and own is not None and own.first == to and number is None:
            return message("this Pod itself ({address})", address=to)
        place = Endpoint(to, to, number, number)
        return verbatim(place) if service is None else message("{service} ({place})", service=service, place=place)

    def _destined(self, rule: Rule, parts: Parts) -> str | None:
        """The Service port that listens where the packets of a rule go to; on the node's addresses, in kube-proxy's chains, by its port."""
        address, port = _singles(parts, Part.TO)
        protocols = [one.constraint for one in parts[Part.WHAT] if one.constraint is not None]
        if port is None or len(protocols) != 1 or protocols[0].negated or (address is None and not rule.chain.startswith("KUBE-")):
            return None
        return self._setting.service_at(None if address is None else _address(address), _number(port), str(protocols[0].wanted))

    def _condition(self, rule: Rule, phrase: Phrase) -> Message:
        """A condition; a mark by what it is for, where that is certain."""
        mark = self._setting.asks_masquerade(phrase.constraint, rule.chain)
        if mark is None or phrase.constraint is None:
            return phrase.text
        return message(_MARKED[phrase.constraint.negated], mark=f"{mark.value:#x}")

    # -- what it does

    def _action(self, table: Table, rule: Rule, service: str | None) -> Message:
        """What a rule does; `service` is the one that its packets go to."""
        effect = binding.effect(rule)
        if isinstance(effect, Jump):
            return self._way(table, effect, {service, self._setting.service_of(rule.chain)})
        said = phrasing.action(rule)
        if isinstance(effect, Verdict) and said is None:
            return _verdict(table, rule, effect)
        said = said or message("do {text}", text=rule.target_name or "")
        if isinstance(effect, SetMark) and table.name == "nat":
            said = self._marking(table, rule, effect) or said
        ends = leaves(effect) or (isinstance(effect, Opaque) and not phrasing.goes_on(rule))
        return said if ends else message("{action}, go on", action=said)

    def _marking(self, table: Table, rule: Rule, effect: SetMark) -> Message | None:
        """What one of kube-proxy's rules does to the mark for masquerade; None for other rules."""
        mark = self._setting.masquerade_mark
        if mark is None:
            return None
        if rule.chain == layout.MARK_MASQUERADE and self._setting.marks_masquerade(table.name, rule.chain) is not None:
            return _for_masquerade(mark)
        if rule.chain != layout.POSTROUTING or effect.mark != (mark.value, 0) or mark.value != mark.mask:
            return None
        before = [one for one in table.rules_of(rule.chain) if one.index < rule.index]
        only_marked = any(binding.effect(one) is Verdict.RETURN and _asks_only(one, mark) for one in before)
        return message("take the mark off again ({mark})", mark=f"{mark.value:#x}") if only_marked else None

    def _way(self, table: Table, effect: Jump, services: Collection[str | None]) -> Message:
        """Where a rule leads to, in words; `services` are those that the rule is about."""
        chain = effect.chain
        text = N_("go to {chain}")
        pod = self._setting.pod_of(chain) if table.name == "nat" else None
        service = self._setting.service_of(chain)
        mark = self._setting.marks_masquerade(table.name, chain)
        if not table.has_chain(chain):
            text = _GONE[effect.goto]
        elif effect.goto:
            text = N_("go to {chain}, and do not come back here")
        elif not table.rules_of(chain):
            text = N_("go to {chain}, which is empty, go on")
        elif mark is not None:
            return message("{action}, go on", action=_for_masquerade(mark))
        elif pod is not None:
            text = N_("to Pod {pod}")
        elif service is not None:
            text = N_("go to this Service's chain {chain}") if service in services else N_("go to {service} ({chain})")
        return message(text, chain=chain, pod=pod, service=service)


def _narrowness(phrase: Phrase) -> int:
    """What of several limits of one end is said first: addresses, then what addresses it is not, then ports."""
    one = phrase.constraint
    if one is None:
        return 0
    return 2 if one.field in {Field.SOURCE_PORT, Field.DESTINATION_PORT} else int(one.negated)


def _asks_only(rule: Rule, mark: Mark) -> bool:
    """Does a rule match all packets without a mark, and no others."""
    tests = binding.tests(rule)
    return len(tests) == 1 and not tests[0].branches and tests[0].constraints == (Constraint(Field.MARK, mark, negated=True),)


_GONE = N_("go to {chain}, which is not in this dump"), N_("go to {chain}, which is not in this dump, and do not come back here")
"""For a jump and for a goto."""


def _asks(phrase: Phrase, field: Field) -> bool:
    """Is a phrase about a field."""
    return phrase.constraint is not None and phrase.constraint.field is field


def _both_ports(phrases: list[Phrase], *, native: bool) -> list[Phrase]:
    """The phrases on a rule, with what iptables-nft makes of `! --sport A ! --dport B`: all but packets that have both (measured)."""
    ports = [one for one in phrases if _asks(one, Field.SOURCE_PORT) or _asks(one, Field.DESTINATION_PORT)]
    wanted = [one.constraint.wanted for one in ports if one.constraint is not None and one.constraint.negated]
    protocols = {str(one.constraint.wanted) for one in phrases if one.part is Part.WHAT and one.constraint is not None}
    single = [one.first for one in wanted if isinstance(one, Ports) and one.first == one.last]
    if not native or len(ports) != 2 or len(single) != 2 or not protocols <= {"tcp", "udp"}:  # noqa: PLR2004 - source and destination
        return phrases
    said = message("not from port {source} and to port {destination} at once", source=single[0], destination=single[1])
    return [*[one for one in phrases if one not in ports], Phrase(Part.IF, said)]


def _singles(parts: Parts, end: Part) -> tuple[Phrase | None, Phrase | None]:
    """The phrase about one address and the one about one port; None where there is none, or several."""
    address, port = (Field.SOURCE, Field.SOURCE_PORT) if end is Part.FROM else (Field.DESTINATION, Field.DESTINATION_PORT)
    return _single(parts[end], address), _single(parts[end], port)


def _single(phrases: Sequence[Phrase], field: Field) -> Phrase | None:
    found = [one for one in phrases if one.constraint is not None and one.constraint.field is field]
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


_MARKED = N_("marked for masquerade ({mark})"), N_("not marked for masquerade ({mark})")
"""What one of kube-proxy's rules asks of the mark, and the opposite."""


def _for_masquerade(mark: Mark) -> Message:
    return message("mark for masquerade ({mark})", mark=f"{mark.value:#x}")


_TABLES = {
    Verdict.ACCEPT: N_("accept (no further rules of table {table} here)"),
    Verdict.DROP: N_("drop"),
}


def _verdict(table: Table, rule: Rule, effect: Verdict) -> Message:
    """What a verdict means where the rule stands."""
    match effect:
        case Verdict.ACCEPT if table.name == "filter":
            return message("accept")
        case Verdict.ACCEPT | Verdict.DROP:
            return message(_TABLES[effect], table=table.name)
        case Verdict.RETURN if rule.chain in BUILT_IN:
            declared = table.chains.get(rule.chain)
            policy = None if declared is None else declared.policy
            if policy is None:
                return message("no further rules of this chain: its policy, which this dump lacks, decides")
            return message("no further rules of this chain: its policy ({policy}) decides", policy=policy)
        case Verdict.RETURN:
            return message("back to where this chain was called")
        case Verdict.CONTINUE:
            return message("only count, go on")


def draw_of(rule: Rule) -> list[Message] | None:
    """The phrases of the draw of a rule, None if it draws nothing."""
    for match in binding.matches(rule):
        if isinstance(match, Statistic) and match.threshold is not None:
            return [one.text for one in match.phrases()]
    return None


def _of_draw(share: Drawn, *, of_all: bool) -> str:
    """The template for a rule that draws lots with others: by its place among them, and whether it says which packets."""
    if share.threshold is None:
        return N_("all that is left, that is {share}: {action}") if of_all else N_("{packets}, all that is left, that is {share}: {action}")
    if share.first:
        return N_("with {part} ({share}): {action}") if of_all else N_("{packets}, with {part} ({share}): {action}")
    if of_all:
        return N_("with {part} of what is left, that is {share}: {action}")
    return N_("{packets}, with {part} of what is left, that is {share}: {action}")


_SAME = 2e-4
"""So far, as a part of itself, a chance may be from 1/n to be written so: up to 1.16 kube-proxy wrote five digits."""


def _numbers(share: Drawn) -> dict[str, str]:
    """The written chance and the effective share, for people."""
    k = CERTAIN if share.threshold is None else share.threshold
    whole = round(CERTAIN / k) if k else 0
    simple = whole and abs(k * whole / CERTAIN - 1) < _SAME
    return {"part": f"1/{whole}" if simple and whole > 1 else percent(k / CERTAIN), "share": percent(float(share.share))}
