"""connbytes: how much the packet's connection has sent so far: in packets, in bytes, or in bytes a packet.

Man page iptables-extensions(8), connbytes; kernel net/netfilter/xt_connbytes.c. It counts only if net.netfilter.nf_conntrack_acct is on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_64, Range
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


class Amount(NamedTuple):
    """From `first` to `last`, both included."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Amount:
        """Read `100:200`, `:200`, and `100` or `100:` for 100 and more. Raises ValueError."""
        first, last = Range.parse(text if ":" in text else f"{text or 0}:", MAX_64)
        if first > last:
            raise ValueError(text)
        return cls(first, last)

    def __str__(self) -> str:
        return str(self.first) if self.last in {0, MAX_64} else f"{self.first}:{self.last}"


def _mode(text: str) -> str:
    if text not in {"packets", "bytes", "avgpkt"}:
        raise ValueError(text)
    return text


def _direction(text: str) -> str:
    if text not in {"original", "reply", "both"}:
        raise ValueError(text)
    return text


class Connbytes(Extension):
    """How much, of what (`packets`, `bytes`, `avgpkt`), and sent by whom (`original`: the client, `reply`: the server, `both`)."""

    NAME: ClassVar[str] = "connbytes"

    amount: Given[Amount]
    mode: str
    direction: str

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--connbytes", "amount", Amount.parse, negatable=True),
        Option("--connbytes-mode", "mode", _mode),
        Option("--connbytes-dir", "direction", _direction),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without `!` before a single amount: the kernel gets `!` as swapped ends, and these are equal."""
        amount, *rest = super().save(to)
        if self.amount.value.first == self.amount.value.last:
            amount = amount._replace(negated=False)
        return (amount, *rest)

    def phrases(self) -> tuple[Phrase, ...]:
        """How much of what."""
        return (Phrase(Part.IF, message(_COUNTS[self.mode, self.direction], amount=self._amount())),)

    def _amount(self) -> Message:
        """The amount; its opposite if `!` says so, which it does not of a single amount (see `save`)."""
        first, last = self.amount.value
        if first == last:
            return message("exactly {first}", first=first)
        if last == MAX_64:
            return message("below {first}" if self.amount.negated else "at least {first}", first=first)
        if not first:
            return message("above {last}" if self.amount.negated else "at most {last}", last=last)
        return message("below {first} or above {last}" if self.amount.negated else "{first} to {last}", first=first, last=last)


_COUNTS = {
    ("packets", "original"): N_("packet count of the connection so far {amount} (sent by the client)"),
    ("packets", "reply"): N_("packet count of the connection so far {amount} (sent by the server)"),
    ("packets", "both"): N_("packet count of the connection so far {amount} (both ways)"),
    ("bytes", "original"): N_("byte count of the connection so far {amount} (sent by the client)"),
    ("bytes", "reply"): N_("byte count of the connection so far {amount} (sent by the server)"),
    ("bytes", "both"): N_("byte count of the connection so far {amount} (both ways)"),
    ("avgpkt", "original"): N_("mean packet size of the connection so far {amount} bytes (sent by the client)"),
    ("avgpkt", "reply"): N_("mean packet size of the connection so far {amount} bytes (sent by the server)"),
    ("avgpkt", "both"): N_("mean packet size of the connection so far {amount} bytes (both ways)"),
}
"""By `mode` and `direction`."""

EXTENSION = Connbytes
