"""tcpmss: the largest TCP segment that the sender of a SYN packet wants to get (its option MSS).

Man page iptables-extensions(8), tcpmss; kernel net/netfilter/xt_tcpmss.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_16, Range, extent
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message


def _sizes(text: str) -> Range:
    found = Range.parse(text, MAX_16)
    if found.first > found.last:
        raise ValueError(text)
    return found


class TcpmssMatch(Extension):
    """The sizes, in bytes."""

    NAME: ClassVar[str] = "tcpmss"

    size: Given[Range]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--mss", "size", _sizes, negatable=True),)

    def phrases(self) -> tuple[Phrase, ...]:
        """The sizes: of a packet without this option the opposite is true."""
        texts = _SIZES[extent(self.size.value, MAX_16)]
        return (Phrase(Part.IF, message(texts[self.size.negated], first=self.size.value.first, last=self.size.value.last)),)


_SIZES = {
    "one": (N_("with TCP option MSS {first}"), N_("without TCP option MSS, or with another than {first}")),
    "between": (N_("with TCP option MSS {first} to {last}"), N_("without TCP option MSS, or with one outside {first} to {last}")),
    "at least": (N_("with TCP option MSS at least {first}"), N_("without TCP option MSS, or with one below {first}")),
    "at most": (N_("with TCP option MSS at most {last}"), N_("without TCP option MSS, or with one above {last}")),
    "any": (N_("with TCP option MSS"), N_("without TCP option MSS")),
    "none": (N_("with a TCP option MSS that no packet has"), N_("whatever its TCP option MSS")),
}
"""What is asked, and the opposite."""

EXTENSION = TcpmssMatch
