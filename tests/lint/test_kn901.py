"""KN901: the addresses of Services lie among those of Pods."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

VIP = "10.109.35.24"


def test_it_catches_a_cluster_ip_beside_a_pod() -> None:
    (found,) = said(sound().replace(VIP, "192.168.104.9"), "KN901")

    assert found.startswith("KN901 error ")
    assert "192.168.104.9" in found
    assert "192.168.0.0/16" in found


def test_it_informs_where_the_range_is_shared_and_no_pod_is_near() -> None:
    (found,) = said(sound().replace(VIP, "192.168.240.9"), "KN901")

    assert found.startswith("KN901 info ")


@pytest.mark.parametrize(
    "text",
    [
        sound(),
        sound().replace("! -s 192.168.0.0/16 ", "! -i veth+ ").replace(VIP, "192.168.104.9"),
        sound().replace("! -s 192.168.0.0/16 ", "").replace(VIP, "192.168.104.9"),
        sound().replace("nginx cluster IP", "nginx external IP", 1).replace(VIP, "192.168.104.9"),
        sound("ipv6"),
    ],
    ids=["sound", "pods told by interfaces", "all masqueraded", "an external address", "IPv6"],
)
def test_it_is_silent_where_the_ranges_are_apart_or_not_known(text: str) -> None:
    assert not said(text, "KN901")


@pytest.mark.parametrize("destination", ["nothing", ":80", ""])
def test_it_goes_by_what_it_can_read_of_the_endpoints(destination: str) -> None:
    text = (
        sound()
        .replace(VIP, "192.168.104.9")
        .replace(" --to-destination 192.168.104.1:80", f" --to-destination {destination}" if destination else "")
    )

    (found,) = said(text, "KN901")
    assert found.startswith("KN901 info ")


def test_another_address_among_pods_is_another_finding() -> None:
    rule = next(line for line in sound().splitlines(keepends=True) if line.startswith("-A KUBE-SERVICES -d"))
    one = sound().replace(VIP, "192.168.104.9")
    more = one.replace(rule.replace(VIP, "192.168.104.9"), rule.replace(VIP, "192.168.104.9") + rule.replace(VIP, "192.168.104.10"))

    (first,), (moved,), (second,) = findings(one, "KN901"), findings("\n" + one, "KN901"), findings(more, "KN901")
    assert first.fingerprint == moved.fingerprint != second.fingerprint


def test_an_address_that_a_pod_has_come_near_is_another_finding_than_one_in_the_range_alone() -> None:
    text = sound().replace(VIP, "192.168.240.9")
    (far,), (near,) = findings(text, "KN901"), findings(text.replace("192.168.104.1:80", "192.168.240.1:80"), "KN901")

    assert (far.severity, near.severity) == ("info", "error")
    assert far.fingerprint != near.fingerprint
