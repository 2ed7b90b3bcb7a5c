"""CONNMARK: set the mark of the connection, or copy it from or to the mark of the packet.

Man page iptables-extensions(8), CONNMARK; kernel net/netfilter/xt_connmark.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.marking import MARK_OPTIONS, put, with_mask
from iptexplain.extensions.common.numbers import MAX_32, integer
from iptexplain.model.matching import CopyMark, SetConnectionMark
from iptexplain.model.values import Mark
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message

_BITS = 32


class Shift(NamedTuple):
    """By how many bits the mark is shifted, `left` or `right`."""

    direction: str
    bits: int

    @classmethod
    def left(cls, text: str) -> Shift | None:
        """Read the number of bits; None for 0, which does nothing. Raises ValueError."""
        bits = integer(text, _BITS)
        return cls("left", bits) if bits else None

    @classmethod
    def right(cls, text: str) -> Shift | None:
        """As `left`. Raises ValueError."""
        bits = integer(text, _BITS)
        return cls("right", bits) if bits else None

    def words(self) -> Words:
        """The option that says it."""
        return Words(f"--{self.direction}-shift-mark", negated=False, values=(str(self.bits),))


class ConnMark(Extension):
    """One of `mark`, `save_mark`, `restore_mark`; the masks of the packet's mark and of the connection's, `mask` for both; a shift.

    None for a mask: all bits, or the mask that `mark` has.
    """

    NAME: ClassVar[str] = "CONNMARK"

    mark: Mark | None = None
    save_mark: bool = False
    restore_mark: bool = False
    nfmask: int | None = None
    ctmask: int | None = None
    mask: int | None = None
    shift: Shift | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *MARK_OPTIONS,
        Option("--save-mark", "save_mark"),
        Option("--restore-mark", "restore_mark"),
        Option("--nfmask", "nfmask", integer, write=hex),
        Option("--ctmask", "ctmask", integer, write=hex),
        Option("--mask", "mask", integer, write=hex),
        Option("--left-shift-mark", "shift", Shift.left),
        Option("--right-shift-mark", "shift", Shift.right),
    )

    def check(self) -> None:
        """Exactly one thing to do, and one way to give the masks."""
        if (self.mark is not None) + self.save_mark + self.restore_mark != 1:
            raise ValueError(self.NAME)
        if self.mask is not None and (self.nfmask, self.ctmask) != (None, None):
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """A copy always has both masks; a mark that is set has its own, or that of the connection if one is given."""
        del to
        nfmask, ctmask = (self.mask, self.mask) if self.mask is not None else (self.nfmask, self.ctmask)
        shift = () if self.shift is None else (self.shift.words(),)
        if self.mark is not None:
            mark = self.mark if ctmask is None else self.mark._replace(mask=ctmask)
            return Words("--set-xmark", negated=False, values=(with_mask(mark),)), *shift
        return (
            Words("--save-mark" if self.save_mark else "--restore-mark", negated=False, values=()),
            Words("--nfmask", negated=False, values=(hex(MAX_32 if nfmask is None else nfmask),)),
            Words("--ctmask", negated=False, values=(hex(MAX_32 if ctmask is None else ctmask),)),
            *shift,
        )

    def effect(self) -> SetConnectionMark | CopyMark:
        """One of the two marks changes."""
        nfmask, ctmask = (self.mask, self.mask) if self.mask is not None else (self.nfmask, self.ctmask)
        shift = 0 if self.shift is None else self.shift.bits if self.shift.direction == "left" else -self.shift.bits
        if self.mark is not None:
            return SetConnectionMark(self.mark if ctmask is None else self.mark._replace(mask=ctmask), shift)
        return CopyMark(self.save_mark, MAX_32 if nfmask is None else nfmask, MAX_32 if ctmask is None else ctmask, shift)

    def action(self) -> Message:
        """What becomes of one of the two marks."""
        effect = self.effect()
        if isinstance(effect, SetConnectionMark):
            done = put(effect.mark, message("connection mark"))
            return _shifted(_THEN_SHIFTED, done, effect.shift) if effect.shift else done
        return _copied(effect)


_THEN_SHIFTED = N_("{what}, then shift it left by {bits}"), N_("{what}, then shift it right by {bits}")
_SHIFTED = N_("{what} shifted left by {bits}"), N_("{what} shifted right by {bits}")


def _shifted(texts: tuple[str, str], what: Message, shift: int) -> Message:
    """Left, or right if negative."""
    return message(texts[shift < 0], what=what, bits=abs(shift))


def _copied(copy: CopyMark) -> Message:
    """What is taken from one mark, and what happens to the bits of the other that are in its mask but get nothing."""
    taken, put_into = (copy.packet_mask, copy.connection_mask) if copy.save else (copy.connection_mask, copy.packet_mask)
    packet, connection = message("mark"), message("connection mark")
    source, target = (packet, connection) if copy.save else (connection, packet)
    moved = (taken << copy.shift if copy.shift > 0 else taken >> -copy.shift) & MAX_32
    if not moved:
        return put(Mark(0, put_into), target)
    several = N_("the bits {bits} of the {mark}") if taken.bit_count() > 1 else N_("bit {bits} of the {mark}")
    what = message(N_("the {mark}") if taken == MAX_32 else several, mark=source, bits=f"{taken:#x}")
    if copy.shift:
        what = _shifted(_SHIFTED, what, copy.shift)
    if moved & ~put_into:
        text = N_("clear the bits {mask} of the {target}, then flip there what is set in {what}")
    elif moved == put_into:
        text = N_("copy {what} to the {target}")
    else:
        text = N_("copy {what} to the {target} and clear the bits {others} there")
    return message(text, what=what, target=target, mask=f"{put_into:#x}", others=f"{put_into & ~moved:#x}")


EXTENSION = ConnMark
