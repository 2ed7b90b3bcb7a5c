"""Packets of which only some things are known: what is proven of them holds whatever the rest is."""

from __future__ import annotations

import pytest

from iptexplain.analysis.walk import Walker
from iptexplain.api import load
from iptexplain.lint.common.partial import Ending, Partial, all_accepted, all_refused, arriving, endings
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Constraint, CopyMark, Field, SetMark, SetTtl, Verdict
from iptexplain.model.values import Mark

RULES = (
    "-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT",
    "-A FORWARD -p udp -j DROP",
    "-A FORWARD -s 10.1.0.0/16 -j MINE",
    "-A FORWARD -m mark --mark 0x4/0x4 -j REJECT --reject-with icmp-port-unreachable",
    "-A FORWARD ! -d 10.2.0.0/16 -j ACCEPT",
    "-A MINE -d 10.2.3.4/32 -j RETURN",
    "-A MINE -j MARK --set-xmark 0x4/0x4",
)


def _walker(rules: tuple[str, ...], policy: str = "DROP") -> Walker:
    text = f"*filter\n:FORWARD {policy} [0:0]\n:MINE - [0:0]\n" + "".join(f"{rule}\n" for rule in rules) + "COMMIT\n"
    table = load(text.encode()).dumps[0].table("filter")
    assert table is not None
    return Walker(table)


def _said(ends: list[Ending] | tuple[Ending, ...]) -> set[str]:
    return {str(end.effect) + (" by policy" if end.by_policy else "") for end in ends}


def _network(field: Field, text: str) -> Constraint:
    return Constraint(field, Network.parse(text))


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("port", [80, 443])
@pytest.mark.parametrize("source", ["10.1.0.1/32", "10.9.0.1/32"])
@pytest.mark.parametrize("destination", ["10.2.3.4/32", "10.2.3.5/32", "10.8.0.1/32"])
def test_what_may_happen_to_a_packet_is_among_what_may_happen_if_less_is_known(
    protocol: str, port: int, source: str, destination: str
) -> None:
    walker = _walker(RULES)
    whole = arriving(protocol, port, _network(Field.SOURCE, source), _network(Field.DESTINATION, destination))
    whole = whole._replace(marked=Mark(0))
    (certain,) = _said(list(endings(walker, "FORWARD", whole)))

    less = [
        whole._replace(protocol=None),
        whole._replace(marked=Mark(0, 0)),
        *[whole._replace(known=(*whole.known[:at], *whole.known[at + 1 :])) for at in range(len(whole.known))],
        Partial(()),
    ]
    for packet in less:
        assert certain in _said(list(endings(walker, "FORWARD", packet)))


def test_the_policy_ends_what_no_rule_ends_and_an_unknown_one_proves_nothing() -> None:
    accepting, dropping = (endings(_walker((), policy), "FORWARD", Partial(())) for policy in ("ACCEPT", "DROP"))

    assert all_accepted(accepting)
    assert all_refused(dropping)
    nowhere = endings(_walker(()), "NOWHERE", Partial(()))
    assert not all_accepted(nowhere)
    assert not all_refused(nowhere)
    assert not all_accepted(())
    assert not all_refused(())


def test_it_knows_the_bits_of_the_mark_that_rules_set_until_one_takes_it_from_the_connection() -> None:
    packet = Partial((), marked=Mark(0, 0x4)).changed(SetMark(Mark(0x10, 0xF0)))

    assert packet.marked == Mark(0x10, 0xF4)
    assert packet.mark == 0x10
    assert packet.changed(SetMark(Mark(0x4, 0))).marked == Mark(0x14, 0xF4)
    assert packet.changed(SetTtl(7)) == packet
    assert packet.changed(CopyMark(save=True, packet_mask=0xFF, connection_mask=0xFF)) == packet
    assert packet.changed(CopyMark(save=False, packet_mask=0xFF, connection_mask=0xFF)).marked == Mark(0, 0)


def test_it_has_a_destination_only_where_one_address_is_known() -> None:
    one, some = _network(Field.DESTINATION, "10.0.0.7/32"), _network(Field.DESTINATION, "10.0.0.0/8")

    assert Partial((one,)).destination == Address.parse("10.0.0.7")
    assert Partial((some,)).destination is None
    assert Partial((one._replace(negated=True),)).destination is None
    assert Partial(()).destination is None


def test_nothing_is_certain_of_its_source() -> None:
    assert not Partial(()).comes_from_none_of({"10.0.0.1/32"})
    assert Partial(()).comes_from_none_of(set())


def test_it_finds_the_rule_for_one_address_among_many_in_a_chain() -> None:
    rules = tuple(f"-A FORWARD -d 10.0.0.{number}/32 -j ACCEPT" for number in range(1, 30))

    some = endings(_walker(rules), "FORWARD", Partial((_network(Field.DESTINATION, "10.0.0.0/24"),)))
    assert {end.effect for end in some} == {Verdict.ACCEPT, Verdict.DROP}
    assert all_accepted(endings(_walker(rules), "FORWARD", Partial((_network(Field.DESTINATION, "10.0.0.7/32"),))))


def test_too_many_states_prove_nothing() -> None:
    bits = tuple(f"-A FORWARD -m unheard --of {bit} -j MARK --set-xmark {1 << bit:#x}/{1 << bit:#x}" for bit in range(16))

    assert endings(_walker(bits), "FORWARD", Partial((), marked=Mark(0))) == ()
