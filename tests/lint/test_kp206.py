"""KP206: rules behind DNAT in an endpoint's chain."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

CHAIN = "KUBE-SEP-HZVZGM4N576VDS2S"
MARK = f'-A {CHAIN} -s 192.168.104.1/32 -m comment --comment "default/nginx" -j KUBE-MARK-MASQ\n'
DNAT = f'-A {CHAIN} -p tcp -m comment --comment "default/nginx" -m tcp -j DNAT --to-destination 192.168.104.1:80\n'


def test_it_catches_a_mark_behind_dnat() -> None:
    (found,) = findings(sound().replace(MARK + DNAT, DNAT + MARK), "KP206")
    assert found.severity == "error"
    assert CHAIN in found.place.message.english()
    assert found.place.text + "\n" == MARK
    assert [one.line for one in found.related] == [found.place.line - 1]


def test_it_catches_session_affinity_behind_dnat() -> None:
    late = f"-A {CHAIN} -m recent --set --name {CHAIN} --mask 255.255.255.255 --rsource\n"
    (found,) = said(sound().replace(MARK + DNAT, MARK + DNAT + late), "KP206")
    assert "session affinity" in found


def test_it_catches_every_chain() -> None:
    text = sound()
    for line in [line for line in text.splitlines(keepends=True) if line.startswith("-A KUBE-SEP-") and "KUBE-MARK-MASQ" in line]:
        before, _, rest = text.partition(line)
        dnat, newline, after = rest.partition("\n")
        text = before + dnat + newline + line + after
    assert len(said(text, "KP206")) == 3


def test_it_is_silent_where_dnat_is_last_or_sets_the_list_itself() -> None:
    assert not said(sound(), "KP206")
    own = DNAT.replace("-m tcp -j", f"-m recent --set --name {CHAIN} --mask 255.255.255.255 --rsource -m tcp -j")
    assert not said(sound().replace(DNAT, own), "KP206")


def test_it_is_silent_on_rules_that_do_nothing_for_the_service_and_on_other_chains() -> None:
    assert not said(sound().replace(MARK + DNAT, f"{MARK}{DNAT}-A {CHAIN} -j LOG\n"), "KP206")
    assert not said(sound().replace(MARK + DNAT, (DNAT + MARK).replace(CHAIN, "MINE")), "KP206")


def test_it_does_not_look_at_a_dump_without_nat_or_kube_proxy() -> None:
    assert not said("*filter\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP206")
    assert not said("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "KP206")
