"""SECMARK: give the packet a security label, for SELinux, and go on.

Man page iptables-extensions(8), SECMARK; kernel net/netfilter/xt_SECMARK.c. No match asks for the label.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Verdict


class SecMark(Extension):
    """The label, as SELinux spells it."""

    NAME: ClassVar[str] = "SECMARK"

    context: str

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--selctx", "context", str),)

    def effect(self) -> Verdict:
        """Nothing that a match asks for."""
        return Verdict.CONTINUE


EXTENSION = SecMark
