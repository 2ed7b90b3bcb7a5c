"""From the bytes of an input to its text: unpacked, decoded, with nothing lost, and nothing kept twice."""

from __future__ import annotations

import hashlib
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.source import Source, message

if TYPE_CHECKING:
    from typing import BinaryIO

_GZIP = b"\x1f\x8b"
_MOST_BYTES = 1 << 31
"""A gzip file that unpacks to more than 2 GiB is refused: one of a few MB can unpack to terabytes."""

_PIECE = 1 << 17
_PART = 64
"""So many bytes are read at a time, or that part of what is there already if it is more."""


def decode(name: str, stream: BinaryIO) -> Source:
    """The text of all that a stream gives. gzip is recognised by its first bytes; CR LF becomes LF. Raises `UnreadableInputError`.

    The digest is that of the bytes as given, so `sha256sum FILE` shows the same.
    """
    given = _Given(stream)
    text = _unpacked(name, given) if given.is_packed else _text(given)  # type: ignore[arg-type]  # it has the method that is used
    carriage_returns = "\r" in text and "\r\n" in text
    return Source(name, text.replace("\r\n", "\n") if carriage_returns else text, given.digest(), carriage_returns=carriage_returns)


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


def _text(stream: BinaryIO, most: int | None = None) -> str:
    """All that a stream gives, decoded. Raises OverflowError for more than `most` bytes.

    CPython lets a string grow in place where a local variable is all that holds it, so that no more than a piece is there twice. An
    interpreter that copies it each time does so a limited number of times, since the pieces grow with it.
    """
    decoder = getincrementaldecoder("utf-8")("surrogateescape")
    text = ""
    while True:
        piece = stream.read(max(_PIECE, len(text) // _PART))
        if not piece:
            break
        text += decoder.decode(piece)
        if most is not None and (most := most - len(piece)) < 0:
            raise OverflowError
    return text + decoder.decode(b"", final=True)


def _unpacked(name: str, given: _Given) -> str:
    """The text of gzip data. Raises `UnreadableInputError` if they are broken or too much."""
    import gzip
    import zlib

    what = "gzip data that ends in the middle"
    try:
        with gzip.GzipFile(fileobj=given) as stream:  # type: ignore[call-overload]  # typeshed asks for more methods than reading needs
            return _text(stream, _MOST_BYTES)
    except (gzip.BadGzipFile, zlib.error) as error:
        what = f"broken gzip data: {error}"
    except OverflowError:
        what = "more than 2 GiB of text"
    except EOFError:
        pass  # as above
    raise UnreadableInputError(message("{file}: {what}", file=name, what=what))
