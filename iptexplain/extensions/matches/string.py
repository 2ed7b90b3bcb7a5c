"""string: does the packet hold a text or some bytes.

Man page iptables-extensions(8), string; kernel net/netfilter/xt_string.c. A pattern is bytes; iptables-save prints it as `--string` if all
of them can be printed, else as `--hex-string`, whichever the rule had.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_16, integers
from iptexplain.extensions.common.quoting import always
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.source import Message

_LONGEST = 128
_PRINTABLE = range(0x20, 0x7F)
_LOWER = {*range(0x61, 0x7B), *range(0xDF, 0xF7), *range(0xF8, 0x100)}
_UPPER = bytes(byte - 0x20 if byte in _LOWER else byte for byte in range(0x100))
"""What the kernel compares where letters of either case will do; lib/ctype.c holds to Latin-1, and to ß as a letter with another case."""
_BAR, _BACKSLASH = b"|\\"


class Pattern(NamedTuple):
    """What is searched for."""

    data: bytes

    @classmethod
    def of(cls, data: bytes) -> Pattern:
        """The pattern of so many bytes. Raises ValueError for none, or too many."""
        if not 0 < len(data) <= _LONGEST:
            raise ValueError(data)
        return cls(data)

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read the text as it is. Raises ValueError."""
        return cls.of(_bytes(text))

    @classmethod
    def parse_hex(cls, text: str) -> Pattern:
        """Read `GET |0d 0a|`: bytes between bars, otherwise text, with a backslash before a bar or backslash. Raises ValueError."""
        return cls.of(bytes(_decoded(_bytes(text))))

    @property
    def plain(self) -> bool:
        """Can it be printed; a last backslash would hide the quote behind it."""
        return all(byte in _PRINTABLE for byte in self.data) and self.data[-1] != _BACKSLASH

    def __str__(self) -> str:
        return self.data.decode("ascii") if self.plain else f"|{self.data.hex()}|"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _decoded(text: bytes) -> Iterator[int]:
    """The bytes that a hex string means, as `parse_hex_string` of libxt_string.c goes over it; behind a closing bar comes no other bar."""
    at, between_bars = 0, False
    while at < len(text):
        if text[at] == _BACKSLASH:
            if between_bars or at + 1 == len(text):
                raise ValueError(text)
            yield text[at + 1]
            at += 2
            continue
        if text[at] == _BAR:
            between_bars = not between_bars
            at += 1
            while between_bars and text[at : at + 1] == b" ":
                at += 1
            if at == len(text):
                return
        if between_bars:
            digits = text[at : at + 2]
            if at + 2 >= len(text) or not digits.isalnum():
                raise ValueError(text)
            yield int(digits, 16)
            at += 3 if text[at + 2 : at + 3] == b" " else 2
        else:
            yield text[at]
            at += 1


def _escaped(text: str) -> str:
    return always(text.replace("\\", "\\\\").replace('"', '\\"'))


class StringMatch(Extension):
    """The pattern, how it is searched for, between which bytes of the packet it may begin, and whether letters of either case will do."""

    NAME: ClassVar[str] = "string"
    WHOLE: ClassVar[Field | None] = Field.PAYLOAD

    pattern: Given[Pattern]
    algorithm: str
    start: int = 0
    stop: int = MAX_16
    ignore_case: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--string", "pattern", Pattern.parse, negatable=True, quote=_escaped, content=Content.PROGRAM),
        Option("--hex-string", "pattern", Pattern.parse_hex, negatable=True, quote=always, content=Content.PROGRAM),
        Option("--algo", "algorithm", str),
        Option("--from", "start", integers(MAX_16)),
        Option("--to", "stop", integers(MAX_16)),
        Option("--icase", "ignore_case"),
    )

    def check(self) -> None:
        """What the kernel refuses: another algorithm, an end before the start."""
        if self.algorithm not in {"bm", "kmp"} or self.start > self.stop:
            raise ValueError(self.algorithm)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without the ends of the packet; the pattern as text or as bytes."""
        pattern, *rest = super().save(to)
        ends = {("--from", ("0",)), ("--to", (str(MAX_16),))}
        kept = [words for words in rest if (words.keyword, words.values) not in ends]
        return (pattern if self.pattern.value.plain else pattern._replace(keyword="--hex-string"), *kept)

    def holds(self, packet: bytes) -> bool:
        """Does a packet match, with these bytes from its IP header on: the pattern lies between the ends as a whole (`skb_find_text`).

        Kernels before 5.19 look only whether it begins there.
        """
        where, pattern = packet[self.start : self.stop], self.pattern.value.data
        if self.ignore_case:
            where, pattern = where.translate(_UPPER), pattern.translate(_UPPER)
        return (pattern in where) is not self.pattern.negated

    def phrases(self) -> tuple[Phrase, ...]:
        """What the packet holds, and where."""
        what = _quoted(self.pattern.value)
        if self.ignore_case:
            what = message("{text} in upper or lower case", text=what)
        what = message(_WHERE[self.start > 0, self.stop < MAX_16], text=what, start=self.start, stop=self.stop)
        return (Phrase(Part.IF, message("not holding {text}" if self.pattern.negated else "holding {text}", text=what)),)


def _quoted(pattern: Pattern) -> Message:
    """A text as it is; of other bytes what is printable in quotes, the others as numbers: `"GET /" |0d 0a|`."""
    if pattern.plain:
        return message('the text "{text}"', text=pattern)
    runs = [(text, bytes(run)) for text, run in groupby(pattern.data, _is_text)]
    return message("the bytes {text}", text=" ".join(f'"{run.decode("ascii")}"' if text else f"|{run.hex(' ')}|" for text, run in runs))


def _is_text(byte: int) -> bool:
    return byte in _PRINTABLE and byte not in b'\\"'


_WHERE = {
    (False, False): N_("{text}"),
    (True, False): N_("{text} behind its first {start} bytes"),
    (False, True): N_("{text} in its first {stop} bytes"),
    (True, True): N_("{text} in its first {stop} bytes, behind the first {start}"),
}
"""By whether the search begins behind the beginning, and whether it ends before the end."""

EXTENSION = StringMatch
