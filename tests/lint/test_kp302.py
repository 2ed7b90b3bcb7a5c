"""KP302: the chain of an endpoint has no DNAT, or more than one."""

from __future__ import annotations

import re

from tests.lint.linted import said, sound

CHAIN = "KUBE-SEP-HZVZGM4N576VDS2S"
MARKS = f'-A {CHAIN} -s 192.168.104.1/32 -m comment --comment "default/nginx" -j KUBE-MARK-MASQ\n'
DNAT = f'-A {CHAIN} -p tcp -m comment --comment "default/nginx" -m tcp -j DNAT --to-destination 192.168.104.1:80\n'


def test_it_catches_a_chain_without_a_dnat() -> None:
    (found,) = said(sound().replace(DNAT, ""), "KP302")

    assert found.startswith("KP302 error ")
    assert found.endswith(f": {CHAIN} has no DNAT: connections to default/nginx that fall to this endpoint reach none and time out")


def test_it_names_the_service_that_comments_name_or_the_chain_that_leads_there() -> None:
    broken = sound().replace(DNAT, "")
    alone = "".join(line for line in broken.splitlines(keepends=True) if f"-j {CHAIN}" not in line)
    nameless = re.sub(r' -m comment --comment "default/nginx[^"]*"', "", broken)

    assert "connections to default/nginx that" in said(alone, "KP302")[0]
    assert "connections to KUBE-SVC-2CMXP7HKUVJN7L6M that" in said(nameless, "KP302")[0]
    assert "connections to a Service that no comment names that" in said(re.sub(r' -m comment --comment "[^"]*"', "", alone), "KP302")[0]


def test_it_catches_a_second_dnat() -> None:
    (found,) = said(sound().replace(DNAT, DNAT + DNAT.replace(":80", ":81")), "KP302")

    assert found.endswith(f": {CHAIN} has more than one DNAT: connections to default/nginx never reach the second destination")


def test_it_catches_an_empty_chain_that_a_rule_leads_to() -> None:
    (found,) = said(sound().replace(DNAT, "").replace(MARKS, ""), "KP302")

    assert f"{CHAIN} is empty" in found


def test_it_is_silent_on_a_healthy_dump_and_on_an_empty_chain_that_nothing_leads_to() -> None:
    assert not said(sound(), "KP302")
    assert not said(sound().replace(f":{CHAIN} ", f":KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]\n:{CHAIN} "), "KP302")


def test_it_is_silent_where_the_dump_has_lost_what_the_dnat_says() -> None:
    lost = DNAT.replace("--to-destination 192.168.104.1:80", "[unsupported revision]")

    assert not said(sound().replace(DNAT, lost), "KP302")


def test_it_does_not_look_at_rules_alone() -> None:
    assert not said(MARKS, "KP302")


def test_it_does_not_look_at_a_dump_without_nat() -> None:
    assert not said("*filter\n:INPUT ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP302")
