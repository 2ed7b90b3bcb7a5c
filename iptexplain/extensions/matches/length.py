"""length: the size of the packet in bytes, without the Ethernet header.

Man page iptables-extensions(8), length; kernel net/netfilter/xt_length.c. In IPv6 the header of 40 bytes counts too.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_16, Range, ranges
from iptexplain.model.matching import Field


class Length(Extension):
    """The sizes, in bytes."""

    NAME: ClassVar[str] = "length"

    length: Given[Range]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--length", "length", ranges(MAX_16), negatable=True, field=Field.LENGTH),)


EXTENSION = Length
