"""From the bytes of an input to its text: unpacked, decoded, with nothing lost, and nothing kept twice."""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.source import Source, message

if TYPE_CHECKING:
    from typing import BinaryIO

    from iptexplain.source import Message

_UTF8 = "utf-8"
_BYTE_ORDER_MARK = "\ufeff"
_BEGINS = frozenset((b"*", b"#", b":", b"-", b"["))
"""How the first line of a dump may begin."""

_GZIP = b"\x1f\x8b"
_MOST_BYTES = 1 << 31
"""A gzip file that unpacks to more than 2 GiB is refused: one of a few MB can unpack to terabytes."""

_PIECE = 1 << 17
_PART = 64
"""So many bytes are read at a time, or that part of what is there already if it is more."""


def decode(name: str, stream: BinaryIO) -> Source:
    """The text of all that a stream gives. Raises `UnreadableInputError`.

    gzip is recognised by its first bytes; CR LF becomes LF, and so does CR where it ends the lines.
    The digest is that of the bytes as given, so `sha256sum FILE` shows the same.
    """
    given = _Given(stream)
    notes: list[Message] = []
    try:
        text, encoding = _unpacked(name, given) if given.is_packed else _text(given)  # type: ignore[arg-type]  # it has the method that is used
    except UnicodeDecodeError as error:
        raise UnreadableInputError(message("{file}: UTF-16 text that is broken ({reason})", file=name, reason=error.reason)) from error
    if encoding != _UTF8:
        notes.append(message("the text is UTF-16, as Windows programs save it; it is read as such"))
    if text.startswith(_BYTE_ORDER_MARK):
        text = text[1:]
        notes.append(message("the text began with a byte order mark, as Windows programs write it; it was taken away"))
    if "\r" in text:
        if _ends_lines_in_cr(text):
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            notes.append(message("lines end in CR, as on old Macs; they are read, and counted, as if they ended in LF"))
        elif ("\r\n" in text or text.endswith("\r")) and not _has_chain_with_cr(text):
            while "\r\n" in text:  # some programs write \r\r\n
                text = text.replace("\r\n", "\n")
            text = text.removesuffix("\r")
            notes.append(message("lines end in CR LF, as on Windows; they are read as if they ended in LF"))
    return Source(name, text, given.digest(), notes=notes)


def _ends_lines_in_cr(text: str) -> bool:
    """Is CR what ends the lines: tables and rules follow it, and no table is named on a line that ends in LF."""
    return (
        re.search(r"\r[ \t]*(?:\*[a-z]+[ \t]*\r|:\S+ |-A |COMMIT[ \t]*\r)", text) is not None
        and re.search(r"(?:\A|\n)\*[^\r\n]*\n", text) is None
    )


def _has_chain_with_cr(text: str) -> bool:
    """Is CR at the end of a line a part of a name: few lines end so, and a chain is declared that does."""
    few = text.count("\r\n") * 2 < text.count("\n")
    return few and re.search(r"(?:\A|\n):[^ \t\n]*\r[ \t]", text) is not None


def _encoding(first: bytes) -> str:
    """How bytes that begin so are text: UTF-16, with or without its mark, else UTF-8."""
    if first.startswith(BOM_UTF16_BE):
        return "utf-16-be"
    if first.startswith(BOM_UTF16_LE) or (first[1:2] == b"\0" and first[:1] in _BEGINS):
        return "utf-16-le"
    return _UTF8


class _Given:
    """A stream whose first bytes have been looked at, and which counts everything that is read from it into a digest."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._ahead = b""
        first = b""
        while len(first) < len(_GZIP) and (more := self.read(len(_GZIP) - len(first))):
            first += more
        self._ahead = first
        self.is_packed = self._ahead == _GZIP

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at the most; none at the end."""
        ahead, self._ahead = self._ahead[:size], self._ahead[size:]
        data = self._stream.read(size - len(ahead)) if len(ahead) < size else b""
        self._digest.update(data)
        return ahead + data

    def digest(self) -> str:
        """The digest of all bytes so far."""
        return self._digest.hexdigest()


def _text(stream: BinaryIO, most: int | None = None) -> tuple[str, str]:
    """All that a stream gives, decoded, and how it was encoded. Raises OverflowError for more than `most` bytes.

    CPython lets a string grow in place where a local variable is all that holds it, so that no more than a piece is there twice. An
    interpreter that copies it each time does so a limited number of times, since the pieces grow with it.
    """
    decoder, encoding = None, _UTF8
    text = ""
    while True:
        piece = stream.read(max(_PIECE, len(text) // _PART))
        if decoder is None:
            encoding = _encoding(piece)
            decoder = getincrementaldecoder(encoding)("surrogateescape" if encoding == _UTF8 else "strict")
        if not piece:
            break
        text += decoder.decode(piece)
        if most is not None and (most := most - len(piece)) < 0:
            raise OverflowError
    return text + decoder.decode(b"", final=True), encoding


def _unpacked(name: str, given: _Given) -> tuple[str, str]:
    """The text of gzip data. Raises `UnreadableInputError` if they are broken or too much."""
    import gzip
    import zlib

    what = message("gzip data that ends in the middle")
    try:
        with gzip.GzipFile(fileobj=given) as stream:  # type: ignore[call-overload]  # typeshed asks for more methods than reading needs
            return _text(stream, _MOST_BYTES)
    except (gzip.BadGzipFile, zlib.error) as error:
        what = message("broken gzip data: {error}", error=str(error))
    except OverflowError:
        what = message("more than 2 GiB of text")
    except EOFError:
        pass  # as above
    raise UnreadableInputError(message("{file}: {what}", file=name, what=what))
