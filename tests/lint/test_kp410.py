"""KP410: kube-proxy does not know which traffic comes from Pods."""

from __future__ import annotations

from tests.lint.linted import said, sound

SOURCE = "-A KUBE-SVC-2CMXP7HKUVJN7L6M ! -s 192.168.0.0/16 -d 10.109.35.24/32"
WITHOUT = "".join(line for line in sound().splitlines(keepends=True) if not line.startswith(SOURCE))


def test_it_catches_services_without_a_rule_that_marks_what_is_not_from_pods() -> None:
    (found,) = said(WITHOUT, "KP410")

    assert found.startswith("KP410 info ")
    assert found.endswith(": kube-proxy does not know which addresses Pods have: traffic of others to cluster IPs is not masqueraded")


def test_it_catches_them_where_only_traffic_to_outside_addresses_is_marked() -> None:
    outside = '-m comment --comment "default/nginx:http external IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'
    rule = f"-A KUBE-SVC-2CMXP7HKUVJN7L6M -d 203.0.113.61/32 -p tcp {outside}\n"

    assert len(said(WITHOUT.replace("-A KUBE-SVC-", f"{rule}-A KUBE-SVC-", 1), "KP410")) == 1


def test_it_is_silent_where_addresses_or_interfaces_tell_pods() -> None:
    assert not said(sound(), "KP410")
    assert not said(sound().replace("! -s 192.168.0.0/16 -d 10.109.35.24/32", "-d 10.109.35.24/32 ! -i cali+"), "KP410")


def test_it_is_silent_where_everything_is_masqueraded_even_without_comments() -> None:
    everything = sound().replace("! -s 192.168.0.0/16 -d 10.109.35.24/32", "-d 10.109.35.24/32")

    assert not said(everything, "KP410")
    assert not said(everything.replace('-m comment --comment "default/nginx cluster IP" ', ""), "KP410")


def test_it_is_silent_where_no_service_has_endpoints() -> None:
    lines = WITHOUT.splitlines(keepends=True)

    assert not said("".join(line for line in lines if "KUBE-SVC-" not in line and "KUBE-SEP-" not in line), "KP410")
