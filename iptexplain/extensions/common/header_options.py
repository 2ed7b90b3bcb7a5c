"""What dst and hbh ask of the headers with options of an IPv6 packet, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.common.joining import together
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message, verbatim

if TYPE_CHECKING:
    from iptexplain.extensions.common.extension import Given
    from iptexplain.extensions.common.numbers import TypeLengths
    from iptexplain.source import Message

_LENGTHS = N_("with an IPv6 header of {name}, {length} bytes long"), N_("with an IPv6 header of {name}, not {length} bytes long")


def asked(name: Message, length: Given[int] | None, options: TypeLengths | None) -> tuple[Phrase, ...]:
    """That there is such a header, how long it is, and with which options it begins; `name` is what the options are called."""
    if length is None:
        found = [message("with an IPv6 header of {name}", name=name)]
    else:
        found = [message(_LENGTHS[length.negated], name=name, length=length.value)]
    if options is not None:
        first = together([_option(*option) for option in options.options])
        found.append(message("beginning with the {name} {options}", name=name, options=first))
    return tuple([Phrase(Part.IF, text) for text in found])


def _option(kind: int, length: int | None) -> Message:
    return verbatim(kind) if length is None else message("{number} ({length} bytes)", number=kind, length=length)
