"""IDLETIMER: tell programs on this host when no packet has come this way for some time; the packet goes on.

Man page iptables-extensions(8), IDLETIMER; kernel net/netfilter/xt_IDLETIMER.c. `--send_nl_msg` is known to Android alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.prefix import shortened
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_LABEL = 27


def _label(text: str) -> str:
    """The kernel keeps 27 bytes."""
    return shortened(text, _LABEL)


class IdleTimer(Extension):
    """The seconds without a packet; the name of the timer; `alarm`: it runs while the host sleeps; whether a message is sent."""

    NAME: ClassVar[str] = "IDLETIMER"
    GOES_ON: ClassVar[bool] = True

    timeout: int
    label: str
    alarm: bool = False
    message: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--timeout", "timeout", integer),
        Option("--label", "label", _label, content=Content.LIST),
        Option("--alarm", "alarm"),
        Option("--send_nl_msg", "message"),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """When programs are told."""
        return message(_ACTIONS[self.alarm, self.message], label=self.label, seconds=self.timeout)


_ACTIONS = {
    (False, False): N_('restart the idle timer "{label}", which reports {seconds} s without a packet (IDLETIMER)'),
    (True, False): N_(
        'restart the idle timer "{label}", which reports {seconds} s without a packet, even while the host sleeps (IDLETIMER)'
    ),
    (False, True): N_(
        'restart the idle timer "{label}", which reports {seconds} s without a packet, also by a netlink message (IDLETIMER)'
    ),
    (True, True): N_(
        'restart the idle timer "{label}", which reports {seconds} s without a packet, even while the host sleeps, '
        "also by a netlink message (IDLETIMER)"
    ),
}
"""By `alarm` and `message`."""

EXTENSION = IdleTimer
