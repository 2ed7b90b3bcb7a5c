"""`explain` as a page: hook by hook, each chain with what it is for, each rule as a sentence beside its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain import reading
from iptexplain.extensions import binding
from iptexplain.model.matching import Jump, Reject, Translate, Verdict
from iptexplain.named import NamedTuple
from iptexplain.render.explain_words import about, chain_words, hook_words, origin_words, remark, rule_words
from iptexplain.render.head import of_dump
from iptexplain.render.layout import fold
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iptexplain.analysis.explain.reading import Hook, Item, Opened, Told
    from iptexplain.model.ruleset import Dump
    from iptexplain.render.explain_words import Known
    from iptexplain.render.style import Style

_STEP = 2
"""So many columns a chain stands further in than the one that leads to it."""
_NARROWEST = 40
"""The columns that are left to a sentence, whatever the depth."""


class How(NamedTuple):
    """How to show it: the columns of the terminal, colours, whether the lines on the dump stand above."""

    width: int
    style: Style
    head: bool = True


def page(file: str, dump: Dump, items: Iterable[Item], known: Known, how: How) -> Iterator[str]:
    """One dump as lines of at most `how.width` columns."""
    width, style, head = how
    if head:
        yield from of_dump(file, dump, width)
        yield from (style.quiet(line) for line in fold(say(about(known.setting.owners.summary())), width))
    number = len(str(max((rule.line for table in dump.tables for rule in table.rules[-1:]), default=1)))
    waiting: Hook | None = None
    for item in items:
        if isinstance(item, reading.Hook):
            waiting = item
            continue
        if waiting is not None:
            words = hook_words(waiting.name)
            yield from ["", *(style.title(line) for line in (() if words is None else fold(say(words), width)))]
        if isinstance(item, reading.Opened):
            if item.depth == 0 and waiting is None:
                yield ""
            yield from _opened(item, known, number, width, style)
        else:
            yield from _told(item, known, number, width, style)
        waiting = None


def _indent(depth: int, number: int, width: int) -> str:
    """The blanks before what stands so deep."""
    most = max(width - number - 2 - _NARROWEST, 0) // _STEP
    return " " * (_STEP * min(depth, most))


def _opened(item: Opened, known: Known, number: int, width: int, style: Style) -> Iterator[str]:
    """The line above the rules of a chain."""
    indent = " " * (number + 2) + _indent(item.depth, number, width)
    for line in fold(say(chain_words(item, known)), width - len(indent)):
        yield indent + style.title(line)
    if item.told < item.rules:
        text = message("{told} of its {rules} rules", told=item.told, rules=item.rules)
        yield from (indent + style.quiet(line) for line in fold(say(text), width - len(indent)))


def _tone(item: Told, known: Known, style: Style) -> Callable[[str], str]:
    """The colour of a sentence: where traffic ends, and where senders are replaced, which people trip over."""
    effect = binding.effect(item.rule)
    if effect is Verdict.DROP or isinstance(effect, Reject):
        return style.bad
    masquerades = isinstance(effect, Translate) and effect.kind in {"MASQUERADE", "SNAT"}
    marks = known.setting.marks_masquerade(item.table, effect.chain if isinstance(effect, Jump) else item.rule.chain) is not None
    return style.care if masquerades or marks else str


def _told(item: Told, known: Known, number: int, width: int, style: Style) -> Iterator[str]:
    """A rule: its line, its sentence, its comment; where it comes from, if that is wanted."""
    indent = _indent(item.depth, number, width)
    before = f"{item.rule.line:>{number}}  {indent}"
    hanging = " " * len(before)
    tone = _tone(item, known, style)
    for count, line in enumerate(fold(say(rule_words(item)), width - len(before))):
        yield (style.quiet(before) if count == 0 else hanging) + tone(line)
    said = remark(item, known)
    for text in [*([] if said is None else [said]), *origin_words(item, known)]:
        yield from (f"{hanging}  {style.quiet(line)}" for line in fold(say(text), width - len(before) - 2))
