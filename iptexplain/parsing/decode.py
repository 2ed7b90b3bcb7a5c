"""From the bytes of an input to its text: unpacked, decoded, with nothing lost."""

from __future__ import annotations

import hashlib

from iptexplain.errors import UnreadableInputError
from iptexplain.source import Source, message

_GZIP = b"\x1f\x8b"
_MOST_BYTES = 1 << 31
"""An unpacked input above 2 GiB is refused: a gzip file of a few MB can unpack to terabytes."""


def decode(name: str, data: bytes) -> Source:
    """The text of an input. gzip is recognised by its first bytes; CR LF becomes LF. Raises `UnreadableInputError`.

    The digest is that of the bytes as given, so `sha256sum FILE` shows the same.
    """
    digest = hashlib.sha256(data).hexdigest()
    if data[:2] == _GZIP:
        data = _unpack(name, data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
    carriage_returns = "\r\n" in text
    return Source(name, text.replace("\r\n", "\n") if carriage_returns else text, digest, carriage_returns=carriage_returns)


def _unpack(name: str, data: bytes) -> bytes:
    import zlib

    out = []
    total = 0
    while data:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            part = unpacker.decompress(data, _MOST_BYTES - total)
        except zlib.error as error:
            raise UnreadableInputError(message("{file}: broken gzip data: {error}", file=name, error=error)) from None
        total += len(part)
        if not unpacker.eof:
            what = "more than 2 GiB of text" if unpacker.unconsumed_tail else "gzip data that ends in the middle"
            raise UnreadableInputError(message("{file}: {what}", file=name, what=what))
        out.append(part)
        data = unpacker.unused_data.lstrip(b"\0")
    return b"".join(out)
