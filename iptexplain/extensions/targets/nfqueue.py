"""NFQUEUE: hand the packet to a program on this host, which decides what happens to it.

Man page iptables-extensions(8), NFQUEUE; kernel net/netfilter/xt_NFQUEUE.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.numbers import MAX_16, Range, integers
from iptexplain.model.matching import Queue
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _queues(text: str) -> Range:
    """Read `0:3`. Raises ValueError for less than two queues."""
    found = Range.parse(text, MAX_16)
    if found.first >= found.last:
        raise ValueError(text)
    return found


class Nfqueue(Extension):
    """One queue (0 if none is said) or several that share the flows; `bypass`: the packet goes on if no program listens.

    `cpu_fanout`: the processor that handles a packet says which queue gets it.
    """

    NAME: ClassVar[str] = "NFQUEUE"

    queue: int | None = None
    queues: Range | None = None
    bypass: bool = False
    cpu_fanout: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--queue-num", "queue", integers(MAX_16)),
        Option("--queue-balance", "queues", _queues),
        Option("--queue-bypass", "bypass"),
        Option("--queue-cpu-fanout", "cpu_fanout"),
    )

    def check(self) -> None:
        """One queue or several; only several can be spread over processors."""
        if self.queues is not None and self.queue is not None:
            raise ValueError(self.NAME)
        if self.cpu_fanout and self.queues is None:
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """With the queue, also where it is the default."""
        default = self.queue is None and self.queues is None
        return (*([Words("--queue-num", negated=False, values=("0",))] if default else []), *super().save(to))

    def effect(self) -> Queue:
        """A program decides."""
        return Queue(str(self.queues or self.queue or 0), self.bypass)

    def action(self) -> Message:
        """Which queue it goes to, and what happens without a program there (`nf_queue`)."""
        if self.queues is None:
            text = (
                N_("let the program at queue {queue} decide (accept if none listens)")
                if self.bypass
                else N_("let the program at queue {queue} decide (drop if none listens)")
            )
            return message(text, queue=self.queue or 0)
        return message(_BALANCED[self.cpu_fanout, self.bypass], first=self.queues.first, last=self.queues.last)


_BALANCED = {
    (False, False): N_("let the program at one of the queues {first} to {last} decide (drop if none listens)"),
    (False, True): N_("let the program at one of the queues {first} to {last} decide (accept if none listens)"),
    (True, False): N_("let the program at one of the queues {first} to {last} decide, chosen by the CPU (drop if none listens)"),
    (True, True): N_("let the program at one of the queues {first} to {last} decide, chosen by the CPU (accept if none listens)"),
}
"""By `cpu_fanout` and `bypass`."""

EXTENSION = Nfqueue
