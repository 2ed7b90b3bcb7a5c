"""KP314: Local without a local endpoint."""

from __future__ import annotations

from tests.lint.linted import said, sound


def test_it_lists_services_whose_traffic_from_outside_is_dropped_here() -> None:
    found = said(sound("local-policies"), "KP314")

    assert all(line.startswith("KP314 info ") for line in found)
    names = sorted(line.split(": ", 1)[1].split(" ")[0] for line in found)
    assert names == ["pol/both-local-none:http", "pol/ext-local-none:http", "pol/np-local-none:http"]


def test_it_is_silent_where_no_service_asks_for_local_endpoints() -> None:
    assert not said(sound(), "KP314")
