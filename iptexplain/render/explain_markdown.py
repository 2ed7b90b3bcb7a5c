"""`explain -f markdown`: hooks and chains as headings, rules as a list; for an issue or a wiki page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain import reading
from iptexplain.render.explain_words import about, chain_words, hook_words, origin_words, remark, rule_words
from iptexplain.render.safe import markdown
from iptexplain.render.words import say
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.analysis.explain.reading import Hook, Item
    from iptexplain.render.explain_words import Known
    from iptexplain.source import Message


def page(file: str, items: Iterable[Item], known: Known) -> Iterator[str]:
    """One dump as Markdown. Chains are set in by their depth with quotes, which every renderer shows."""
    title = _say(message("The rules of {file}", file=file))
    yield f"### {title}"
    yield ""
    yield _say(about(known.setting.owners.summary()))
    waiting: Hook | None = None
    for item in items:
        if isinstance(item, reading.Hook):
            waiting = item
            continue
        if waiting is not None:
            words = hook_words(waiting.name)
            yield from ["", *([] if words is None else [f"#### {_say(words)}"])]
            waiting = None
        if isinstance(item, reading.Opened):
            if item.depth == 0:
                yield ""
            yield f"{_indent(item.depth)}- **{_say(chain_words(item, known))}**"
        else:
            indent = _indent(item.depth + 1)
            yield f"{indent}- {item.rule.line}: {_say(rule_words(item))}"
            said = remark(item, known)
            yield from (f"{indent}  <br>{_say(text)}" for text in [*([] if said is None else [said]), *origin_words(item, known)])


def _indent(depth: int) -> str:
    """The blanks before an entry of a list in lists."""
    return "  " * min(depth, _DEEPEST)


_DEEPEST = 12
"""So deep lists stand in each other: more does no renderer show."""


def _say(what: Message) -> str:
    return markdown(say(what))
