"""ipvs: packets of connections that this machine balances over several servers (IP Virtual Server).

Man page iptables-extensions(8), ipvs; kernel net/netfilter/xt_ipvs.c. Every other option asks for such a connection too: `--ipvs`
is saved only where it stands alone.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.host import Host
from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.model import names
from iptexplain.model.matching import Field


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
        Option("--vaddr", "address", Host.parse, negatable=True),
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


EXTENSION = Ipvs
