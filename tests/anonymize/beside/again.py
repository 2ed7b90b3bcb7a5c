"""Files beside a dump, written again as `anonymize` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.kinds import form
from iptexplain.anonymize.disguise import Disguise
from iptexplain.anonymize.needs import Needs
from tests.anonymize.story import KEY
from tests.inputs.sources import source

if TYPE_CHECKING:
    from iptexplain.model.address import Address, Network
    from iptexplain.source import Source


def again(kind: str, given: Source, *, counters: bool = False) -> tuple[Disguise, Source]:
    """What stands for what, and the other file of one kind."""
    needs = Needs()
    form(kind).gather(given, needs)
    disguise = Disguise(KEY, needs)
    return disguise, source(*form(kind).lines(given, disguise, counters=counters), name=given.name)


def address(one: Address, to: Disguise) -> Address:
    return to.addresses.address(one)


def network(one: Network, to: Disguise) -> Network:
    return to.addresses.network(one)
