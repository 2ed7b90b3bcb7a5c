"""connlabel: whether the packet's connection has a label, which programs and rules may put on it.

Man page iptables-extensions(8), connlabel; kernel net/netfilter/xt_connlabel.c. iptables-save writes the name of a label where the machine
has a list of names (/etc/xtables/connlabel.conf), otherwise its number.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integer
from iptexplain.extensions.common.quoting import always
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

_LAST_LABEL = 127


def _label(text: str) -> int | str:
    if not text:
        raise ValueError(text)
    return integer(text, _LAST_LABEL) if text[0].isdigit() else text


class ConnLabel(Extension):
    """The label's number or name; `puts`: put it on the connection."""

    NAME: ClassVar[str] = "connlabel"

    label: Given[int | str]
    puts: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--label", "label", _label, negatable=True, quote=always, content=Content.LIST),
        Option("--set", "puts"),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """Has the connection the label; where the match puts it there, has that worked (`connlabel_mt`)."""
        return (Phrase(Part.IF, message(_ASKED[self.puts][self.label.negated], label=self.label.value)),)


_ASKED = {
    False: (N_("the connection has label {label}"), N_("the connection does not have label {label}")),
    True: (N_("after putting label {label} on the connection"), N_("after failing to put label {label} on the connection")),
}
"""By `puts`; and the opposite."""

EXTENSION = ConnLabel
