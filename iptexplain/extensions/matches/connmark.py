"""connmark: bits of the mark that the packet's connection carries.

Man page iptables-extensions(8), connmark; kernel net/netfilter/xt_connmark.c. Not the mark of the packet itself, which `mark` asks for.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.values import Mark


class ConnmarkMatch(Extension):
    """The bits that must be set so."""

    NAME: ClassVar[str] = "connmark"

    mark: Given[Mark]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--mark", "mark", Mark.parse, negatable=True),)


EXTENSION = ConnmarkMatch
