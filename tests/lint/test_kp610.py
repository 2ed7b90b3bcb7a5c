"""KP610: a rule names a set that does not exist."""

from __future__ import annotations

import pytest

from tests.checkout import ROOT
from tests.lint.linted import said
from tests.lint.of_node import said_of

RULES = """*filter
:INPUT ACCEPT [0:0]
-A INPUT -m set --match-set blocked.v4 src -j DROP
-A INPUT -p tcp -m set ! --match-set blocked.v4 src -m tcp --dport 22 -j ACCEPT
COMMIT
"""
SETS = "create blocked.v4 hash:ip family inet hashsize 1024 maxelem 65536\n"


def test_it_catches_a_set_that_is_missing_once_for_all_its_rules() -> None:
    (found,) = said_of(RULES, "KP610", ipset="create other hash:ip family inet hashsize 1024 maxelem 65536\n")

    assert found.startswith("error 3: there is no set blocked.v4: ")
    assert found.endswith("(rules that name the set: 2)")


def test_a_node_without_sets_has_none_of_them() -> None:
    assert len(said_of(RULES, "KP610", ipset="")) == 1


@pytest.mark.parametrize("option", ["--add-set", "--del-set"])
def test_it_catches_a_set_that_is_changed(option: str) -> None:
    text = f"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j SET {option} seen src\nCOMMIT\n"

    (found,) = said_of(text, "KP610", ipset=SETS)
    assert "no set seen:" in found
    assert not said_of(text.replace("seen", "blocked.v4"), "KP610", ipset=SETS)


def test_it_catches_a_set_that_marks_are_taken_from() -> None:
    text = "*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -j SET --map-set marks src --map-mark\nCOMMIT\n"

    assert len(said_of(text, "KP610", ipset=SETS)) == 1


def test_both_sets_of_one_rule_are_looked_for() -> None:
    text = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m set --match-set a src -m set --match-set b dst -j DROP\nCOMMIT\n"

    assert len(said_of(text, "KP610", ipset=SETS)) == 2
    assert len(said_of(text, "KP610", ipset=SETS + SETS.replace("blocked.v4", "a"))) == 1


def test_it_is_silent_where_the_sets_are_there_also_as_a_list_of_sets() -> None:
    assert not said_of(RULES, "KP610", ipset=SETS)
    listed = SETS.replace("blocked.v4", "inner") + "create blocked.v4 list:set size 8\nadd blocked.v4 inner\n"
    assert not said_of(RULES, "KP610", ipset=listed)


def test_it_is_silent_on_a_node_in_ipvs_mode() -> None:
    dump, sets = ((ROOT / f"samples/ipvs/{name}").read_text("utf-8") for name in ("dump.save", "ipset.txt"))

    assert not said_of(dump, "KP610", ipset=sets)
    without = sets.replace("KUBE-CLUSTER-IP ", "KUBE-OTHER ")
    assert any("KUBE-CLUSTER-IP" in line for line in said_of(dump, "KP610", ipset=without))


def test_other_words_of_the_match_are_no_sets() -> None:
    text = RULES.replace("src -j", "src --packets-gt 5 -j")

    assert not said_of(text, "KP610", ipset=SETS)


def test_a_list_of_recent_addresses_is_no_set() -> None:
    text = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m recent --set --name SSH --mask 255.255.255.255 --rsource -j DROP\nCOMMIT\n"

    assert not said_of(text, "KP610", ipset=SETS)


def test_it_does_not_look_where_the_sets_are_not_known() -> None:
    assert not said(RULES, "KP610")
