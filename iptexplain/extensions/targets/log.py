"""LOG: write a line to the kernel's log and go on.

Man page iptables-extensions(8), LOG; kernel net/netfilter/xt_LOG.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Verdict


class Log(Extension):
    """What the line begins with, its level, and what it tells besides."""

    prefix: str | None = None
    level: str | None = None
    tcp_sequence: bool = False
    tcp_options: bool = False
    ip_options: bool = False
    uid: bool = False
    macdecode: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--log-prefix", "prefix", str),
        Option("--log-level", "level", str),
        Option("--log-tcp-sequence", "tcp_sequence"),
        Option("--log-tcp-options", "tcp_options"),
        Option("--log-ip-options", "ip_options"),
        Option("--log-uid", "uid"),
        Option("--log-macdecode", "macdecode"),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE


EXTENSION = Log
