"""LOG: write a line to the kernel's log and go on.

Man page iptables-extensions(8), LOG; kernel net/netfilter/xt_LOG.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.prefix import log_prefix, shortened
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.source import N_, all_of, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_LEVELS = {"emerg": 0, "panic": 0, "alert": 1, "crit": 2, "error": 3, "warning": 4, "notice": 5, "info": 6, "debug": 7}
_DEFAULT = _LEVELS["warning"]
_MOST = max(_LEVELS.values())
_PREFIX = 29


def _prefix(text: str) -> str:
    """The kernel keeps 29 bytes."""
    return shortened(log_prefix(text), _PREFIX)


def _level(text: str) -> int | None:
    """A level by name or number, None for that of warnings, which iptables-save does not write."""
    number = _LEVELS[text] if text in _LEVELS else integer(text, _MOST)
    return None if number == _DEFAULT else number


class Log(Extension):
    """What the line begins with, its level (None: a warning), and what it tells besides."""

    NAME: ClassVar[str] = "LOG"

    prefix: str | None = None
    level: int | None = None
    tcp_sequence: bool = False
    tcp_options: bool = False
    ip_options: bool = False
    uid: bool = False
    macdecode: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--log-prefix", "prefix", _prefix, quote=if_needed, content=Content.PREFIX),
        Option("--log-level", "level", _level),
        Option("--log-tcp-sequence", "tcp_sequence"),
        Option("--log-tcp-options", "tcp_options"),
        Option("--log-ip-options", "ip_options"),
        Option("--log-uid", "uid"),
        Option("--log-macdecode", "macdecode"),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """What the line begins with, its level, what it tells besides."""
        done = [message("log to the kernel log")]
        if self.prefix is not None:
            done.append(message('with prefix "{prefix}"', prefix=self.prefix))
        if self.level is not None:
            done.append(message("at level {level}", level=_SAID[self.level]))
        done += [message(text) for attribute, text in _DETAILS.items() if getattr(self, attribute)]
        return all_of(done)


_SAID = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
"""The levels as programs that read the log write them."""
_DETAILS = {
    "tcp_sequence": N_("with TCP sequence numbers"),
    "tcp_options": N_("with the TCP options"),
    "ip_options": N_("with the IP options"),
    "uid": N_("with the user that sent it"),
    "macdecode": N_("with MAC addresses decoded"),
}

EXTENSION = Log
