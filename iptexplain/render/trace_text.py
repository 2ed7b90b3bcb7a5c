"""The story of a packet, for somebody who never saw a chain: first what becomes of it, then the way there, stage by stage.

new TCP connection from 192.168.1.7 to 10.109.35.24:80 (default/nginx)

goes to one of 3 Pods of default/nginx, 33.3 % each
  192.168.104.1:80
  …

  arrives      by cni0
  destination  10.109.35.24:80 is the ClusterIP of default/nginx (line 61)
               becomes one of 3 addresses, 33.3 % each
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace.groups import groups
from iptexplain.model.share import ONE, percent
from iptexplain.named import NamedTuple
from iptexplain.render import trace_words, words
from iptexplain.render.layout import columns_of, fold, padded
from iptexplain.render.trace_rows import RULE, Row, Rows
from iptexplain.render.trace_words import Ends
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.analysis.trace.fate import Trace
    from iptexplain.analysis.trace.groups import Group
    from iptexplain.analysis.trace.whose import Whose
    from iptexplain.model.matching import Question
    from iptexplain.render.style import Style
    from iptexplain.render.words import Said
    from iptexplain.source import Message

_INDENT = "  "
_MOST_GROUPS = 8
"""More kinds of fates are told in outline without -v."""
_MOST_PLACES = 12
"""So many places are listed without -v; of more the first and the last."""
_NARROWEST = 24
"""In a column narrower than this sentences are unreadable: then they go below what they are about."""
_RULE = 6
"""Where the second line of a rule begins."""


class How(NamedTuple):
    """How to tell it: `verbose` with all rules, `brief` without the head. `notes` are what was chosen for the user."""

    width: int
    style: Style
    verbose: bool = False
    brief: bool = False
    notes: Sequence[Message] = ()


class _Telling(NamedTuple):
    """A group: how it is called, its chance, where it goes, what becomes of it, and its way."""

    group: Group
    mark: str
    share: str
    ends: Ends
    said: list[Said]
    rows: list[Row]


def lines(trace: Trace, whose: Whose, how: How) -> Iterator[str]:
    """The story of one packet."""
    telling = _telling(trace, whose, how)
    yield from _head(trace, [one.group for one in telling], how)
    if len(telling) > _MOST_GROUPS and not how.verbose:
        asked = tuple(dict.fromkeys(what for one in telling for what, _ in one.group.assumed))
        yield from _outline(telling, asked, how)
        more = (
            N_("-v tells all {count} cases; --node, --ip-addr, --ip-route and --ipset answer more")
            if asked
            else N_("-v tells all {count} cases")
        )
        yield ""
        yield from fold(words.say(message(more, count=len(telling))), how.width)
        return
    yield from _fates(telling, how)
    yield from _ways(telling, 0, 0, max(columns_of(row.about) for one in telling for row in one.rows), how)


def outline(trace: Trace, asked: Sequence[Question], whose: Whose, how: How) -> Iterator[str]:
    """What may become of a packet of which so little is known that there are too many cases (`Tracer.outline`)."""
    telling = [one._replace(share="") for one in _telling(trace, whose, how)]
    yield from _head(trace, [one.group for one in telling], how)
    yield from _outline(telling, [question.text for question in asked], how)
    yield ""
    yield from fold(
        words.say(message("there are too many cases to tell them; --node, --ip-addr, --ip-route and --ipset answer more")), how.width
    )


def _telling(trace: Trace, whose: Whose, how: How) -> list[_Telling]:
    found = groups(trace, whose)
    made = Rows(trace.packet, whose, verbose=how.verbose)
    shares = any(group.share != ONE for group in found)
    telling = []
    for number, group in enumerate(found, 1):
        ends = Ends(group)
        mark = f"({number})" if len(found) > 1 else ""
        said = trace_words.becomes(group, ends, whose, trace.packet)
        telling.append(_Telling(group, mark, percent(float(group.share)) if shares else "", ends, said, made.of(group, ends)))
    return telling


def _head(trace: Trace, found: Sequence[Group], how: How) -> Iterator[str]:
    """Which packet it is, and what was chosen for the user."""
    if how.brief:
        return
    head = words.say(trace_words.packet(trace.packet, trace_words.service(found)))
    yield from (how.style.title(line) for line in fold(head, how.width))
    yield from (how.style.quiet(line) for note in how.notes for line in fold(words.say(note), how.width))
    yield ""


def _outline(telling: Sequence[_Telling], asked: Sequence[Message], how: How) -> Iterator[str]:
    """What may become of a packet with more cases than anybody would read: the outcomes, and what they depend on."""
    title = message("one of these, depending on what is not known") if asked else message("one of these, by chance")
    yield from (how.style.title(line) for line in fold(words.say(title), how.width))
    said = dict.fromkeys((one.share if not asked else "", words.say(one.said[0].message), one.said[0].tone) for one in telling)
    texts = [(f"{share}  {text}" if share else text, tone) for share, text, tone in said]
    yield from _first(((_toned(line, tone, how.style) for line in fold(text, how.width - 2)) for text, tone in texts), len(texts))
    if not asked:
        return
    yield ""
    yield from (how.style.title(line) for line in fold(words.say(message("not known is whether")), how.width))
    said_of = dict.fromkeys(words.say(what) for what in asked)
    yield from _first((iter(fold(text, how.width - 2)) for text in said_of), len(said_of))


def _first(texts: Iterable[Iterable[str]], count: int) -> Iterator[str]:
    """The first few texts, each on lines of its own, and how many there are more."""
    for number, text in enumerate(texts):
        if number == _MOST_PLACES:
            yield _INDENT + words.say(message("and {count} more", count=count - number))
            return
        yield from (_INDENT + line for line in text)


# ---- what becomes of it ------------------------------------------------------------------------------------------------


def _fates(telling: Sequence[_Telling], how: How) -> Iterator[str]:
    """What becomes of the packet, group by group, below what they rest on."""
    mark, share = (
        max((columns_of(text) for text in texts), default=0) for texts in zip(*[(one.mark, one.share) for one in telling], strict=True)
    )
    assumed: object = ()
    for one in telling:
        if one.group.assumed != assumed:
            assumed = one.group.assumed
            yield from (how.style.title(line) for line in _assumptions(one.group, how.width))
        lead = (f"{padded(one.mark, mark)} " if mark else "") + (f"{padded(one.share, share)}  " if share else "")
        for line in _fate(one, max(how.width - columns_of(lead), 1), how):
            yield lead + line
            lead = " " * columns_of(lead)


def _fate(one: _Telling, width: int, how: How) -> Iterator[str]:
    """What becomes of one group: a sentence, the places where it goes, and what the other side sees."""
    first, *more = one.said
    yield from _sentence(first, width, how)
    yield from _places(one, width, how)
    for said in more:
        yield from _sentence(said, width, how)


def _sentence(said: Said, width: int, how: How) -> Iterator[str]:
    return (_toned(line, said.tone, how.style) for line in fold(words.say(said.message), width))


def _assumptions(group: Group, width: int) -> Iterator[str]:
    """What a group rests on."""
    for number, (said, answer) in enumerate(group.assumed):
        opposite = _OPPOSITES.get(said.template)
        what, holds = (said, answer) if opposite is None else (message(opposite, **said.fields), not answer)
        yield from fold(words.say(message(_CONDITIONS[number > 0, holds], what=what)), width)


_OPPOSITES = {
    N_("the limit of {rate} in line {line} is not exceeded"): N_("the limit of {rate} in line {line} is exceeded"),
    N_("the limit of {rate} of {name} in line {line} is not exceeded"): N_("the limit of {rate} of {name} in line {line} is exceeded"),
    N_("the quota of {bytes} bytes in line {line} is not used up"): N_("the quota of {bytes} bytes in line {line} is used up"),
}
"""What is asked with a `not` in it, said without: two of them in one sentence are hard to read."""

_CONDITIONS = {
    (False, True): N_("if {what}"),
    (False, False): N_("unless {what}"),
    (True, True): N_("and if {what}"),
    (True, False): N_("and unless {what}"),
}
"""By whether one stands before it, and what is assumed."""


def _places(one: _Telling, width: int, how: How) -> Iterator[str]:
    """The places where a group goes, if there are several."""
    ends = one.ends
    if len(ends.places) <= 1 or not one.group.arrives:
        return
    texts = [words.say(message("{place}", place=trace_words.place(*place))) for place in ends.places]
    if ends.each is None and not one.group.stays:
        size = max(map(columns_of, texts))
        texts = [f"{padded(text, size)}  {percent(float(share))}" for text, share in zip(texts, ends.shares, strict=True)]
    if len(texts) > _MOST_PLACES and not how.verbose:
        left = len(texts) - _MOST_PLACES + 1
        texts = [*texts[: _MOST_PLACES - 2], words.say(message("… {count} more …", count=left)), texts[-1]]
    for text in texts:
        yield from (_INDENT + line for line in fold(text, width - len(_INDENT)))


# ---- the way there -----------------------------------------------------------------------------------------------------


def _ways(telling: Sequence[_Telling], start: int, trimmed: int, size: int, how: How) -> Iterator[str]:
    """The ways of some groups: what they begin with, how each of them goes on, and what all end with.

    The first `start` rows and the last `trimmed` ones are told already. `size` is the width of the first column.
    """
    rows = [one.rows[start : len(one.rows) - trimmed] for one in telling]
    begin = _common(rows)
    if begin:
        yield ""
        yield from _aligned(rows[0][:begin], size, how)
    if len(telling) == 1:
        return
    end = _common([one[begin:][::-1] for one in rows])
    end = end if end > 1 else 0  # one row alone is not worth a heading
    parts: dict[Row | None, list[_Telling]] = {}
    for one, own in zip(telling, rows, strict=True):
        parts.setdefault(own[begin] if begin < len(own) - end else None, []).append(one)
    for part in parts.values() if len(parts) > 1 else ():
        yield ""
        yield from _heading(part, how)
        told = list(_ways(part, start + begin, trimmed + end, size, how))
        yield from told[1:] if told[:1] == [""] else told
    if end:
        yield ""
        yield from _heading(telling, how)
        yield from _aligned(rows[0][len(rows[0]) - end :], size, how)


def _heading(telling: Sequence[_Telling], how: How) -> Iterator[str]:
    """Which groups the next rows are about."""
    if len(telling) == 1:
        text = message("{mark} {what}", mark=telling[0].mark, what=trace_words.briefly(telling[0].group, telling[0].said))
    else:
        text = message("{marks}", marks=", ".join(one.mark for one in telling))
    return (how.style.title(line) for line in fold(words.say(text), how.width))


def _common(ways: Sequence[Sequence[Row]]) -> int:
    """How many rows the ways begin with that are the same in all."""
    count = 0
    for rows in zip(*ways, strict=False):
        if any(row != rows[0] for row in rows):
            break
        count += 1
    return count


def _aligned(rows: Sequence[Row], size: int, how: How) -> Iterator[str]:
    """Rows in two columns; in a narrow terminal the sentence stands below. Rules stand below anyway, as wide as there is room."""
    beside = how.width - len(_INDENT) - size - 2 >= _NARROWEST
    column = len(_INDENT) + (size + 2 if beside else 2)
    before = ""
    for about, text, tone in rows:
        if tone == RULE:
            for number, line in enumerate(fold(text, how.width - _RULE)):
                yield " " * (_RULE if number else _RULE - 2) + how.style.quiet(line)
            continue
        label = "" if about == before else about
        before = about
        if label and not beside:
            yield _INDENT + label
        for number, line in enumerate(fold(text, how.width - column)):
            yield padded(_INDENT + label if number == 0 and beside else "", column) + _toned(line, tone, how.style)


def _toned(text: str, tone: str, style: Style) -> str:
    """A text in the colour of its tone."""
    colours = {"care": style.care, "bad": style.bad, "quiet": style.quiet}
    return colours[tone](text) if tone in colours else text
