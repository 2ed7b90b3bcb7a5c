"""cgroup: the control group of the local program that sent the packet, for example that of a service or a container.

Man page iptables-extensions(8), cgroup; kernel net/netfilter/xt_cgroup.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message


class Cgroup(Extension):
    """The number that the group has in the net_cls controller, or the path of the group, which all groups below it match too."""

    NAME: ClassVar[str] = "cgroup"

    number: Given[int] | None = None
    path: Given[str] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--cgroup", "number", integer, negatable=True),
        Option("--path", "path", str, negatable=True, quote=if_needed, content=Content.ACCOUNT),
    )

    def check(self) -> None:
        """Exactly one of them."""
        if (self.number is None) is (self.path is None):
            raise ValueError(self.NAME)

    def phrases(self) -> tuple[Phrase, ...]:
        """Whose packet it is: without a local program nothing matches, `!` or not (`cgroup_mt_v2`)."""
        found = []
        if self.number is not None:
            found.append(message(_NUMBERS[self.number.negated], number=self.number.value))
        if self.path is not None:
            found.append(message(_PATHS[self.path.negated], path=self.path.value))
        return tuple([Phrase(Part.IF, text) for text in found])


_NUMBERS = (
    N_("of a local program with net_cls class {number} (cgroup)"),
    N_("of a local program with any net_cls class but {number} (cgroup)"),
)
_PATHS = N_("of a local program in the cgroup {path} or below it"), N_("of a local program outside the cgroup {path}")

EXTENSION = Cgroup
