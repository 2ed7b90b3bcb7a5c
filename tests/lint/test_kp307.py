"""KP307: the chain of an endpoint leads to another endpoint than the one in its name."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

DNAT = "--to-destination 192.168.104.1:80"


def test_it_catches_a_destination_that_does_not_fit_the_name_of_the_chain() -> None:
    (found,) = said(sound().replace(DNAT, "--to-destination 192.168.104.9:80"), "KP307")

    assert found.startswith("KP307 error ")
    assert "KUBE-SEP-HZVZGM4N576VDS2S was made for another endpoint of default/nginx than 192.168.104.9:80: " in found
    assert found.endswith(" what should reach that one goes to 192.168.104.9:80, perhaps a stranger")


def test_it_is_silent_on_healthy_dumps_of_both_families() -> None:
    assert not said(sound(), "KP307")
    assert not said(sound("ipv6"), "KP307")
    assert not said(sound("mixed-cluster"), "KP307")


def test_it_is_silent_on_a_service_without_a_port_name_as_old_versions_wrote_it() -> None:
    old = sound().replace("default/nginx", "default/nginx:").replace("2CMXP7HKUVJN7L6M", "4N57TFCL4MD7ZTDA")
    old = old.replace("HZVZGM4N576VDS2S", "U74WYEUBVOAX3MTM")

    assert not [line for line in said(old, "KP307") if "U74WYEUBVOAX3MTM" in line]
    assert len(said(old, "KP307")) == 2  # the other two still have the hashes of a newer version


def test_it_takes_the_name_from_the_comment_of_the_rule_that_leads_there_where_the_top_chains_do_not_tell() -> None:
    unnamed = sound().replace(' -m comment --comment "default/nginx cluster IP"', "")

    assert not said(unnamed, "KP307")
    assert said(unnamed.replace(DNAT, "--to-destination 192.168.104.9:80"), "KP307")


def test_it_is_silent_where_no_hash_proves_the_name_of_the_service() -> None:
    assert not said(sound().replace("default/nginx", "my/secret"), "KP307")


def test_it_is_silent_where_the_destination_is_lost_or_zero() -> None:
    assert not said(sound().replace(DNAT, "[unsupported revision]"), "KP307")
    assert not said(sound().replace(DNAT, "--to-destination :0"), "KP307")


def test_it_is_silent_where_only_chains_of_others_lead_there() -> None:
    lines = [line for line in sound().splitlines(keepends=True) if not line.startswith("-A KUBE-SVC-")]
    mine = "-A MINE -j KUBE-SEP-HZVZGM4N576VDS2S\n"
    broken = "".join(lines).replace(DNAT, "--to-destination 192.168.104.9:80")

    assert not said(broken.replace("-A PREROUTING -m", mine + "-A PREROUTING -m"), "KP307")


def test_it_does_not_look_at_a_dump_without_nat() -> None:
    assert not said("*filter\n:INPUT ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP307")


OF_TCP = f'-p tcp -m comment --comment "default/nginx" -m tcp -j DNAT {DNAT}'


@pytest.mark.parametrize("protocol", ["udp", "17", "sctp"])
def test_it_catches_a_rule_that_takes_packets_of_another_protocol_than_the_service(protocol: str) -> None:
    other = OF_TCP.replace("-p tcp", f"-p {protocol}").replace("-m tcp", f"-m {'sctp' if protocol == 'sctp' else 'udp'}")
    (found,) = said(sound().replace(OF_TCP, other), "KP307")

    assert found.startswith("KP307 error ")
    named = "UDP" if protocol == "17" else protocol.upper()
    assert (
        f"KUBE-SEP-HZVZGM4N576VDS2S sends only {named} packets to 192.168.104.1:80, but default/nginx is a TCP port: "
        "connections that fall to this endpoint time out"
    ) in found


def test_it_is_silent_on_a_destination_for_every_protocol_or_all_but_another() -> None:
    for protocol in ("", "-p all ", "! -p udp "):
        assert not said(sound().replace(OF_TCP, OF_TCP.replace("-p tcp ", protocol).replace("-m tcp ", "")), "KP307")


def test_it_tells_only_the_destination_where_that_does_not_fit_either() -> None:
    other = OF_TCP.replace("-p tcp", "-p udp").replace("-m tcp", "-m udp").replace("104.1:80", "104.9:80")
    (found,) = said(sound().replace(OF_TCP, other), "KP307")

    assert "was made for another endpoint" in found


def test_a_word_that_is_no_protocol_is_passed_over() -> None:
    text = sound().replace("-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp", "-A KUBE-SERVICES -d 10.109.35.24/32 -p tpc")

    assert said(text, "KP307", "KP308") == []
