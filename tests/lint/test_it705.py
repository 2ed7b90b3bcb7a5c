"""IT705: a chain that no rule leads to."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound


def filter_table(chain: str, *rules: str) -> str:
    return f"*filter\n:INPUT ACCEPT [0:0]\n:{chain} - [0:0]\n" + "".join(f"-A {rule}\n" for rule in rules) + "COMMIT\n"


def test_it_catches_a_chain_with_and_without_rules() -> None:
    assert said(filter_table("MINE"), "IT705") == ["IT705 info 3: no rule of table filter leads to chain MINE"]
    assert said(filter_table("MINE", "MINE -j DROP"), "IT705") == ["IT705 info 3: no rule of table filter leads to chain MINE"]
    assert len(said(sound().replace(":KUBE-FORWARD - ", ":MINE - [0:0]\n:KUBE-FORWARD - "), "IT705")) == 1


def test_it_catches_a_chain_of_a_known_program_that_has_rules() -> None:
    assert said(filter_table("DOCKER-USER", "DOCKER-USER -j RETURN"), "IT705")


def test_a_jump_in_another_table_does_not_count() -> None:
    assert said("*nat\n:A - [0:0]\n-A OUTPUT -j MINE\n:MINE - [0:0]\nCOMMIT\n" + filter_table("MINE"), "IT705")


def test_it_is_silent_on_a_chain_that_something_leads_to() -> None:
    assert not said(sound(), "IT705")
    assert not said(filter_table("MINE", "INPUT -p tcp -j MINE"), "IT705")
    assert not said(filter_table("MINE", "INPUT -g MINE"), "IT705")


@pytest.mark.parametrize("chain", ["KUBE-IPTABLES-HINT", "KUBE-PROXY-CANARY", "MY-CANARY", "DOCKER-USER", "cali-x", "PRE_INPUT", "MY-USER"])
def test_it_is_silent_on_empty_chains_that_wait_for_use(chain: str) -> None:
    assert not said(filter_table(chain), "IT705")


@pytest.mark.parametrize("chain", ["ufw-user-limit", "neutron-l3-agent-float-snat", "KUBE-MARK-DROP"])
def test_it_is_silent_on_chains_that_only_some_settings_need(chain: str) -> None:
    assert not said(filter_table(chain, f"{chain} -j ACCEPT"), "IT705")


def test_it_does_not_look_at_what_may_be_incomplete() -> None:
    assert not said(filter_table("MINE").rpartition("COMMIT")[0], "IT705")
    assert not said("-A MINE -j DROP\n", "IT705")
