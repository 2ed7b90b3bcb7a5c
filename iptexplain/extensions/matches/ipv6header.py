"""ipv6header: which extension headers an IPv6 packet has.

Man page iptables-extensions(8), ipv6header; kernel net/ipv6/netfilter/ip6t_ipv6header.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.joining import together
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

_SPELLINGS = {
    "hop-by-hop": "hop ip IP hopopt HOPOPT 0",
    "ipv6-opts": "dst IPv6-Opts 60",
    "ipv6-route": "route IPv6-Route 43",
    "ipv6-frag": "frag IPv6-Frag 44",
    "ah": "auth IPSEC-AH 51",
    "esp": "IPSEC-ESP 50",
    "ipv6-nonxt": "none IPv6-NoNxt 59",
    "protocol": "prot 255",
}
"""The headers in the order of iptables-save, each with other names and its number; `protocol` is what the packet carries in the end."""


class Headers(NamedTuple):
    """A set of headers."""

    names: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Headers:
        """Read `hop,frag,50`. Raises ValueError."""
        known = {spelling: name for name, others in _SPELLINGS.items() for spelling in (name, *others.split())}
        said = [word for word in text.split(",") if word]
        if not said or not known.keys() >= set(said):
            raise ValueError(text)
        return cls(frozenset(known[word] for word in said))

    def __str__(self) -> str:
        return ",".join(name for name in _SPELLINGS if name in self.names)


class Ipv6Header(Extension):
    """The headers; `soft`: others may be there too, otherwise they must be all."""

    NAME: ClassVar[str] = "ipv6header"

    headers: Given[Headers]
    soft: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--header", "headers", Headers.parse, negatable=True),
        Option("--soft", "soft"),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """Which headers: without `soft` these and no others; `!` with it, none of these (`ipv6header_mt6`)."""
        headers = together([message(text) for name, text in _NAMES.items() if name in self.headers.value.names])
        return (Phrase(Part.IF, message(_ASKED[self.soft][self.headers.negated], headers=headers)),)


_NAMES = {
    "hop-by-hop": N_("hop-by-hop options"),
    "ipv6-opts": N_("destination options"),
    "ipv6-route": N_("routing"),
    "ipv6-frag": N_("fragment"),
    "ah": N_("authentication (AH)"),
    "esp": N_("encryption (ESP)"),
    "ipv6-nonxt": N_("no next header"),
    "protocol": N_("payload"),
}
_ASKED = {
    False: (N_("with exactly the IPv6 headers {headers}"), N_("with other IPv6 headers than exactly {headers}")),
    True: (N_("with at least the IPv6 headers {headers}"), N_("with none of the IPv6 headers {headers}")),
}
"""By `soft`; and the opposite."""

EXTENSION = Ipv6Header
