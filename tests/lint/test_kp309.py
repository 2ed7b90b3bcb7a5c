"""KP309: an address that two Services claim."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

OTHER = (
    '-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "other/web cluster IP" -m tcp --dport 80'
    " -j KUBE-SVC-AAAAAAAAAAAAAAAA\n"
    "-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-HZVZGM4N576VDS2S\n"
)
DECLARED = ":KUBE-SVC-2CMXP7HKUVJN7L6M - [0:0]\n"
LAST = '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports;'


def _with(rules: str) -> str:
    text = sound().replace(DECLARED, f"{DECLARED}:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]\n")
    return text.replace(LAST, rules + LAST)


def test_it_catches_the_second_service_at_one_address_and_port() -> None:
    (found,) = said(_with(OTHER), "KP309")

    assert found.startswith("KP309 error ")
    assert found.endswith("other/web and default/nginx both claim tcp 10.109.35.24:80, and default/nginx gets it")


def test_it_catches_a_service_without_endpoints_whose_address_another_one_has() -> None:
    refused = (
        '-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "other/web has no endpoints" -m tcp --dport 80'
        " -j REJECT --reject-with icmp-port-unreachable\n"
    )
    forward = "-A KUBE-FORWARD -m conntrack --ctstate INVALID"
    (found,) = said(sound().replace(forward, refused + forward), "KP309")

    assert "other/web and default/nginx both claim tcp 10.109.35.24:80" in found


def test_it_names_the_rule_that_comes_first() -> None:
    text = _with(OTHER)
    (found,) = findings(text, "KP309")

    (related,) = found.related
    assert "default/nginx cluster IP" in text.splitlines()[related.line - 1]


def test_it_is_silent_on_sound_dumps_other_ports_and_other_protocols() -> None:
    assert not said(sound(), "KP309")
    assert not said(sound("external-access"), "KP309")
    assert not said(_with(OTHER.replace("--dport 80", "--dport 81")), "KP309")
    assert not said(_with(OTHER.replace("-p tcp", "-p udp").replace("-m tcp", "-m udp")), "KP309")


def test_it_is_silent_on_two_chains_of_one_name_and_on_node_ports() -> None:
    port = '-A KUBE-NODEPORTS -p tcp -m comment --comment "{name}" -m tcp --dport 30080 -j {chain}\n'
    ports = port.format(name="default/nginx", chain="KUBE-SVC-2CMXP7HKUVJN7L6M") + port.format(
        name="o/w", chain="KUBE-SVC-AAAAAAAAAAAAAAAA"
    )

    assert not said(_with(OTHER.replace("other/web", "default/nginx")), "KP309")
    assert not said(_with(OTHER.replace("10.109.35.24", "10.109.35.25") + ports), "KP309")


def test_it_catches_a_service_that_takes_a_part_of_what_another_one_serves() -> None:
    text = sound("external-access").replace("-d 198.51.100.4/32 -p", "-d 198.51.100.2/32 -p")
    (found,) = said(text, "KP309")

    assert found.startswith("KP309 error ")
    assert found.endswith(
        "shop/lb-ranges:http and shop/lb-two-ips:http both claim tcp 198.51.100.2:80, "
        "and shop/lb-two-ips:http gets a part of what comes from outside the cluster"
    )
