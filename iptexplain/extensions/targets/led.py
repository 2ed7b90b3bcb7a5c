"""LED: flash a light of this host for the packet and go on.

Man page iptables-extensions(8), LED; kernel net/netfilter/xt_LED.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import MAX_32, integer
from iptexplain.model.matching import Verdict

_SIGN = 1 << 31


def _delay(text: str) -> int | None:
    """Milliseconds, `inf` for the greatest number; None for 0, which is not written. A negative one is as `_signed` has it."""
    if text[:3].lower() == "inf":
        return MAX_32
    return MAX_32 + 1 - integer(text[1:], _SIGN, 1) if text[:1] == "-" else integer(text) or None


def _signed(number: int) -> str:
    """iptables-save takes the 32 bits for a signed number, so that it does not read back what it writes."""
    return str(number - (MAX_32 + 1) if number & _SIGN else number)


def _quoted(text: str) -> str:
    """In double quotes, with double quotes and backslashes escaped (libxt_LED.c)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Led(Extension):
    """The name of the light's trigger; for how many milliseconds it shines; `blink`: also for packets that come meanwhile."""

    NAME: ClassVar[str] = "LED"

    trigger: str
    delay: int | None = None
    blink: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--led-trigger-id", "trigger", str, quote=_quoted),
        Option("--led-delay", "delay", _delay, write=_signed),
        Option("--led-always-blink", "blink"),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE


EXTENSION = Led
