"""Texts of which the kernel keeps only so many bytes: remarks, names, and what a line in a log begins with."""

from __future__ import annotations


def log_prefix(text: str) -> str:
    """A prefix as it is given. Raises ValueError for an empty one, and for one with a line end."""
    if not text or "\n" in text:
        raise ValueError(text)
    return text


def shortened(text: str, size: int) -> str:
    """What is kept of a text in so many bytes; a character that does not fit whole is left out."""
    return text.encode("utf-8", "surrogateescape")[:size].decode("utf-8", "ignore") if len(text) * 4 > size else text


def cut(text: str, size: int) -> str:
    """As much of a text as a rule has room for, in bytes: iptables drops the rest and says nothing."""
    return text.encode("utf-8", "surrogateescape")[:size].decode("utf-8", "surrogateescape")
