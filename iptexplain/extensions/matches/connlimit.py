"""connlimit: how many connections a client, or its network, has at the same time.

Man page iptables-extensions(8), connlimit; kernel net/netfilter/xt_connlimit.c. iptables-save turns `! --connlimit-upto` into
`--connlimit-above`, and writes the mask and the side unasked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import integer
from iptexplain.model.address import Address
from iptexplain.model.matching import Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch
    from iptexplain.source import Message

_BITS = {4: 32, 6: 128}


def _prefix(text: str) -> int:
    """The length of a prefix, also of one written as a netmask; a mask with holes counts as none."""
    if not ("." in text or ":" in text):
        return integer(text, _BITS[6])
    family, mask = Address.parse(text)
    bits = _BITS[family]
    holes = ~mask & ((1 << bits) - 1)
    return bits if holes & (holes + 1) else bits - holes.bit_length()


class Connlimit(Extension):
    """More than `above` connections, or `upto` and less, of all clients with the same `mask` first bits.

    `mask` None: each address counts alone. `destination`: the connections to an address are counted, not those from it.
    """

    NAME: ClassVar[str] = "connlimit"

    upto: Given[int] | None = None
    above: Given[int] | None = None
    mask: int | None = None
    source: bool = False
    destination: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--connlimit-upto", "upto", integer, negatable=True),
        Option("--connlimit-above", "above", integer, negatable=True),
        Option("--connlimit-mask", "mask", _prefix),
        Option("--connlimit-saddr", "source"),
        Option("--connlimit-daddr", "destination"),
    )

    def check(self) -> None:
        """One limit and one side."""
        if (self.upto is None) == (self.above is None) or (self.source and self.destination):
            raise ValueError(self)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """The limit without `!`, the mask and the side always."""
        limit = super().save(to)[0]
        above = (limit.keyword == "--connlimit-above") is not limit.negated
        bits = _BITS[to.family]
        said = {
            "--connlimit-above" if above else "--connlimit-upto": limit.values,
            "--connlimit-mask": (str(bits if self.mask is None else min(self.mask, bits)),),
            "--connlimit-daddr" if self.destination else "--connlimit-saddr": (),
        }
        return tuple(Words(keyword, negated=False, values=values) for keyword, values in said.items())

    def decide(self) -> tuple[Branch, ...]:
        """How many there are is not known."""
        most, negated = self.upto or self.above or Given(0)
        text = message(
            "the connections of the {side} are {most} or fewer, as line {line} counts them",
            side=message("server") if self.destination else message("client"),
            most=most,
            line="?",
        )
        return either(Question(self.NAME, text, per_rule=True), negated=(self.above is not None) is not negated)

    def phrases(self) -> tuple[Phrase, ...]:
        """How many connections of whom."""
        most, negated = self.upto or self.above or Given(0)
        above = (self.above is not None) is not negated
        text = _ASKED[above][self.destination]
        return (Phrase(Part.IF, message(text, number=most, who=self._counted())),)

    def _counted(self) -> Message:
        """Whose connections are one count. The length of a prefix is said where it may be one of IPv6."""
        if self.mask is None or self.mask >= _BITS[6]:
            return message("the destination address" if self.destination else "the source address")
        if not self.mask:
            return message("all destinations together" if self.destination else "all sources together")
        whole = self.mask == _BITS[4]
        return message(_MASKED[whole][self.destination], length=self.mask)


_ASKED = {
    True: (N_("with more than {number} connections at once from {who}"), N_("with more than {number} connections at once to {who}")),
    False: (N_("with at most {number} connections at once from {who}"), N_("with at most {number} connections at once to {who}")),
}
"""By whether more are asked for, and by whether those to the destination are counted."""
_MASKED = {
    True: (N_("the source (/{length})"), N_("the destination (/{length})")),
    False: (N_("the source network (/{length})"), N_("the destination network (/{length})")),
}
"""By whether the length may be that of a whole address."""

EXTENSION = Connlimit
