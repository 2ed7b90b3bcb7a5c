"""The sentence on a rule: which packets it is about (`packets`), what it does with them (`doing`), and what share of them it takes.

It is put together from whole phrases, each a template: those of the extensions (`extensions.phrasing`), and those that take more than the
rule itself to say: the Service behind an address, the Pod behind a chain, what a mark is for, the share of a draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain.doing import doing
from iptexplain.analysis.explain.packets import about
from iptexplain.analysis.explain.setting import Setting
from iptexplain.analysis.explain.shares import drawn
from iptexplain.extensions import binding, phrasing
from iptexplain.extensions.matches.recent import Recent
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.share import percent
from iptexplain.model.values import CERTAIN
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.explain.shares import Drawn
    from iptexplain.inputs.names import Names
    from iptexplain.model.ruleset import Rule, Ruleset, Table
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


class Sentences:
    """Says the rules of one dump in words."""

    def __init__(self, setting: Setting) -> None:
        """See the class."""
        self._setting = setting
        self._drawn: dict[tuple[str, str], dict[int, Drawn]] = {}

    def of(self, table: Table, rule: Rule) -> Sentence:
        """The sentence on a rule of a table."""
        setting, target = self._setting, rule.target_name or ""
        share = self._share(table, rule)
        phrases = phrasing.phrases(rule)
        if share is not None and share.threshold is not None:
            draw = _draw_of(rule)
            phrases = [one for one in phrases if one.text not in draw]
        packets = about(setting, rule, phrases)
        service = setting.service_of(target) or setting.service_of(rule.chain)
        pod = (setting.pod_of(target) or setting.pod_of(rule.chain)) if table.name == "nat" else None
        if share is not None:
            action = doing(setting, table, rule, {packets.service, setting.service_of(rule.chain)})
            text = message(_of_draw(share, asks=packets.asks), packets=packets.text, action=action, **_numbers(share))
        else:
            text = self._again(table, rule) or message(
                "{packets}: {action}",
                packets=packets.text,
                action=doing(setting, table, rule, {packets.service, setting.service_of(rule.chain)}),
            )
        return Sentence(text, share, service, None if pod is None else str(pod))

    def _share(self, table: Table, rule: Rule) -> Drawn | None:
        """What the rule takes where it draws lots with others; worked out for a whole chain at once."""
        key = table.name, str(rule.chain)
        if key not in self._drawn:
            self._drawn[key] = drawn(table, rule.chain)
        return self._drawn[key].get(rule.index)

    def _again(self, table: Table, rule: Rule) -> Message | None:
        """Session affinity: the rule leads clients to the endpoint whose chain has put them on its list; None for other rules."""
        pod = self._setting.pod_of(rule.target_name or "") if table.name == "nat" else None
        if pod is None or not any(clause.name == Recent.NAME for clause in rule.shape.clauses):
            return None
        matches = binding.matches(rule)
        if len(matches) != 1 or not isinstance(matches[0], Recent):
            return None
        asked = matches[0]
        plain = asked.rcheck is not None and not asked.rcheck.negated and asked.hitcount is None and not asked.rttl and not asked.rdest
        if not plain or asked.seconds is None or asked.name != rule.target_name:
            return None
        return message("clients that were sent to {pod} in the last {seconds} s: there again", pod=pod, seconds=asked.seconds)


def _draw_of(rule: Rule) -> list[Message]:
    """The phrases of the draw of a rule; none if it draws nothing."""
    return [
        phrase.text
        for match in binding.matches(rule)
        if isinstance(match, Statistic) and match.threshold is not None
        for phrase in match.phrases()
    ]


_FIRST = {
    (False, False): N_("with {part} ({share}): {action}"),
    (True, False): N_("{packets}, with {part} ({share}): {action}"),
    (False, True): N_("with {part} of what comes here: {action}"),
    (True, True): N_("{packets}, with {part} of what comes here: {action}"),
}
_NEXT = {
    (False, False): N_("with {part} of what is left, that is {share}: {action}"),
    (True, False): N_("{packets}, with {part} of what is left, that is {share}: {action}"),
    (False, True): N_("with {part} of what is left, that is {share} of what comes to line {line}: {action}"),
    (True, True): N_("{packets}, with {part} of what is left, that is {share} of what comes to line {line}: {action}"),
}
_LAST = {
    (False, False): N_("all that is left, that is {share}: {action}"),
    (True, False): N_("{packets}, all that is left, that is {share}: {action}"),
    (False, True): N_("all that is left, that is {share} of what comes to line {line}: {action}"),
    (True, True): N_("{packets}, all that is left, that is {share} of what comes to line {line}: {action}"),
}
"""For the rules that draw lots together, by their place among them: whether it says which packets, and whether rules of the chain before
the first of them may have taken some, so that the share is one of what comes there."""


def _of_draw(share: Drawn, *, asks: bool) -> str:
    """The template for a rule that draws lots with others."""
    templates = _LAST if share.threshold is None else _FIRST if share.first else _NEXT
    return templates[asks, share.since is not None]


_SAME = 2e-4
"""So far, as a part of itself, a chance may be from 1/n to be written so: up to 1.16 kube-proxy wrote five digits."""


def _numbers(share: Drawn) -> dict[str, object]:
    """The written chance and the effective share, for people."""
    k = CERTAIN if share.threshold is None else share.threshold
    whole = round(CERTAIN / k) if k else 0
    simple = whole and abs(k * whole / CERTAIN - 1) < _SAME
    part = f"1/{whole}" if simple and whole > 1 else percent(k / CERTAIN)
    return {"part": part, "share": percent(float(share.share)), "line": share.since}
