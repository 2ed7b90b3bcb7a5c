"""`explain -f markdown`: hooks and chains as headings, rules as a list; for an issue or a wiki page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain import reading
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
    which,
)
from iptexplain.render.safe import markdown
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.render.explain_words import Page
    from iptexplain.source import Message


def page(what: Page, *, head: bool = True) -> Iterator[str]:
    """One dump as Markdown. Chains are set in by their depth, as lists in lists. `head`: who owns how much stands above."""
    title, known = _say(message("The rules of {dump}", dump=which(what))), what.known
    yield f"### {title}"
    yield ""
    if head:
        yield _say(about(known.setting.owners.summary()))
    for note in notes(what):
        yield from ["", _say(note)]
    nothing = True
    for item in shortened(what.items):
        nothing = False
        if isinstance(item, reading.Hook):
            words = hook_words(item.name, what)
            yield from ["", *([] if words is None else [f"#### {_say(words)}"])]
        elif isinstance(item, reading.Opened):
            if item.depth == 0:
                yield ""
            yield f"{_indent(item.depth)}- **{_say(chain_words(item, known))}**"
        elif isinstance(item, More):
            yield f"{_indent(item.depth + 1)}- {_say(more_words(item))}"
        else:
            indent = _indent(item.depth + 1)
            yield f"{indent}- {item.rule.line}: {_say(rule_words(item))}"
            said = remark(item, known)
            yield from (f"{indent}  <br>{_say(text)}" for text in [*([] if said is None else [said]), *origin_words(item, known)])
    if nothing:
        yield from ["", _say(more_words(None))]
    others = other_tables(what)
    yield from ["", *([] if others is None else [_say(others), ""])]


def _indent(depth: int) -> str:
    """The blanks before an entry of a list in lists."""
    return "  " * min(depth, _DEEPEST)


_DEEPEST = 12
"""So deep lists stand in each other: more does no renderer show."""


def _say(what: Message) -> str:
    return markdown(say(what))
