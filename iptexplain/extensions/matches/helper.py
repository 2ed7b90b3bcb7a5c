"""helper: packets of connections that a helper of connection tracking announced, for example the data connections of FTP.

Man page iptables-extensions(8), helper; kernel net/netfilter/xt_helper.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

_LENGTH = 29


def _name(text: str) -> str:
    return text[:_LENGTH]  # iptables cuts off what the kernel has no room for


class Helper(Extension):
    """The name of the helper, with its port if that is not the usual one (`ftp-2121`); an empty name is any helper."""

    NAME: ClassVar[str] = "helper"

    helper: Given[str]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--helper", "helper", _name, negatable=True, quote=if_needed, content=Content.LIST),)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which helper announced the connection."""
        kind = _NAMED if self.helper.value else _ANY
        return (Phrase(Part.IF, message(kind[self.helper.negated], helper=self.helper.value)),)


_NAMED = N_("of a connection that the helper {helper} announced"), N_("not of a connection that the helper {helper} announced")
_ANY = N_("of a connection that a conntrack helper announced"), N_("not of a connection that a conntrack helper announced")
"""What is asked, and the opposite."""

EXTENSION = Helper
