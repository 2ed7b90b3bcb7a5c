"""LED: flash a light of this host for the packet and go on.

Man page iptables-extensions(8), LED; kernel net/netfilter/xt_LED.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import MAX_32, integer
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


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
        Option("--led-trigger-id", "trigger", str, quote=_quoted, content=Content.LIST),
        Option("--led-delay", "delay", _delay, write=_signed),
        Option("--led-always-blink", "blink"),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """For how long the light shines."""
        delay = self.delay or 0
        length = 0 if not delay else 2 if delay & _SIGN else 1
        return message(_ACTIONS[length, self.blink and length == 1], trigger=self.trigger, delay=delay)


_ACTIONS = {
    (0, False): N_('flash the LED "{trigger}" (LED)'),
    (1, False): N_('switch on the LED "{trigger}" for {delay} ms (LED)'),
    (1, True): N_('switch on the LED "{trigger}" for {delay} ms, blinking if it is on already (LED)'),
    (2, False): N_('switch on the LED "{trigger}" and leave it on (LED)'),
}
"""By whether there is no delay, one, or one without end; and whether the light, when it shines, blinks for one more packet."""

EXTENSION = Led
