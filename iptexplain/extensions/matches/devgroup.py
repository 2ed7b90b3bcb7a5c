"""devgroup: which group of interfaces the packet comes in or goes out by (`ip link set … group`).

Man page iptables-extensions(8), devgroup; kernel net/netfilter/xt_devgroup.c. /etc/iproute2/group may name groups; here only the name
that each such file has is known, `default` for 0, which iptables-save prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_32
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Mark
from iptexplain.source import N_, message, verbatim

if TYPE_CHECKING:
    from iptexplain.source import Message

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
        Option("--src-group", "input", _group, negatable=True, write=_name, content=Content.ACCOUNT),
        Option("--dst-group", "output", _group, negatable=True, write=_name, content=Content.ACCOUNT),
    )

    def check(self) -> None:
        """One of them at least."""
        if self.input is None and self.output is None:
            raise ValueError(self)

    def phrases(self) -> tuple[Phrase, ...]:
        """Groups of the interfaces, in decimal, as `ip link` shows them; bits of groups in hexadecimal."""
        asked = (_INPUT, self.input), (_OUTPUT, self.output)
        return tuple([Phrase(Part.IF, _said(texts, given)) for texts, given in asked if given is not None])


def _said(texts: dict[bool, tuple[str, str]], given: Given[Mark]) -> Message:
    group, bits = given.value
    whole = bits == MAX_32
    named = message("{number} (default)", number=group) if given.value == _DEFAULT else verbatim(group if whole else f"{group:#x}")
    return message(texts[whole][given.negated], group=named, bits=f"{bits:#x}")


_INPUT = {
    True: (N_("coming in by an interface of group {group}"), N_("coming in by an interface of any group but {group}")),
    False: (
        N_("coming in by an interface of a group with {group} in its bits {bits}"),
        N_("coming in by an interface of a group with anything but {group} in its bits {bits}"),
    ),
}
_OUTPUT = {
    True: (N_("leaving by an interface of group {group}"), N_("leaving by an interface of any group but {group}")),
    False: (
        N_("leaving by an interface of a group with {group} in its bits {bits}"),
        N_("leaving by an interface of a group with anything but {group} in its bits {bits}"),
    ),
}
"""By whether the whole number of the group counts; and the opposite."""

EXTENSION = Devgroup
