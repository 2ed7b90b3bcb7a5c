"""devgroup: which group of interfaces the packet comes in or goes out by (`ip link set … group`).

Man page iptables-extensions(8), devgroup; kernel net/netfilter/xt_devgroup.c. /etc/iproute2/group may name groups; here only the name
that each such file has is known, `default` for 0, which iptables-save prints.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.values import Mark

_DEFAULT = Mark(0)


def _group(text: str) -> Mark:
    return _DEFAULT if text == "default" else Mark.parse(text)


def _name(group: Mark) -> str:
    return "default" if group == _DEFAULT else str(group)


class Devgroup(Extension):
    """The number of the group, or those of its bits that count, of the input and of the output interface."""

    NAME: ClassVar[str] = "devgroup"

    input: Given[Mark] | None = None
    output: Given[Mark] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--src-group", "input", _group, negatable=True, write=_name),
        Option("--dst-group", "output", _group, negatable=True, write=_name),
    )

    def check(self) -> None:
        """One of them at least."""
        if self.input is None and self.output is None:
            raise ValueError(self)


EXTENSION = Devgroup
