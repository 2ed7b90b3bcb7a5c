"""IX003: iptables-save could not print what a match or a target says."""

from __future__ import annotations

from iptexplain.owners.kube_proxy.names import endpoint_hash
from tests.lint.linted import findings, said, sound

LOST = "DNAT [unsupported revision]"


def _endpoint(name: str, address: str) -> str:
    """The rules of an endpoint whose destination is lost; its port is 8080."""
    chain = f"KUBE-SEP-{endpoint_hash(name, 'tcp', f'{address}:8080')}"
    return (
        f'-A {chain} -s {address}/32 -m comment --comment "{name}" -j KUBE-MARK-MASQ\n'
        f'-A {chain} -p tcp -m comment --comment "{name}" -m tcp -j {LOST}\n'
    )


def test_it_tells_a_lost_destination_and_finds_it_again_by_the_hash() -> None:
    broken = f"*nat\n:PREROUTING ACCEPT [0:0]\n{_endpoint('shop/web', '10.1.2.3')}COMMIT\n"

    (found,) = findings(broken, "IX003")
    assert found.severity == "warning"
    assert found.place.line == 4
    assert found.place.text[found.place.column - 1 :] == "[unsupported revision]"
    (again,) = found.related
    assert again.line == 4
    assert "10.1.2.3:8080" in again.message.english()


def test_it_catches_a_lost_destination_in_a_sound_dump() -> None:
    destination = next(word for word in sound().split() if word.startswith("192.168.") and ":" in word)

    (found,) = findings(sound().replace(f"DNAT --to-destination {destination}", LOST), "IX003")
    assert "DNAT" in found.place.message.english()
    assert destination in found.related[0].message.english()


def test_many_lost_destinations_are_one_finding_that_names_the_first_of_them() -> None:
    many = "".join(_endpoint("shop/web", f"10.1.2.{number}") for number in range(1, 31))

    (found,) = findings(f"*nat\n:PREROUTING ACCEPT [0:0]\n{many}COMMIT\n", "IX003")
    assert "rules: 30" in found.place.message.english()
    assert len(found.related) == 20


def test_a_destination_that_nothing_proves_is_not_told() -> None:
    other = _endpoint("shop/web", "10.1.2.3").replace("shop/web", "shop/other")

    (found,) = findings(f"*nat\n:PREROUTING ACCEPT [0:0]\n{other}-A PREROUTING -j {LOST}\nCOMMIT\n", "IX003")
    assert not found.related


def test_a_lost_match_is_a_finding_of_its_own_and_so_is_another_table() -> None:
    lines = "-A INPUT -m recent [unsupported revision] -j DROP\n-A INPUT -m recent [unsupported revision] -j ACCEPT\n"
    text = f"*filter\n:INPUT ACCEPT [0:0]\n{lines}COMMIT\n*mangle\n:INPUT ACCEPT [0:0]\n{lines}COMMIT\n"

    assert [line.partition(":")[0] for line in said(text, "IX003")] == ["IX003 warning 3", "IX003 warning 8"]


def test_it_is_silent_on_a_sound_dump_and_on_such_words_in_a_comment() -> None:
    assert not said(sound(), "IX003")
    assert not said('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "[unsupported revision]" -j DROP\nCOMMIT\n', "IX003")
