"""KP401: a Pod cannot reach itself by way of its Service."""

from __future__ import annotations

from tests.lint.linted import said, sound

CHAIN = "KUBE-SEP-HZVZGM4N576VDS2S"
MARKS = f'-A {CHAIN} -s 192.168.104.1/32 -m comment --comment "default/nginx" -j KUBE-MARK-MASQ\n'
DNAT = f'-A {CHAIN} -p tcp -m comment --comment "default/nginx" -m tcp -j DNAT --to-destination 192.168.104.1:80\n'
DETECTOR = "! -s 192.168.0.0/16 -d 10.109.35.24/32"


def test_it_catches_an_endpoint_without_the_rule_that_marks() -> None:
    (found,) = said(sound().replace(MARKS, ""), "KP401")

    assert found.startswith("KP401 error ")
    assert f"{CHAIN} does not mark packets from 192.168.104.1" in found


def test_it_catches_a_rule_that_marks_another_address_or_all_others() -> None:
    assert said(sound().replace(MARKS, MARKS.replace("104.1/32", "104.9/32")), "KP401")
    assert said(sound().replace(MARKS, MARKS.replace("-s 192", "! -s 192")), "KP401")


def test_it_catches_a_rule_that_does_something_else_with_the_address() -> None:
    assert said(sound().replace(MARKS, MARKS.replace("KUBE-MARK-MASQ", "KUBE-NODEPORTS")), "KP401")


def test_it_is_silent_on_healthy_dumps_of_both_families() -> None:
    assert not said(sound(), "KP401")
    assert not said(sound("ipv6"), "KP401")
    assert not said(sound("mixed-cluster"), "KP401")


def test_it_is_silent_where_the_rule_marks_more_than_the_endpoint_or_marks_by_itself() -> None:
    assert not said(sound().replace(MARKS, MARKS.replace("104.1/32", "104.0/24")), "KP401")
    assert not said(sound().replace(MARKS, f"-A {CHAIN} -j KUBE-MARK-MASQ\n"), "KP401")
    assert not said(sound().replace(MARKS, MARKS.replace("KUBE-MARK-MASQ", "MARK --set-xmark 0x4000/0x4000")), "KP401")


def test_it_is_silent_where_a_rule_is_not_understood() -> None:
    lost = f"-A {CHAIN} -m mystery --of something -j KUBE-MARK-MASQ\n"

    assert not said(sound().replace(MARKS, lost), "KP401")
    assert not said(sound().replace(MARKS, "").replace("--to-destination 192.168.104.1:80", "[unsupported revision]"), "KP401")


def test_it_is_silent_where_kube_proxy_masquerades_everything() -> None:
    assert not said(sound().replace(MARKS, "").replace(DETECTOR, "-d 10.109.35.24/32"), "KP401")


def test_it_is_silent_on_an_endpoint_without_an_address() -> None:
    assert not said(sound().replace(MARKS, "").replace("--to-destination 192.168.104.1:80", "--to-destination :80"), "KP401")
    assert not said(sound().replace(DNAT, ""), "KP401")
