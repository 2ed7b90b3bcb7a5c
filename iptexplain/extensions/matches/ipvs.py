"""ipvs: packets of connections that this machine balances over several servers (IP Virtual Server).

Man page iptables-extensions(8), ipvs; kernel net/netfilter/xt_ipvs.c. Every other option asks for such a connection too: `--ipvs`
is saved only where it stands alone.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.host import Host
from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.extensions.common.phrases import protocol
from iptexplain.model import names
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message


def _protocol(text: str) -> int:
    """The number, which is what is saved."""
    if text[:1].isdigit():
        return integer(text, MAX_8)
    wanted = names.protocol(text)
    return next(number for number in range(MAX_8 + 1) if names.protocol(str(number)) == wanted)


def _direction(text: str) -> str:
    return _one_of(text.upper(), ("ORIGINAL", "REPLY"))


def _method(text: str) -> str:
    return _one_of(text.upper(), ("GATE", "IPIP", "MASQ"))


def _one_of(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise ValueError(text)
    return text


class Ipvs(Extension):
    """Whether IPVS has the connection at all; protocol, address and port of the service; direction and way of forwarding.

    `control_port` is the port of the service's controlling connection, 21 for FTP.
    """

    NAME: ClassVar[str] = "ipvs"
    WHOLE: ClassVar[Field | None] = Field.IPVS

    ipvs: Given[bool] | None = None
    protocol: Given[int] | None = None
    address: Given[Host] | None = None
    port: Given[int] | None = None
    direction: str | None = None
    method: Given[str] | None = None
    control_port: Given[int] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ipvs", "ipvs", negatable=True),
        Option("--vproto", "protocol", _protocol, negatable=True),
        Option("--vaddr", "address", Host.parse, negatable=True, content=Content.ADDRESS),
        Option("--vport", "port", names.port, negatable=True),
        Option("--vdir", "direction", _direction),
        Option("--vmethod", "method", _method, negatable=True),
        Option("--vportctl", "control_port", names.port, negatable=True),
    )

    def check(self) -> None:
        """Something is asked, and nothing more of what is no such connection."""
        asked = super().save()
        if not asked or (len(asked) > 1 and self.ipvs is not None and self.ipvs.negated):
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """`--ipvs` only if it stands alone."""
        saved = super().save(to)
        return saved if len(saved) == 1 else tuple(words for words in saved if words.keyword != "--ipvs")

    def phrases(self) -> tuple[Phrase, ...]:
        """That IPVS has the connection, which all options but `! --ipvs` ask for; then what else is asked of it."""
        if self.ipvs is not None and self.ipvs.negated:
            return (Phrase(Part.IF, message("of no connection that this node balances (IPVS)")),)
        found = [message("of a connection that this node balances (IPVS)")]
        if self.protocol is not None:
            found.append(message(_PROTOCOL[self.protocol.negated], protocol=protocol(names.protocol(str(self.protocol.value)))))
        if self.address is not None:
            found.append(message(_ADDRESS[self.address.negated], address=self.address.value))
        if self.port is not None:
            found.append(message(_PORT[self.port.negated], port=self.port.value))
        if self.direction is not None:
            original = self.direction == "ORIGINAL"
            found.append(message("in the direction of the first packet" if original else "in the direction of the replies"))
        if self.method is not None:
            found.append(message(_METHODS[self.method.value][self.method.negated]))
        if self.control_port is not None:
            found.append(message(_CONTROL[self.control_port.negated], port=self.control_port.value))
        return tuple([Phrase(Part.IF, text) for text in found])


_PROTOCOL = N_("its service of {protocol}"), N_("its service not of {protocol}")
_ADDRESS = N_("its service at {address}"), N_("its service not at {address}")
_PORT = N_("its service at port {port}"), N_("its service not at port {port}")
_METHODS = {
    "GATE": (N_("forwarded by direct routing"), N_("not forwarded by direct routing")),
    "IPIP": (N_("forwarded in a tunnel (IPIP)"), N_("not forwarded in a tunnel (IPIP)")),
    "MASQ": (N_("forwarded with addresses changed (masquerading)"), N_("not forwarded with addresses changed (masquerading)")),
}
"""How IPVS hands the packets to the servers; and the opposite."""
_CONTROL = N_("its controlling connection at port {port}"), N_("its controlling connection, if any, not at port {port}")

EXTENSION = Ipvs
