"""Texts of which the kernel keeps only so many bytes: remarks, names, and what a line in a log begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.source import N_, all_of, message

if TYPE_CHECKING:
    from iptexplain.source import Message


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


def copied(done: Message, *, prefix: str | None, size: int | None, threshold: int | None) -> Message:
    """What NFLOG and ULOG do: what the entry begins with, how many bytes are copied, how many packets are handed over at a time."""
    details = [done]
    if prefix is not None:
        details.append(message('with prefix "{prefix}"', prefix=prefix))
    if size is not None:
        details.append(message(_CUT[min(size, 2)], size=size))
    if threshold is not None:
        details.append(message("each packet at once" if threshold == 1 else "up to {packets} packets at a time", packets=threshold))
    return all_of(details)


_CUT = N_("without the packet itself"), N_("the packet cut to its first byte"), N_("the packet cut to {size} bytes")
"""By how many bytes are left."""
