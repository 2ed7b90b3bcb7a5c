"""IDLETIMER: tell programs on this host when no packet has come this way for some time; the packet goes on.

Man page iptables-extensions(8), IDLETIMER; kernel net/netfilter/xt_IDLETIMER.c. `--send_nl_msg` is known to Android alone.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.prefix import shortened
from iptexplain.model.matching import Verdict

_LABEL = 27


def _label(text: str) -> str:
    """The kernel keeps 27 bytes."""
    return shortened(text, _LABEL)


class IdleTimer(Extension):
    """The seconds without a packet; the name of the timer; `alarm`: it runs while the host sleeps; whether a message is sent."""

    NAME: ClassVar[str] = "IDLETIMER"

    timeout: int
    label: str
    alarm: bool = False
    message: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--timeout", "timeout", integer),
        Option("--label", "label", _label),
        Option("--alarm", "alarm"),
        Option("--send_nl_msg", "message"),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE


EXTENSION = IdleTimer
