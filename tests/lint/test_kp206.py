"""KP206: rules behind DNAT in an endpoint's chain."""

from __future__ import annotations

import pytest

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


def test_it_catches_a_service_that_marks_behind_its_endpoints() -> None:
    chain = "KUBE-SVC-2CMXP7HKUVJN7L6M"
    lines = sound().splitlines(keepends=True)
    own = [line for line in lines if line.startswith(f"-A {chain}")]
    (mark,) = [line for line in own if "KUBE-MARK-MASQ" in line]
    ways = [line for line in own if "KUBE-SEP-" in line]
    (found,) = findings(sound().replace("".join(own), "".join([*ways, mark])), "KP206")
    assert found.severity == "error"
    assert found.place.text + "\n" == mark
    assert found.place.message.english() == (
        f"{chain} marks packets for masquerade only behind the rule that leads to KUBE-SEP-HZVZGM4N576VDS2S: "
        "what goes there is not masqueraded"
    )
    assert [one.line for one in found.related] == [found.place.line - 3]
    assert len(said(sound().replace("".join(own), "".join([ways[0], mark, *ways[1:]])), "KP206")) == 1
    assert not said(sound().replace("".join(own), "".join([mark, *ways, mark])), "KP206")


def test_it_catches_an_external_chain_that_marks_behind_the_jump_to_the_service() -> None:
    text = sound("external-access")
    mark, jump = [line for line in text.splitlines(keepends=True) if line.startswith("-A KUBE-EXT-")][:2]
    assert mark.split()[1] == jump.split()[1]
    (found,) = findings(text.replace(mark + jump, jump + mark), "KP206")
    assert "only behind the rule that leads to KUBE-SVC-" in found.place.message.english()


def test_it_catches_a_mark_behind_the_jump_where_kube_proxy_up_to_1_21_marks() -> None:
    jump = next(line for line in sound().splitlines(keepends=True) if line.startswith("-A KUBE-SERVICES -d"))
    old = jump.replace("-A KUBE-SERVICES", "-A KUBE-SERVICES ! -s 192.168.0.0/16").rpartition(" -j ")[0] + " -j KUBE-MARK-MASQ\n"
    assert not said(sound().replace(jump, old + jump), "KP206")
    assert len(said(sound().replace(jump, jump + old), "KP206")) == 1


def test_it_is_silent_behind_a_rule_for_other_packets_and_behind_one_that_is_not_understood() -> None:
    text = sound("local-policies")
    assert not said(text, "KP206")
    chain = "KUBE-SVC-2CMXP7HKUVJN7L6M"
    mark = next(line for line in sound().splitlines(keepends=True) if line.startswith(f"-A {chain} ! -s"))
    for first in ("-d 10.0.0.9/32", '-m string --string "a" --algo bm --to 65535'):
        other = f"-A {chain} {first} -j KUBE-SVC-NPX46M4PTMTKRN6Y\n"
        assert not said(sound().replace(mark, other + mark), "KP206")
    unknown = mark.replace("-m tcp", "-m tcp -m frob --nicate")
    late = sound().replace(mark, "")
    last = [line for line in late.splitlines(keepends=True) if line.startswith(f"-A {chain}")][-1]
    assert not said(late.replace(last, last + unknown), "KP206")


def test_a_mark_on_other_packets_before_it_does_not_help() -> None:
    chain = "KUBE-SVC-2CMXP7HKUVJN7L6M"
    own = [line for line in sound().splitlines(keepends=True) if line.startswith(f"-A {chain}")]
    log = f"-A {chain} -j LOG\n"
    other = own[0].replace("10.109.35.24", "10.109.35.99")
    (found,) = findings(sound().replace("".join(own), "".join([log, other, *own[1:], own[0]])), "KP206")
    assert found.place.text + "\n" == own[0]


def test_it_leaves_a_second_dnat_to_another_check() -> None:
    second = DNAT.replace("-m tcp -j", f"-m recent --set --name {CHAIN} --mask 255.255.255.255 --rsource -m tcp -j")
    assert not said(sound().replace(DNAT, second + second), "KP206")


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


FIRST = "-A KUBE-SERVICES -d"


@pytest.mark.parametrize("target", ["-j RETURN", "-j ACCEPT", "-j DNAT --to-destination 10.0.0.9:80", "-g MINE"])
def test_it_catches_a_rule_that_ends_kube_services_for_every_packet(target: str) -> None:
    (found,) = findings(sound().replace(FIRST, f"-A KUBE-SERVICES {target}\n{FIRST}", 1), "KP206")

    assert found.severity == "error"
    assert found.place.text == f"-A KUBE-SERVICES {target}"
    word = " ".join(target.split()[:2])
    assert found.place.message.english() == (
        f"{word} ends KUBE-SERVICES for every packet: no connection reaches the Services of the rules behind it"
    )
    assert [one.line for one in found.related] == [found.place.line + 1]


def test_it_catches_a_rule_that_ends_the_chains_behind_kube_services() -> None:
    head, nat, text = sound("external-access").partition("*nat")
    for kind, what in (
        ("KUBE-NODEPORTS", "no connection reaches the node ports of the rules behind it"),
        ("KUBE-EXT-", "no connection reaches the endpoints of the rules behind it"),
        ("KUBE-SVC-", "no connection reaches the endpoints of the rules behind it"),
        ("KUBE-FW-", "no connection reaches the endpoints of the rules behind it"),
    ):
        line = next(line for line in text.splitlines() if line.startswith(f"-A {kind}"))
        ended = text.replace(line, f"{' '.join(line.split()[:2])} -j RETURN\n{line}", 1)
        (found,) = said(head + nat + ended, "KP206")
        assert f"-j RETURN ends {line.split()[1]} for every packet: {what}" in found


def test_it_catches_a_rule_that_ends_the_chain_of_an_endpoint_before_dnat() -> None:
    for rules in (f"-A {CHAIN} -j RETURN\n{MARK}{DNAT}", f"{MARK}-A {CHAIN} -j ACCEPT\n{DNAT}"):
        (found,) = said(sound().replace(MARK + DNAT, rules), "KP206")
        assert f"ends {CHAIN} for every packet: no connection reaches the endpoint" in found


def test_it_catches_a_rule_that_ends_kube_postrouting_before_it_masquerades() -> None:
    first = "-A KUBE-POSTROUTING -m mark"
    (found,) = said(sound().replace(first, f"-A KUBE-POSTROUTING -j RETURN\n{first}"), "KP206")

    assert "-j RETURN ends KUBE-POSTROUTING for every packet: what is marked for masquerade keeps its source address" in found


def test_it_catches_a_marking_chain_that_ends_the_whole_table() -> None:
    marks = "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n"
    (found,) = said(sound().replace(marks, f"{marks}-A KUBE-MARK-MASQ -j ACCEPT\n"), "KP206")

    assert "-j ACCEPT ends KUBE-MARK-MASQ and the whole table: what is to be marked for masquerade reaches no endpoint" in found
    for rule in ("-j RETURN", "-g MINE", "-s 10.9.0.0/16 -j ACCEPT"):
        assert not said(sound().replace(marks, f"{marks}-A KUBE-MARK-MASQ {rule}\n"), "KP206")


@pytest.mark.parametrize(
    "rule",
    [
        "-A KUBE-SERVICES -s 10.9.0.0/16 -j RETURN",
        "-A KUBE-SERVICES -j LOG",
        "-A KUBE-SERVICES -j MINE",
        "-A KUBE-SERVICES -m mystery --of 1 -j RETURN",
        "-A MINE -j RETURN\n-A MINE -j LOG",
    ],
)
def test_it_is_silent_on_rules_that_end_no_chain_of_kube_proxy(rule: str) -> None:
    assert not said(sound().replace(FIRST, f"{rule}\n{FIRST}", 1), "KP206")


def test_it_is_silent_on_a_rule_that_ends_a_chain_where_nothing_is_behind_or_nothing_comes_to_it() -> None:
    lines = sound().splitlines(keepends=True)
    way = [line for line in lines if line.startswith("-A KUBE-SVC-")][-1]
    port = next(line for line in lines if line.startswith("-A KUBE-SERVICES -m comment"))
    masquerade = next(line for line in lines if line.startswith("-A KUBE-POSTROUTING") and "MASQUERADE" in line)
    service = way.split()[1]
    assert not said(sound().replace(port, f"{port}-A KUBE-SERVICES -j RETURN\n-A KUBE-SERVICES -j RETURN\n"), "KP206")
    assert not said(sound().replace(way, f"{way}-A {service} -j RETURN\n{way}"), "KP206")
    assert not said(sound().replace(DNAT, f"{DNAT}-A {CHAIN} -j RETURN\n-A {CHAIN} -j LOG\n"), "KP206")
    assert not said(sound().replace(masquerade, f"{masquerade}-A KUBE-POSTROUTING -j RETURN\n-A KUBE-POSTROUTING -j LOG\n"), "KP206")
    assert not said(sound().replace(masquerade, f"{masquerade}-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE\n"), "KP206")
