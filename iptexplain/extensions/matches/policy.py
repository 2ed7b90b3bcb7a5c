"""policy: whether the packet came through IPsec, or will leave through it, and how.

Man page iptables-extensions(8), policy; kernel net/netfilter/xt_policy.c. The transformations are groups of options, `--next` between
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.host import Host
from iptexplain.extensions.common.numbers import integer
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from iptexplain.source import Message

_PROTOCOLS = {50: "esp", 51: "ah", 108: "ipcomp"}
_MOST_ELEMENTS = 4
_NEXT = "--next"


def _direction(text: str) -> str:
    return _one_of(text, ("in", "out"))


def _policy(text: str) -> str:
    return _one_of(text, ("ipsec", "none"))


def _mode(text: str) -> str:
    return _one_of(text, ("transport", "tunnel"))


def _protocol(text: str) -> str:
    return _one_of(_PROTOCOLS.get(integer(text), "") if text[:1].isdigit() else text, tuple(_PROTOCOLS.values()))


def _one_of(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise ValueError(text)
    return text


class Element(Extension):
    """What is asked of one transformation: numbers of its policy and its security association, protocol, mode, ends of the tunnel."""

    reqid: Given[int] | None = None
    spi: Given[int] | None = None
    protocol: Given[str] | None = None
    mode: Given[str] | None = None
    tunnel_destination: Given[Host] | None = None
    tunnel_source: Given[Host] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--reqid", "reqid", integer, negatable=True),
        Option("--spi", "spi", integer, negatable=True, write="{:#x}".format),
        Option("--proto", "protocol", _protocol, negatable=True),
        Option("--mode", "mode", _mode, negatable=True),
        Option("--tunnel-dst", "tunnel_destination", Host.parse, negatable=True, content=Content.ADDRESS),
        Option("--tunnel-src", "tunnel_source", Host.parse, negatable=True, content=Content.ADDRESS),
    )

    def check(self) -> None:
        """Only tunnels have ends."""
        tunnel = self.mode is not None and (self.mode.value == "tunnel") is not self.mode.negated
        if not tunnel and (self.tunnel_source is not None or self.tunnel_destination is not None):
            raise ValueError(self.mode)


class _Head(Extension):
    """The options that stand once in the match."""

    direction: str
    policy: str = "ipsec"
    strict: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--dir", "direction", _direction),
        Option("--pol", "policy", _policy),
        Option("--strict", "strict"),
    )


class Policy(Extension):
    """Whether incoming or outgoing IPsec is meant, whether there is any (`ipsec`) or not (`none`), and its transformations.

    `strict`: the elements are all transformations in their order, otherwise the one element is any of them.
    """

    NAME: ClassVar[str] = "policy"

    direction: str
    policy: str = "ipsec"
    strict: bool = False
    elements: tuple[Element, ...] = ()

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *_Head.OPTIONS,
        *[option._replace(attribute="elements") for option in Element.OPTIONS],
        Option(_NEXT, "elements"),
    )

    @classmethod
    def read(cls, options: tuple[Words, ...]) -> Self:
        """The options of each element stand between two `--next`. Raises ValueError, KeyError and TypeError."""
        once: list[Words] = []
        groups: list[list[Words]] = [[]]
        for words in options:
            if words.keyword == _NEXT:
                groups.append([])
            else:
                (once if words.keyword in _Head.keywords() else groups[-1]).append(words)
        head = _Head.read(tuple(once))
        elements = tuple(Element.read(tuple(group)) for group in groups)
        if head.policy == "none" and len(elements) == 1:
            elements = ()  # iptables takes what is asked of no transformation, and forgets it
        return cls(direction=head.direction, policy=head.policy, strict=head.strict, elements=elements)

    def check(self) -> None:
        """Elements only where there are some, several only in their order, and then none that asks nothing."""
        strict_none = self.policy == "none" and (self.strict or self.elements)
        empty = self.strict and not all(element.save() for element in self.elements)
        if strict_none or empty or len(self.elements) > (_MOST_ELEMENTS if self.strict else 1):
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """The elements in their order."""
        out = list(_Head(direction=self.direction, policy=self.policy, strict=self.strict).save(to))
        for number, element in enumerate(self.elements):
            out += [*([Words(_NEXT, negated=False, values=())] if number else []), *element.save(to)]
        return tuple(out)

    def phrases(self) -> tuple[Phrase, ...]:
        """Whether through IPsec, and by which transformations."""
        steps = [all_of(parts) for parts in map(_parts, self.elements) if parts]
        if not steps:
            return (Phrase(Part.IF, message(_THROUGH[self.direction, self.policy])),)
        *before, last = steps
        for step in reversed(before):
            last = message("{first}; then {rest}", first=step, rest=last)
        text = (_ONE if not self.strict else _SEVERAL if before else _ALONE)[self.direction == "out"]
        return (Phrase(Part.IF, message(text, steps=last)),)


def _parts(element: Element) -> list[Message]:
    """What is asked of one transformation."""
    found = []
    for attribute, (asked, not_asked) in _ASKED.items():
        given = getattr(element, attribute)
        if given is not None:
            found.append(message(not_asked if given.negated else asked, wanted=_said(attribute, given.value)))
    return found


def _said(attribute: str, value: object) -> Message:
    return verbatim(_SAID.get(value, value) if isinstance(value, str) else f"{value:#x}" if attribute == "spi" else value)


_SAID = {"esp": "ESP", "ah": "AH", "ipcomp": "IPComp"}
_ASKED = {
    "protocol": (N_("{wanted}"), N_("not {wanted}")),
    "mode": (N_("{wanted} mode"), N_("not {wanted} mode")),
    "tunnel_source": (N_("tunnel from {wanted}"), N_("tunnel not from {wanted}")),
    "tunnel_destination": (N_("tunnel to {wanted}"), N_("tunnel not to {wanted}")),
    "reqid": (N_("request ID {wanted}"), N_("request ID not {wanted}")),
    "spi": (N_("SPI {wanted}"), N_("SPI not {wanted}")),
}
"""What is asked of a transformation, and the opposite."""
_THROUGH = {
    ("in", "ipsec"): N_("coming in through IPsec"),
    ("in", "none"): N_("coming in without IPsec"),
    ("out", "ipsec"): N_("leaving through IPsec"),
    ("out", "none"): N_("leaving without IPsec"),
}
_ONE = N_("coming in through IPsec ({steps})"), N_("leaving through IPsec ({steps})")
_ALONE = N_("coming in through IPsec (exactly: {steps})"), N_("leaving through IPsec (exactly: {steps})")
_SEVERAL = N_("coming in through IPsec (exactly these steps: {steps})"), N_("leaving through IPsec (exactly these steps: {steps})")
"""On the way in, and on the way out: with such a transformation among others, with that one alone, with those in their order."""

EXTENSION = Policy
