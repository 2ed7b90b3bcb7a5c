"""The view of Services for people: what is folded, marked, put into one block and kept at every width."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.analysis.test_fragments import POLICIES
from tests.analysis.test_odd_services import PLACE, SVC, WORKING, dnat, draw, nat, sep, stripped
from tests.command import CLASSIC, Json, here, run, services_in, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

DUAL = tuple(f"tests/data/kube-proxy/1.30.3/h-dual-stack.{family}.save" for family in ("v4", "v6"))
WIDTHS = (40, 80, 200)


def ends(count: int) -> list[str]:
    return [f"10.{64 + n // 62500}.{n // 250 % 250}.{n % 250}:80" for n in range(count)]


@cache
def many(count: int, *, counted: bool = False) -> bytes:
    """A dump with a Service of so many endpoints with equal shares; with counters of 1,000 connections to each and more."""
    rules = []
    for number, end in enumerate(ends(count)):
        left = count - number
        rules += [draw(end, None if left == 1 else f"{round((1 << 31) / left) / (1 << 31):.11f}"), dnat(end)]
    lines = nat(*rules).splitlines()
    if counted:
        lines = [f"[{1000 + at % 7}:60000] {line}" if line.startswith("-A") else line for at, line in enumerate(lines)]
    return ("\n".join(lines) + "\n").encode()


def view(*arguments: str, stdin: bytes = b"") -> list[str]:
    """The lines of the table, without heads and legend."""
    done = here("services", "-q", *arguments, stdin=stdin)

    assert done.status == 0
    return done.out.splitlines()


def titles(lines: Sequence[str]) -> list[str]:
    """The first lines of blocks."""
    return [line for line in lines if line and line[0] not in " >"]


def rows_with(lines: Sequence[str], text: str) -> list[str]:
    return [line for line in lines if text in line]


def named(*files: str) -> list[str]:
    """The names of Services in the order that a document has: by namespace, name and port name."""
    ports: list[Json] = [port for file in files for port in services_in(file)["service_ports"]]
    return [name for *_, name in sorted({(p["namespace"], p["name"], p["port_name"], p["service_port_name"]) for p in ports})]


# ---- folding -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("count", [2, 12])
def test_a_dozen_endpoints_are_shown_one_by_one(count: int, *, counted: bool) -> None:
    lines = view(stdin=many(count, counted=counted))

    assert [end for end in ends(count) if len(rows_with(lines, f" {end} ")) != 1] == []
    assert rows_with(lines, "more") == []


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("count", [13, 20, 100])
def test_more_endpoints_with_equal_shares_are_folded_between_the_first_and_the_last(count: int, *, counted: bool) -> None:
    lines = view(stdin=many(count, counted=counted))
    (folded,) = rows_with(lines, "more")
    at = lines.index(folded)

    assert f" {count - 2} more" in folded
    assert f"{100 / count:.1f} %" in folded
    assert [ends(count)[0] in lines[at - 1], ends(count)[-1] in lines[at + 1]] == [True, True]
    assert ("counted" in folded) == counted


@pytest.mark.parametrize("form", ["table", "wide", "markdown"])
@pytest.mark.parametrize("count", [16, 80, 400, 2000, 5000])
def test_shares_that_round_up_here_and_down_there_are_equal_all_the_same(count: int, form: str) -> None:
    """Of 80 endpoints each has 1.25 %, a bit more or less: the kernel's thresholds are multiples of 1/2³¹."""
    lines = view("-f", form, stdin=many(count))

    assert len(lines) < 10
    assert max(map(len, lines)) < 500


def test_different_shares_are_never_folded_into_one() -> None:
    rules = [draw(end, "0.50000000000") for end in ends(20)[:-1]] + [draw(ends(20)[-1])]
    lines = view(stdin=nat(*rules, *map(dnat, ends(20))).encode())

    assert [len(rows_with(lines, f" {end} ")) for end in ends(10)] == [1] * 10


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize(("number", "hidden"), [(0, [18]), (1, [17]), (7, [6, 11]), (18, [17]), (19, [18])])
def test_what_was_looked_for_is_shown_and_marked_inside_the_folded_part(number: int, hidden: list[int], *, counted: bool) -> None:
    end = ends(20)[number]
    lines = view("--find", end, stdin=many(20, counted=counted))
    (marked,) = [line for line in lines if line.startswith(">")]

    assert end in marked
    assert hidden == [int(found[1]) for line in lines if (found := re.search(r"(\d+) more", line))]


def test_all_endpoints_that_were_looked_for_are_shown() -> None:
    lines = view("--find", "10.64.0.0/28", stdin=many(100))

    assert len([line for line in lines if line.startswith(">")]) == 16
    assert len(rows_with(lines, "more")) == 1


# ---- marks ---------------------------------------------------------------------------------------------------------------


def marked(*arguments: str, stdin: bytes = b"") -> list[str]:
    return [line for line in view(*arguments, stdin=stdin) if line.startswith(">")]


@pytest.mark.parametrize("wanted", ["192.168.104.1", "10.109.35.24", ":80", "192.168.0.0/16"])
def test_every_place_that_was_found_is_marked(wanted: str) -> None:
    hits = view(CLASSIC, "--find", wanted)
    sentences = [line for line in hits if " is a Pod of " in line or " is the ClusterIP of " in line]

    assert sentences
    assert len(sentences) == len(marked(CLASSIC, "--find", wanted))


def test_an_endpoint_of_this_node_is_marked_too() -> None:
    """It stands in both sets, and the view has one row for it."""
    port = next(port for port in services_in(POLICIES)["service_ports"] if port["name"] == "ext-local-some")
    end = port["endpoint_sets"]["local"][0]

    assert [line for line in marked(POLICIES, "--find", end["address"]) if end["address"] in line]


def test_nothing_is_marked_where_nothing_was_looked_for() -> None:
    assert marked(POLICIES) == []


# ---- dual stack ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [DUAL, DUAL[::-1], ()])
def test_dual_stack_services_are_one_block_with_both_families(files: tuple[str, ...]) -> None:
    lines = view(*files, stdin=b"" if files else whole(DUAL).encode())
    text = "\n".join(lines)
    (block,) = (part for part in text.split("\n\n") if part.startswith("default/dual:http\n"))

    assert sorted(named(*DUAL)) == sorted(titles(lines))
    assert ["10.96.9.1:80/TCP" in block, "[fd00:10:96::9:1]:80/TCP" in block] == [True, True]
    assert ["10.244.1.10:8080" in block, "[fd00:10:244:1::10]:8080" in block] == [True, True]


@pytest.mark.parametrize("files", [DUAL, DUAL[::-1]])
def test_blocks_of_both_families_are_sorted_by_name(files: tuple[str, ...]) -> None:
    assert named(*DUAL) == titles(view(*files))


@pytest.mark.parametrize("number", [2, 3])
def test_dumps_of_one_family_are_shown_one_after_the_other(number: int) -> None:
    assert named(DUAL[0]) * number == titles(view(*[DUAL[0]] * number))


def test_three_dumps_are_not_of_one_node() -> None:
    assert [*named(DUAL[0]), *named(DUAL[1]), *named(DUAL[0])] == titles(view(DUAL[0], DUAL[1], DUAL[0]))


def test_services_of_both_families_that_only_have_hashes_are_one_block_too() -> None:
    lines = view(stdin=stripped(whole(DUAL)).encode())

    assert len(titles(lines)) < sum(len(services_in(file)["service_ports"]) for file in DUAL)
    assert len(set(titles(lines))) >= 5


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("arguments", [DUAL, (*DUAL, "--find", ":80"), (POLICIES, "--find", "10.244.0.0/16")])
def test_no_name_and_no_address_is_lost_at_any_width(width: int, arguments: tuple[str, ...]) -> None:
    done = run("services", *arguments, settings={"COLUMNS": str(width)})
    lines = done.out.splitlines()
    text = "".join(line.removeprefix(">").strip() for line in lines)
    ports = json.loads(here("services", *arguments, "-f", "json").out)["service_ports"]
    addresses = {end["address"] for port in ports for found in port["endpoint_sets"].values() for end in found}

    assert addresses
    assert {name for name in {port["service_port_name"] for port in ports} | addresses if name not in text} == set()
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line != line.rstrip()] == []


# ---- sizes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "most"), [("table", 1500), ("wide", 1000), ("markdown", 1500), ("name", 20)])
def test_a_service_with_thousands_of_endpoints_is_short(form: str, most: int) -> None:
    lines = view("-f", form, stdin=many(5000))

    assert rows_with(lines, "shop/web" if form != "wide" else "web")
    assert len("\n".join(lines)) < most
    assert form == "name" or any("more" in line and re.search(r"\b49\d\d", line) for line in lines)


def test_an_endpoint_that_was_not_pasted_stands_on_no_line() -> None:
    text = f'{PLACE}\n-A {SVC} -m comment --comment "shop/web -> {ends(1)[0]}" -j {sep(ends(1)[0])}\n'
    done = run("services", stdin=text.encode(), settings={"COLUMNS": "200"})

    assert ends(1)[0] in done.out
    assert "line 0" not in done.out


def test_endpoints_without_chances_say_why() -> None:
    lines = view(stdin="".join(f"{rule}\n" for rule in WORKING if "DNAT" in rule).encode())

    assert len([line for line in lines if line.endswith("?")]) == 2
    assert [line for line in lines if line.strip().startswith("?:")]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("-A FORWARD -d 10.244.0.0/16 -j DROP", True),
        ("-A FORWARD -j cali-FORWARD\n-A cali-FORWARD -j ACCEPT", True),
        ('-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD', False),
    ],
)
def test_that_others_have_a_say_in_filter_is_said_where_they_have(rule: str, told: bool) -> None:  # noqa: FBT001 - a yes or no
    filter_, mark, rest = whole([CLASSIC]).partition("*nat")
    text = filter_.replace("*filter\n", "*filter\n:cali-FORWARD - [0:0]\n").replace(
        "COMMIT\n# Completed", f"{rule}\nCOMMIT\n# Completed", 2
    )

    assert told == ("rules of others" in here("services", stdin=(text + mark + rest).encode()).out)


def test_of_a_range_of_addresses_it_is_said_that_one_is_chosen() -> None:
    text = whole([CLASSIC]).replace("--to-destination 192.168.104.1:80", "--to-destination 192.168.104.1-192.168.104.9")

    assert any("range of addresses" in line for line in view(stdin=text.encode()))
    assert not any("range of addresses" in line for line in view(CLASSIC))
