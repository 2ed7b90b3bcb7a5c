"""nfacct: counts the packet in a named object; every packet matches.

Man page iptables-extensions(8), nfacct; kernel net/netfilter/xt_nfacct.c. kube-proxy writes it from 1.31 on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.prefix import cut
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch

_LONGEST = 31


def _cut(text: str) -> str:
    """The name, which iptables wants not to be empty. Raises ValueError."""
    if not text:
        raise ValueError(text)
    return cut(text, _LONGEST)


def _after_two_blanks(text: str) -> str:
    """The name with a blank before it, as iptables-save prints it (libxt_nfacct.c)."""
    return " " + if_needed(text)


class NfAcct(Extension):
    """The name of the accounting object."""

    NAME: ClassVar[str] = "nfacct"

    name: str

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--nfacct-name", "name", _cut, quote=_after_two_blanks, content=Content.LIST),)

    def decide(self) -> tuple[Branch, ...]:
        """Every packet matches."""
        return ()

    def phrases(self) -> tuple[Phrase, ...]:
        """Where the packet is counted."""
        return (Phrase(Part.IF, message("counted in the accounting object {name}", name=self.name)),)


EXTENSION = NfAcct
