"""cpu: which processor of this machine handles the packet.

Man page iptables-extensions(8), cpu; kernel net/netfilter/xt_cpu.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integer


class Cpu(Extension):
    """The number of the processor; the first is 0."""

    NAME: ClassVar[str] = "cpu"

    cpu: Given[int]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--cpu", "cpu", integer, negatable=True),)


EXTENSION = Cpu
