"""KP314: Local without a local endpoint."""

from __future__ import annotations

import re

from tests.lint.linted import said, sound


def test_it_lists_services_whose_traffic_from_outside_is_dropped_here() -> None:
    found = said(sound("local-policies"), "KP314")

    assert all(line.startswith("KP314 info ") for line in found)
    names = sorted(line.split(": ", 1)[1].split(" ")[0] for line in found)
    assert names == ["pol/both-local-none:http", "pol/ext-local-none:http", "pol/np-local-none:http"]


def test_it_is_silent_where_no_service_asks_for_local_endpoints() -> None:
    assert not said(sound(), "KP314")


def test_it_is_silent_where_the_chain_of_a_service_with_policy_cluster_is_damaged() -> None:
    text = sound("external-access")
    damaged = re.sub(r"^-A KUBE-EXT-\w+ -j KUBE-SVC-.*\n", "", text, flags=re.MULTILINE)

    assert damaged != text
    assert "-A KUBE-FW-" in damaged
    assert not said(damaged, "KP314")


def test_it_is_silent_where_the_endpoint_on_this_node_is_there_but_not_led_to() -> None:
    text = sound("local-policies")
    damaged = re.sub(r"^-A KUBE-EXT-\w+ -j KUBE-SVL-.*\n", "", text, flags=re.MULTILINE)

    assert damaged != text
    assert [line.split(": ", 1)[1] for line in said(damaged, "KP314")] == [line.split(": ", 1)[1] for line in said(text, "KP314")]
