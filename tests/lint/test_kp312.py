"""KP312: Services without endpoints."""

from __future__ import annotations

from iptexplain.api import load
from iptexplain.lint.beside import Beside
from iptexplain.lint.registry import check
from iptexplain.lint.runner import lint
from tests.lint.linted import said, sound


def test_it_lists_each_service_port_without_endpoints_once() -> None:
    found = said(sound("external-access"), "KP312")

    assert [line.split(": ", 1)[1] for line in found] == ["shop/empty-everything:http (TCP) has no endpoints"]
    assert found[0].startswith("KP312 info ")


def test_it_is_silent_where_all_services_have_endpoints() -> None:
    assert not said(sound(), "KP312")


def test_it_does_not_count_services_that_only_have_no_local_endpoints() -> None:
    found = said(sound("local-policies"), "KP312")

    assert [line.split(": ", 1)[1].split(" ")[0] for line in found] == ["pol/ext-local-empty:http", "pol/int-local-empty:http"]


def test_it_warns_of_the_service_that_somebody_asks_about() -> None:
    ruleset = load(sound("external-access").encode())
    asked, other = (lint(ruleset, [check("KP312")], Beside(service=name)).findings for name in ("empty-every", "lb:http"))

    assert [[one.severity for one in found] for found in (asked, other)] == [["warning"], ["info"]]
