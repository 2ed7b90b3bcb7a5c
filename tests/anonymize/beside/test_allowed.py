from __future__ import annotations

import json

import pytest

from iptexplain.anonymize.beside.allowed import array, chosen, each, number, placed, renamed, text, truth, word, words
from tests.anonymize.beside.again import again
from tests.inputs.sources import source

KNOWN = frozenset({"up", "down"})
MAKERS = {
    "number": number,
    "truth": truth,
    "text": text(str.upper),
    "word": word(KNOWN),
    "or": word(KNOWN, "other"),
    "words": words(KNOWN),
    "each": each(number),
    "renamed": renamed(lambda name: name.removeprefix("un"), number),
}


def test_what_fits_is_made_and_what_does_not_is_left_out() -> None:
    given = {
        "text": "a",
        "number": 1,
        "unknown": 1,
        "truth": True,
        "word": "up",
        "or": "odd",
        "words": ["up", "odd", 1],
        "each": [1, "x", True],
    }

    assert list(chosen(given, MAKERS).items()) == [
        ("text", "A"),
        ("number", 1),
        ("truth", True),
        ("word", "up"),
        ("or", "other"),
        ("words", ["up"]),
        ("each", [1]),
    ]
    assert chosen({"renamed": {"unseen": 1, "un": 2}}, MAKERS) == {"renamed": {"seen": 1}}


@pytest.mark.parametrize("value", [None, 1.5, [], {}, "odd", ""])
def test_values_of_other_types_are_left_out(value: object) -> None:
    left = {key for key in MAKERS if chosen({key: value}, MAKERS)}

    assert left <= ({"text", "or"} if value == "odd" else {"words", "each"} if value == [] else {"renamed"} if value == {} else set())


def test_there_is_nothing_to_choose_from_what_is_no_object() -> None:
    with pytest.raises(TypeError):
        chosen(["number"], MAKERS)


@pytest.mark.parametrize("items", [[], [1], [1, {"a": "\x1b"}]])
def test_an_array_has_a_line_for_each_value(items: list[object]) -> None:
    lines = list(array(items))

    assert json.loads("\n".join(lines)) == items
    assert len(lines) == 1 + len(items)
    assert "\x1b" not in "".join(lines)


def test_lines_stand_at_their_numbers() -> None:
    assert list(placed([(2, "a"), (3, "b"), (5, "c")])) == ["", "a", "b", "", "c"]


def test_odd_values_in_what_the_readers_pass_over_are_left_out() -> None:
    lo = {"ifname": "lo", "flags": [], "link_type": "loopback", "addr_info": [], "mtu": "secret", "linkinfo": "secret", "address": "secret"}
    route = {"dst": "10.0.0.0/8", "dev": "eth0", "nexthops": [{"dev": "eth0", "weight": "secret"}], "via": "secret"}
    expected = {"ifname": "lo", "flags": [], "link_type": "loopback", "addr_info": []}

    assert json.loads(again("ip-addr", source(json.dumps([lo])))[1].text) == [expected]
    assert "secret" not in again("ip-route", source(json.dumps([route])))[1].text
    assert "secret" not in again("ipset", source("create S bitmap:ip range secret"))[1].text
