"""What the options of `iptexplain services` do to every view: order, titles, and what is chosen."""

from __future__ import annotations

import csv
import json
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from tests.analysis.test_fragments import EXTERNAL, IPV6, MIXED, POLICIES
from tests.analysis.test_odd_services import WORKING, nat
from tests.command import CLASSIC, Json, here, printed, services_in
from tests.render.test_schemas import faults
from tests.render.test_services_table import DUAL, titles

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("table", "wide", "name", "json", "csv", "markdown")
SORTS = ("name", "address", "endpoints", "line")


@cache
def out(*arguments: str) -> str:
    done = here("services", *arguments)

    assert (done.status, done.err) == (0, "")
    return done.out


def document(*arguments: str) -> Json:
    """The document for arguments, which follows its schema."""
    made: Json = json.loads(out(*arguments, "-f", "json"))

    assert faults("services", made) == []
    return made


def called(port: Json) -> str:
    return f"{port['service_port_name']}/{port['protocol']}"


def listed(file: str, form: str, *arguments: str) -> list[str]:
    """The Service ports in the order of a view; without protocol where the view shows none with the name."""
    text = out(file, "-f", form, *arguments)
    match form:
        case "json":
            return list(map(called, json.loads(text)["service_ports"]))
        case "name":
            return text.splitlines()
        case "csv":
            rows = csv.DictReader(text.splitlines())
            return list(
                dict.fromkeys(f"{r['namespace']}/{r['name']}{':' * bool(r['port_name'])}{r['port_name']}/{r['protocol']}" for r in rows)
            )
        case "wide":
            return ["/".join(line.split()[:2]) for line in text.splitlines()[1:]]
        case "markdown":
            return [cell for line in text.splitlines() if "/" in (cell := line.strip("| ").partition(" ")[0])]
        case _:
            return [line for line in titles(text.splitlines()) if "/" in line and " " not in line]


def short(name: str, form: str) -> str:
    """A Service port as a view calls it."""
    return name if form in {"json", "name", "csv"} else name.rpartition("/")[0].partition(":" if form == "wide" else "\n")[0]


# ---- --sort --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("sort", SORTS)
def test_every_view_has_all_services_in_the_order_that_was_asked_for(sort: str, form: str) -> None:
    order = listed(MIXED, "json", "--sort", sort)

    assert sorted(map(called, services_in(MIXED)["service_ports"])) == sorted(order)
    assert [short(name, form) for name in order] == listed(MIXED, form, "--sort", sort)


@pytest.mark.parametrize("file", [EXTERNAL, IPV6, MIXED])
def test_by_name_is_the_order_without_the_option(file: str) -> None:
    assert document(file) == document(file, "--sort", "name")
    assert [called(port) for port in services_in(file)["service_ports"]] == listed(file, "json", "--sort", "name")


@pytest.mark.parametrize("file", [EXTERNAL, IPV6, MIXED])
def test_by_address_the_lowest_comes_first_and_numbers_count_not_letters(file: str) -> None:
    addresses = [
        min((ip_address(route["dst"]) for routes in port["routes"].values() for route in routes if route["dst"]), key=int)
        for port in document(file, "--sort", "address")["service_ports"]
        if any(route["dst"] for routes in port["routes"].values() for route in routes)
    ]

    assert len(addresses) > 5
    assert sorted(addresses, key=int) == addresses


@pytest.mark.parametrize("file", [EXTERNAL, POLICIES, MIXED])
def test_by_endpoints_most_come_first_and_each_counts_once(file: str) -> None:
    counts = [
        len({end["address"] for found in port["endpoint_sets"].values() for end in found})
        for port in document(file, "--sort", "endpoints")["service_ports"]
    ]

    assert sorted(counts, reverse=True) == counts
    assert len(set(counts)) > 2


@pytest.mark.parametrize("file", [EXTERNAL, IPV6, MIXED])
def test_by_line_they_stand_as_in_the_dump(file: str) -> None:
    lines = [
        min(route["line"] for routes in port["routes"].values() for route in routes)
        for port in document(file, "--sort", "line")["service_ports"]
    ]

    assert sorted(lines) == lines


def test_services_with_as_many_endpoints_are_sorted_by_name() -> None:
    ports = document(MIXED, "--sort", "endpoints")["service_ports"]
    keys = [
        (-len({end["address"] for found in p["endpoint_sets"].values() for end in found}), p["namespace"], p["name"], p["port_name"])
        for p in ports
    ]

    assert sorted(keys) == keys


def test_in_dual_stack_the_blocks_are_sorted_over_both_families() -> None:
    """`v6only` has two endpoints, `kubernetes` has one."""
    order = titles(out(*DUAL, "-q", "--sort", "endpoints").splitlines())

    assert order.index("default/v6only:http") < order.index("default/kubernetes:https")


# ---- --no-header -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["wide", "csv"])
@pytest.mark.parametrize("files", [(CLASSIC,), DUAL, (CLASSIC, MIXED)])
def test_without_header_the_line_of_titles_is_gone_and_nothing_else(form: str, files: Sequence[str]) -> None:
    lines = out(*files, "-f", form).splitlines()
    bare = out(*files, "-f", form, "--no-header").splitlines()

    assert [line.split() for line in lines[1:]] == [line.split() for line in bare]
    assert "NAME" in lines[0].upper()


@pytest.mark.parametrize("form", ["name", "json"])
def test_where_there_are_no_titles_nothing_changes(form: str) -> None:
    assert out(CLASSIC, "-f", form) == out(CLASSIC, "-f", form, "--no-header")


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize("files", [(CLASSIC,), DUAL])
def test_without_header_no_line_tells_of_the_dump_and_all_services_are_there(form: str, files: Sequence[str]) -> None:
    text = out(*files, "-f", form, "--no-header")

    assert not [line for line in text.splitlines() if any(file in line for file in files) or "kube-proxy, iptables mode" in line]
    assert {
        name for file in files for port in services_in(file)["service_ports"] if (name := port["service_port_name"]) not in text
    } == set()
    assert not text.startswith("\n")


# ---- what is chosen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_found_is_all_that_is_shown(form: str) -> None:
    assert listed(MIXED, "name", "--find", ":443") == list(dict.fromkeys(listed(MIXED, "json", "--find", ":443")))
    assert [short(name, form) for name in listed(MIXED, "name", "--find", ":443")] == listed(MIXED, form, "--find", ":443")


def test_options_that_choose_are_taken_together() -> None:
    ports = document(MIXED, "-n", "kube-system", "--service", "dns", "--find", ":53")["service_ports"]

    assert ports
    assert {(port["namespace"], "dns" in port["service_port_name"]) for port in ports} == {("kube-system", True)}
    assert len(document(MIXED, "--find", ":53")["service_ports"]) >= len(ports)


@pytest.mark.parametrize("form", FORMATS)
def test_finding_nothing_is_no_error_in_any_view(form: str) -> None:
    done = here("services", CLASSIC, "--find", "192.0.2.1", "-f", form)

    assert done.status == 0
    assert "192.0.2.1" in done.err
    assert "default/nginx" not in done.out


@pytest.mark.parametrize("arguments", [("--sort", "colour"), ("--sort",), ("--find",), ("--no-header=yes",)])
def test_an_option_without_a_sensible_value_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    done = here("services", CLASSIC, *arguments)

    assert (done.status, done.out) == (2, "")


def test_the_help_names_what_can_be_sorted_by_and_looked_for() -> None:
    text = printed("services", "--help", width=200).out

    assert [word for word in (*SORTS, *FORMATS, "--find", "--no-header", "line:N") if word not in text] == []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("option", [("--sort", "address"), ("--no-header",), ("--find", "10.244.0.1")])
def test_a_dump_from_a_pipe_is_shown_as_well(option: tuple[str, ...], form: str) -> None:
    done = here("services", "-f", form, *option, stdin=nat(*WORKING).encode())

    assert done.status == 0
    assert "web" in done.out
