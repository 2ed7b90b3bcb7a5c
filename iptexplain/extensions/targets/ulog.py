"""ULOG: hand a copy of the packet to a program that writes a log, and go on; the forerunner of NFLOG.

Man page iptables-extensions(8), ULOG; kernel net/ipv4/netfilter/ipt_ULOG.c (removed in Linux 3.17).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import MAX_32, MAX_64, integer
from iptexplain.extensions.common.prefix import copied, log_prefix, shortened
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


_PREFIX, _GROUPS, _QUEUE = 31, 32, 50


def _prefix(text: str) -> str:
    """The kernel keeps 31 bytes."""
    return shortened(log_prefix(text), _PREFIX)


def _group(text: str) -> int | None:
    """None for group 1, the default."""
    number = integer(text, _GROUPS, 1)
    return None if number == 1 else number


def _size(text: str) -> int | None:
    """None for 0, the default; 32 bits of it are saved."""
    return integer(text, MAX_64) & MAX_32 or None


def _threshold(text: str) -> int | None:
    """None for 1, the default."""
    number = integer(text, _QUEUE, 1)
    return None if number == 1 else number


class Ulog(Extension):
    """What the entry begins with; which group of listeners gets it; how many bytes of the packet; after how many packets it is sent.

    None: no text, group 1, the whole packet, at once.
    """

    NAME: ClassVar[str] = "ULOG"

    prefix: str | None = None
    group: int | None = None
    size: int | None = None
    threshold: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ulog-prefix", "prefix", _prefix, quote=if_needed, content=Content.PREFIX),
        Option("--ulog-nlgroup", "group", _group),
        Option("--ulog-cprange", "size", _size),
        Option("--ulog-qthreshold", "threshold", _threshold),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """Who gets the copy, and how much of it."""
        done = message("hand a copy to the log program of group {group} (ULOG)", group=self.group or 1)
        return copied(done, prefix=self.prefix, size=self.size, threshold=self.threshold)


EXTENSION = Ulog
