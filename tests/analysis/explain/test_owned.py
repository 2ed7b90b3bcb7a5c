"""Whose the chains and rules of a dump are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.explain.owned import Owned, Owners
from tests.analysis.explain.explained import nat
from tests.dumps import ruleset

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Dump


def filter_(chains: str, *rules: str) -> Dump:
    return nat(*rules, chains=chains, name="filter")


def owner(dump: Dump, table: str, chain: str) -> str | None:
    found = Owners(dump).of_chain(table, chain)
    return None if found is None else found.name


ANYBODYS = [
    "IN_docker", "IN_drop", "OUT_internal", "FWD_home", "IN_ssh_allow", "POST_x_log", "FWDI_mine", "FWDO_mine", "FWD_public_to_trusted",
    "zone_dmz_input", "zone_lan", "zone_dmz_DROP", "reject", "syn_flood", "input_rule", "forwarding_lan_rule",
]  # fmt: skip


@pytest.mark.parametrize("chain", ANYBODYS)
def test_a_name_that_anybody_may_give_is_nobodys_without_chains_that_only_the_program_makes(chain: str) -> None:
    assert owner(filter_(" ".join(ANYBODYS)), "filter", chain) is None


@pytest.mark.parametrize(
    ("evidence", "chain", "name"),
    [
        ("INPUT_direct", "IN_docker", "firewalld"),
        ("INPUT_ZONES", "IN_ssh_allow", "firewalld"),
        ("FORWARD_POLICIES", "FWD_public_to_trusted", "firewalld"),
        ("INPUT_dispatch", "IN_public_to_HOST", "firewalld"),
        ("delegate_input", "zone_dmz_input", "OpenWrt firewall"),
        ("zone_lan_dest_ACCEPT", "zone_lan_input", "OpenWrt firewall"),
        ("zone_lan_src_ACCEPT", "reject", "OpenWrt firewall"),
        ("zone_wan_MSSFIX", "zone_wan", "OpenWrt firewall"),
        ("INPUT_direct", "zone_lan_input", None),
        ("INPUT_direct", "reject", None),
        ("delegate_input", "IN_docker", None),
        ("INPUT_MINE", "IN_docker", None),
    ],
)
def test_beside_a_chain_that_only_a_program_makes_its_other_names_are_its_own(evidence: str, chain: str, name: str | None) -> None:
    assert owner(filter_(f"{evidence} {chain}"), "filter", chain) == name


def test_the_chains_of_all_tables_tell_which_programs_are_there() -> None:
    found = ruleset("*nat", ":POSTROUTING_direct - [0:0]", "COMMIT", "*filter", ":IN_docker - [0:0]", "COMMIT").dumps[0]

    assert owner(found, "filter", "IN_docker") == "firewalld"


def test_a_name_of_swift_is_azures_only_beside_its_other_chains() -> None:
    assert owner(nat(chains="SWIFT"), "nat", "SWIFT") is None
    assert owner(nat(chains="SWIFT SWIFT-POSTROUTING"), "nat", "SWIFT") == "Azure CNI"


@pytest.mark.parametrize(("table", "name"), [("nat", "kube-proxy"), ("filter", "kubelet"), ("mangle", None)])
def test_the_table_tells_whose_kube_firewall_is(table: str, name: str | None) -> None:
    assert owner(nat(chains="KUBE-FIREWALL", name=table), table, "KUBE-FIREWALL") == name


def test_the_rules_of_a_users_chains_are_nobodys_though_their_names_look_like_firewallds() -> None:
    dump = filter_("IN_docker IN_drop", "-A INPUT -j IN_docker", "-A IN_docker -s 172.17.0.0/16 -j ACCEPT", "-A IN_drop -j DROP")

    assert Owners(dump).summary() == (Owned("", 2, 3),)


def test_a_rule_of_a_built_in_chain_is_of_the_program_to_whose_chain_it_leads() -> None:
    dump = filter_("INPUT_direct IN_docker", "-A INPUT -j INPUT_direct", "-A INPUT -j IN_docker", "-A INPUT -j DROP")
    found = Owners(dump)

    assert [found.of_rule("filter", rule) for rule in dump.tables[0].rules] == ["firewalld", "firewalld", None]
