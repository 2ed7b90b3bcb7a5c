"""cgroup: the control group of the local program that sent the packet, for example that of a service or a container.

Man page iptables-extensions(8), cgroup; kernel net/netfilter/xt_cgroup.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.quoting import if_needed


class Cgroup(Extension):
    """The number that the group has in the net_cls controller, or the path of the group, which all groups below it match too."""

    NAME: ClassVar[str] = "cgroup"

    number: Given[int] | None = None
    path: Given[str] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--cgroup", "number", integer, negatable=True),
        Option("--path", "path", str, negatable=True, quote=if_needed),
    )

    def check(self) -> None:
        """Exactly one of them."""
        if (self.number is None) is (self.path is None):
            raise ValueError(self.NAME)


EXTENSION = Cgroup
