"""connbytes: how much the packet's connection has sent so far: in packets, in bytes, or in bytes a packet.

Man page iptables-extensions(8), connbytes; kernel net/netfilter/xt_connbytes.c. It counts only if net.netfilter.nf_conntrack_acct is on.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_64, Range
from iptexplain.named import NamedTuple


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


EXTENSION = Connbytes
