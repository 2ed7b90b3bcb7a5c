"""HMARK: give the packet a mark computed from its addresses and ports, so that all packets of a flow get the same.

Man page iptables-extensions(8), HMARK; kernel net/netfilter/xt_HMARK.c. `--hmark-tuple src,dport` is saved as the masks that it stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.joining import together
from iptexplain.extensions.common.numbers import MAX_16, MAX_32, integer, integers
from iptexplain.model import values
from iptexplain.model.address import Network
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_PARTS = ("ct", "src", "dst", "sport", "dport", "proto", "spi")
"""In the order in which iptables compares an abbreviation with them."""
_MASKS = {
    "--hmark-src-prefix": ("src", {4: "32", 6: "128"}),
    "--hmark-dst-prefix": ("dst", {4: "32", 6: "128"}),
    "--hmark-sport-mask": ("sport", {4: "0xffff", 6: "0xffff"}),
    "--hmark-dport-mask": ("dport", {4: "0xffff", 6: "0xffff"}),
    "--hmark-spi-mask": ("spi", {4: "0xffffffff", 6: "0xffffffff"}),
    "--hmark-proto-mask": ("proto", {4: "0xffff", 6: "0xffff"}),
}
"""The option that a part of a tuple stands for, and its value in each family."""
_LONGEST = 128


def _tuple(text: str) -> values.Words:
    found = []
    for said in text.lower().split(","):
        part = next((part for part in _PARTS if said and part.startswith(said)), None)
        if part is None:
            raise ValueError(text)
        found.append(part)
    return values.Words(tuple(found))


def _length(text: str) -> int:
    """A prefix as its length, or as a mask without holes. Raises ValueError."""
    if not set(text) & set(".:"):
        return integer(text, _LONGEST)
    _, slash, length = str(Network.parse(f"{text}/{text}")).partition("/")
    if not (slash and length.isdecimal()):
        raise ValueError(text)
    return int(length)


class Hmark(Extension):
    """Which bits of which fields are hashed; the mark is `offset + hash % mod`. `rnd` seeds the hash.

    `fields`: these whole; `ct` among them: those of the connection, not of the packet. `sport`, `dport` and `spi` are bits set before
    hashing.
    """

    NAME: ClassVar[str] = "HMARK"
    GOES_ON: ClassVar[bool] = True

    src_prefix: int | None = None
    dst_prefix: int | None = None
    sport_mask: int | None = None
    dport_mask: int | None = None
    spi_mask: int | None = None
    sport: int | None = None
    dport: int | None = None
    spi: int | None = None
    proto_mask: int | None = None
    rnd: int
    mod: int
    offset: int | None = None
    fields: values.Words | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--hmark-src-prefix", "src_prefix", _length),
        Option("--hmark-dst-prefix", "dst_prefix", _length),
        Option("--hmark-sport-mask", "sport_mask", integers(MAX_16), write="{:#06x}".format),
        Option("--hmark-dport-mask", "dport_mask", integers(MAX_16), write="{:#06x}".format),
        Option("--hmark-spi-mask", "spi_mask", integer, write="{:#010x}".format),
        Option("--hmark-sport", "sport", integers(MAX_16), write="{:#06x}".format),
        Option("--hmark-dport", "dport", integers(MAX_16), write="{:#06x}".format),
        Option("--hmark-spi", "spi", integer, write="{:#010x}".format),
        Option("--hmark-proto-mask", "proto_mask", integers(MAX_16), write="{:#04x}".format),
        Option("--hmark-rnd", "rnd", integer, write="{:#010x}".format),
        Option("--hmark-mod", "mod", integers(MAX_32, 1)),
        Option("--hmark-offset", "offset", integer),
        Option("--hmark-tuple", "fields", _tuple),
    )

    def check(self) -> None:
        """Something to hash; ports and SPI share the same four bytes."""
        named = () if self.fields is None else self.fields.names
        ports = self.sport_mask is not None or self.dport_mask is not None or "sport" in named or "dport" in named
        if ports and (self.spi_mask is not None or "spi" in named):
            raise ValueError(self.NAME)
        parts = (self.src_prefix, self.dst_prefix, self.sport_mask, self.dport_mask, self.spi_mask)
        if not named and not any(part is not None for part in (*parts, self.sport, self.dport, self.spi, self.proto_mask)):
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """A part of the tuple as the option that it stands for, each in its place; `ct` last."""
        named = () if self.fields is None else self.fields.names
        said = {words.keyword: words for words in super().save(to) if words.keyword != "--hmark-tuple"}
        for keyword, (part, whole) in _MASKS.items():
            if part in named:
                said[keyword] = Words(keyword, negated=False, values=(whole[to.family],))
        if "ct" in named:
            said["--hmark-tuple"] = Words("--hmark-tuple", negated=False, values=("ct",))
        return tuple(said[option.keyword] for option in self.OPTIONS if option.keyword in said)

    def action(self) -> Message:
        """Which marks there are, and what is hashed."""
        fields = self._hashed()
        text = N_("set the mark to one of {count} values from {first} on, by a hash of {fields} (HMARK)")
        if self.fields is not None and "ct" in self.fields.names:
            text = N_("set the mark to one of {count} values from {first} on, by a hash of {fields}, as the connection has them (HMARK)")
        return message(text, count=self.mod, first=f"{self.offset or 0:#x}", fields=together(fields) if fields else message("nothing"))

    def _hashed(self) -> list[Message]:
        """The fields or parts of them that count, with bits of the ports that are set whatever the packet has."""
        named = () if self.fields is None else self.fields.names
        found = []
        for part, (attribute, whole, text, masked) in _FIELDS.items():
            said = getattr(self, attribute)
            if part in named or said == whole:
                found.append(message(text))
            elif said:
                found.append(message(masked, bits=said if part in {"src", "dst"} else f"{said:#x}"))
        return found + [message(text, bits=f"{said:#x}") for attribute, text in _SET.items() if (said := getattr(self, attribute))]


_FIELDS = {
    "src": ("src_prefix", _LONGEST, N_("the source address"), N_("the /{bits} of the source address")),
    "dst": ("dst_prefix", _LONGEST, N_("the destination address"), N_("the /{bits} of the destination address")),
    "sport": ("sport_mask", MAX_16, N_("the source port"), N_("the bits {bits} of the source port")),
    "dport": ("dport_mask", MAX_16, N_("the destination port"), N_("the bits {bits} of the destination port")),
    "spi": ("spi_mask", MAX_32, N_("the SPI"), N_("the bits {bits} of the SPI")),
    "proto": ("proto_mask", MAX_16, N_("the protocol"), N_("the bits {bits} of the protocol number")),
}
"""What a part of the tuple is called: the attribute with its mask, the mask that is all of it, and the words."""
_SET = {
    "sport": N_("the bits {bits} set in the source port"),
    "dport": N_("the bits {bits} set in the destination port"),
    "spi": N_("the bits {bits} set in the SPI"),
}
"""The bits that are always set before the hash is made."""

EXTENSION = Hmark
