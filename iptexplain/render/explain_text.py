"""`explain` as a page: hook by hook, each chain with what it is for, each rule as a sentence beside its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain import reading
from iptexplain.extensions import binding
from iptexplain.model.matching import Jump, Reject, Translate, Verdict
from iptexplain.named import NamedTuple
from iptexplain.render.explain_words import (
    More,
    about,
    chain_words,
    hook_words,
    more_words,
    notes,
    origin_words,
    other_tables,
    remark,
    rule_words,
    shortened,
    who,
)
from iptexplain.render.explain_words import which as which_dump
from iptexplain.render.head import of_dump
from iptexplain.render.layout import fold
from iptexplain.render.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iptexplain.analysis.explain.reading import Hook, Item, Opened, Told
    from iptexplain.render.explain_words import Page
    from iptexplain.render.style import Style

_NARROWEST = 30
"""The columns that are left to a sentence, whatever the depth."""

_WIDE = 60
"""From so many columns on each level stands two columns further in, else one."""


class How(NamedTuple):
    """How to show it: the columns of the terminal, colours, whether the lines on the dump stand above."""

    width: int
    style: Style
    head: bool = True


def page(what: Page, how: How) -> Iterator[str]:
    """One dump as lines of at most `how.width` columns."""
    view = _View(what, how)
    yield from view.head()
    before: Item | More | None = None
    for item in shortened(what.items):
        if isinstance(item, reading.Hook):
            yield from view.hook(item)
        elif isinstance(item, reading.Opened):
            yield from [""] if item.depth == 0 and not isinstance(before, reading.Hook) else []
            yield from view.opened(item)
        elif isinstance(item, More):
            yield from view.more(item)
        else:
            yield from view.told(item)
        before = item
    if before is None:
        yield from view.nothing()
    yield from view.end()


class _View:
    """Lays out the parts of one page."""

    def __init__(self, what: Page, how: How) -> None:
        self._known = what.known
        self._what = what
        self._width, self._style, self._head = how
        rules = (rule.line for table in what.dump.tables for rule in table.rules[-1:])
        self._number = len(str(max(rules, default=1)))
        self._step = 2 if self._width >= _WIDE else 1
        self._begun = False

    def _fold(self, text: str, indent: str = "") -> Iterator[str]:
        return (indent + line for line in fold(text, self._width - len(indent)))

    def head(self) -> Iterator[str]:
        """The lines on the dump; without them at least which of several it is, and what of it is missing."""
        if self._head:
            yield from of_dump(self._what.file, self._what.dump, self._width)
            owners = self._known.setting.owners
            found = owners.summary()
            yield from map(self._style.quiet, self._fold(say(about(found))))
            for one in who(found, owners) if self._known.origins else ():
                yield from map(self._style.quiet, self._fold(say(one)))
            self._begun = True
        elif self._what.several:
            yield from map(self._style.title, self._fold(say(which_dump(self._what))))
            self._begun = True
        for note in notes(self._what):
            yield from map(self._style.care, self._fold(say(note)))
            self._begun = True

    def hook(self, hook: Hook) -> Iterator[str]:
        """What is met at a hook."""
        words = hook_words(hook.name, self._what)
        yield from [""] if self._begun else []
        yield from map(self._style.title, () if words is None else self._fold(say(words)))
        self._begun = True

    def nothing(self) -> Iterator[str]:
        """That nothing fits what was asked for."""
        yield from self._fold(say(more_words(None)))

    def end(self) -> Iterator[str]:
        """What else may matter."""
        said = other_tables(self._what)
        yield from () if said is None else ("", *map(self._style.care, self._fold(say(said))))

    def _indent(self, depth: int) -> str:
        """The blanks before what stands so deep."""
        most = max(self._width - self._number - 2 - _NARROWEST, 0) // self._step
        return " " * (self._step * min(depth, most))

    def opened(self, item: Opened) -> Iterator[str]:
        """The line above the rules of a chain."""
        indent = " " * (self._number + 2) + self._indent(item.depth)
        return (indent + self._style.title(line) for line in fold(say(chain_words(item, self._known)), self._width - len(indent)))

    def more(self, item: More) -> Iterator[str]:
        """How many more rules do the same."""
        indent = " " * (self._number + 2) + self._indent(item.depth)
        return (indent + self._style.quiet(line) for line in fold(say(more_words(item)), self._width - len(indent)))

    def told(self, item: Told) -> Iterator[str]:
        """A rule: its line, its sentence, its comment; where it comes from, if that is wanted."""
        before = f"{item.rule.line:>{self._number}}  {self._indent(item.depth)}"
        hanging = " " * len(before)
        tone = self._tone(item)
        for count, line in enumerate(fold(say(rule_words(item)), self._width - len(before))):
            yield (self._style.quiet(before) if count == 0 else hanging) + tone(line)
        said = remark(item, self._known)
        further = hanging + " " * (2 * self._step)
        for text in [*([] if said is None else [said]), *origin_words(item, self._known)]:
            yield from (further + self._style.quiet(line) for line in fold(say(text), self._width - len(further)))

    def _tone(self, item: Told) -> Callable[[str], str]:
        """The colour of a sentence: where traffic ends, and where senders are replaced, which people trip over."""
        effect = binding.effect(item.rule)
        if effect is Verdict.DROP or isinstance(effect, Reject):
            return self._style.bad
        masquerades = isinstance(effect, Translate) and effect.kind in {"MASQUERADE", "SNAT"}
        chain = effect.chain if isinstance(effect, Jump) else item.rule.chain
        marks = self._known.setting.marks_masquerade(item.table, chain) is not None
        return self._style.care if masquerades or marks else str
