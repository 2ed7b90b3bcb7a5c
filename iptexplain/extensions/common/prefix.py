"""The text that a line in a log begins with, for LOG, NFLOG and ULOG: each keeps only so many bytes of it."""

from __future__ import annotations


def log_prefix(text: str) -> str:
    """A prefix as it is given. Raises ValueError for an empty one, and for one with a line end."""
    if not text or "\n" in text:
        raise ValueError(text)
    return text


def shortened(text: str, size: int) -> str:
    """What is kept of a text in so many bytes; a character that does not fit whole is left out."""
    return text.encode("utf-8", "surrogateescape")[:size].decode("utf-8", "ignore") if len(text) * 4 > size else text
