"""SYNPROXY: answer new TCP connections in place of the server, and let only those through that are no flood.

Man page iptables-extensions(8), SYNPROXY; kernel net/netfilter/nf_synproxy_core.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import MAX_8, MAX_16, integer
from iptexplain.source import N_, all_of, message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _wscale(text: str) -> int:
    """Of 32 bits that iptables takes, it keeps eight."""
    return integer(text) & MAX_8


def _mss(text: str) -> int:
    """Of 32 bits that iptables takes, it keeps 16."""
    return integer(text) & MAX_16


class Synproxy(Extension):
    """What the answer says of the server: the TCP options that it takes, its window scale, and its greatest segment in bytes."""

    NAME: ClassVar[str] = "SYNPROXY"

    sack_perm: bool = False
    timestamp: bool = False
    wscale: int | None = None
    mss: int | None = None
    ecn: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--sack-perm", "sack_perm"),
        Option("--timestamp", "timestamp"),
        Option("--wscale", "wscale", _wscale),
        Option("--mss", "mss", _mss),
        Option("--ecn", "ecn"),
    )

    def action(self) -> Message:
        """What its answer says of the server."""
        done = [message("answer for the server with SYN cookies, and let through only clients that complete the handshake (SYNPROXY)")]
        if self.mss is not None:
            done.append(message("with MSS {mss}", mss=self.mss))
        if self.wscale is not None:
            done.append(message("with window scale {wscale}", wscale=self.wscale))
        done += [message(text) for attribute, text in _OFFERED.items() if getattr(self, attribute)]
        return all_of(done)


_OFFERED = {"sack_perm": N_("with SACK"), "timestamp": N_("with timestamps"), "ecn": N_("with ECN")}

EXTENSION = Synproxy
