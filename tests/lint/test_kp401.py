"""KP401: a Pod cannot reach itself by way of its Service."""

from __future__ import annotations

import re

from tests.lint.linted import findings, said, sound

CHAIN = "KUBE-SEP-HZVZGM4N576VDS2S"
MARKS = f'-A {CHAIN} -s 192.168.104.1/32 -m comment --comment "default/nginx" -j KUBE-MARK-MASQ\n'
DNAT = f'-A {CHAIN} -p tcp -m comment --comment "default/nginx" -m tcp -j DNAT --to-destination 192.168.104.1:80\n'
DETECTOR = "! -s 192.168.0.0/16 -d 10.109.35.24/32"


def test_it_catches_an_endpoint_without_the_rule_that_marks() -> None:
    (found,) = said(sound().replace(MARKS, ""), "KP401")

    assert found.startswith("KP401 error ")
    assert f"the Pod at 192.168.104.1 cannot reach itself through default/nginx: {CHAIN} does not mark" in found


def test_a_service_is_told_once() -> None:
    lost = re.sub(r"-A KUBE-SEP-\S+ -s .* -j KUBE-MARK-MASQ\n", "", sound())
    nginx = [one for one in findings(lost, "KP401") if "default/nginx" in one.place.message.english()]

    assert len(nginx) == 1
    assert "and 2 more Pods cannot reach themselves through default/nginx" in nginx[0].place.message.english()
    assert len(nginx[0].related) == 2


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


FROM_PODS = (
    '-A KUBE-EXT-2CMXP7HKUVJN7L6M -s 192.168.0.0/16 -m comment --comment "pod traffic for default/nginx external destinations"'
    " -j KUBE-SVC-2CMXP7HKUVJN7L6M\n"
)
REST = (
    '-A KUBE-EXT-2CMXP7HKUVJN7L6M -m comment --comment "masquerade LOCAL traffic for default/nginx external destinations"'
    " -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n"
    '-A KUBE-EXT-2CMXP7HKUVJN7L6M -m comment --comment "route LOCAL traffic for default/nginx external destinations"'
    " -m addrtype --src-type LOCAL -j KUBE-SVC-2CMXP7HKUVJN7L6M\n"
)
TO_OUTSIDE = (
    '-A KUBE-SERVICES -d 203.0.113.9/32 -p tcp -m comment --comment "default/nginx loadbalancer IP" -m tcp --dport 80'
    " -j KUBE-EXT-2CMXP7HKUVJN7L6M\n"
)


def _all_masqueraded(external: str) -> str:
    """Everything to cluster IPs is masqueraded, and the Service has a load balancer too."""
    text = sound().replace(DETECTOR, "-d 10.109.35.24/32").replace(":KUBE-MARK-MASQ", ":KUBE-EXT-2CMXP7HKUVJN7L6M - [0:0]\n:KUBE-MARK-MASQ")
    first = "-A KUBE-SERVICES -d 10.109.35.24/32"
    return text.replace("-A KUBE-MARK-MASQ", external + "-A KUBE-MARK-MASQ").replace(first, TO_OUTSIDE + first)


def test_it_catches_a_pod_that_calls_itself_by_a_load_balancer_though_all_to_cluster_ips_is_masqueraded() -> None:
    text = _all_masqueraded(FROM_PODS + REST)

    assert not said(text, "KP401")
    (found,) = said(text.replace(MARKS, ""), "KP401")
    assert found.startswith("KP401 error ")
    assert f"cannot reach itself through default/nginx: {CHAIN} does not mark its packets" in found


def test_it_is_silent_where_the_chain_for_traffic_from_outside_marks_what_pods_send() -> None:
    marks = "-A KUBE-EXT-2CMXP7HKUVJN7L6M -j KUBE-MARK-MASQ\n"
    other = FROM_PODS.replace("192.168.0.0/16", "10.0.0.0/8")

    assert not said(_all_masqueraded(marks + FROM_PODS + REST).replace(MARKS, ""), "KP401")
    assert not said(_all_masqueraded(REST).replace(MARKS, ""), "KP401")
    assert not said(_all_masqueraded(FROM_PODS + REST).replace(MARKS, "").replace(TO_OUTSIDE, ""), "KP401")
    assert not said(_all_masqueraded(other + REST).replace(MARKS, ""), "KP401")


def test_it_catches_a_pod_that_calls_itself_by_an_endpoint_of_this_node_where_pods_are_not_known() -> None:
    local = "-A KUBE-EXT-2CMXP7HKUVJN7L6M -j KUBE-SVL-2CMXP7HKUVJN7L6M\n-A KUBE-SVL-2CMXP7HKUVJN7L6M -j " + CHAIN + "\n"

    assert not said(_all_masqueraded(REST + local), "KP401")
    assert len(said(_all_masqueraded(REST + local).replace(MARKS, ""), "KP401")) == 1
