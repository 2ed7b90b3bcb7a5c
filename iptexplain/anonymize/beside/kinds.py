"""The kinds of files that may be given beside a dump, each with the module that writes it again."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.source import Source


class Form(Protocol):
    """What the module of a kind has."""

    def gather(self, source: Source, needs: Needs) -> None:
        """Adds what a file asks of addresses and which names it holds. Raises `UnreadableInputError` as the reader of the kind does."""

    def lines(self, source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:
        """The lines of the other file, without their ends. `counters`: what was counted stays. Raises `UnreadableInputError`."""


MODULES = {
    "node": "node",
    "ip-addr": "ip_addr",
    "ip-route": "ip_route",
    "ipset": "ipset",
    "ipvs": "ipvs",
    "names": "names",
    "packets": "packets",
}
"""The modules by the options that take such a file."""


def form(kind: str) -> Form:
    """The module of a kind. Raises KeyError for a kind that there is not."""
    found: Form = import_module(f"iptexplain.anonymize.beside.{MODULES[kind]}")
    return found
