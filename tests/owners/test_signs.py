from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.owners.kube_proxy.signs import Versions, versions
from iptexplain.parsing.reader import read
from tests.dumps import ruleset, saved_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERSIONED = [path for path in saved_files() if path.parent.name.startswith("1.")]
MASQUERADE = '-m comment --comment "kubernetes service traffic requiring SNAT" {} -j MASQUERADE --random-fully'


def dated(nat: Sequence[str] = (), filter_: Sequence[str] = ()) -> Versions:
    """The versions of a dump with these rules; all chains are declared, all jumps have to be there."""
    lines = []
    for name, builtins, rules in (
        ("filter", ("INPUT", "FORWARD", "OUTPUT"), filter_),
        ("nat", ("PREROUTING", "OUTPUT", "POSTROUTING"), nat),
    ):
        words = [rule.split() for rule in rules]
        user = {rule[1] for rule in words} | {rule[-1] for rule in words if "-j" in rule and rule[-1].startswith("KUBE-")}
        lines += [f"*{name}", *(f":{chain} ACCEPT [0:0]" for chain in builtins)]
        lines += [*(f":{chain} - [0:0]" for chain in sorted(user - set(builtins))), *rules, "COMMIT"]
    found = ruleset(*lines)
    assert found.problems == ()
    return versions(found.dumps[0])


SERVICES = "-A PREROUTING -j KUBE-SERVICES"
POSTROUTING = "-A POSTROUTING -j KUBE-POSTROUTING"
FORWARD = "-A FORWARD -j KUBE-FORWARD"
SERVICE_FIREWALL = "KUBE-FW-2CMXP7HKUVJN7L6M"
COUNTED = "-m nfacct --nfacct-name "
FIREWALL = '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -j DROP'


@pytest.mark.parametrize("path", VERSIONED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_range_holds_the_true_version(path: Path) -> None:
    minor = int(path.parent.name.split(".")[1])
    low, high, mixed = versions(read(path.name, path.read_bytes()).dumps[0])

    assert not mixed
    assert (low or 0) <= minor <= (high or 99)


@pytest.mark.parametrize("path", VERSIONED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_range_is_as_narrow_as_the_rules_allow(path: Path) -> None:
    """1.27 on is known by KUBE-FIREWALL, which is written only if node ports are served on localhost; 1.26 by what leaves localhost out."""
    special = {"h-no-localhost-nodeports.v4.save": (26, None), "h-nodeport-addresses.v4.save": (25, None)}
    expected = {"1.24.3": (24, 24), "1.25.4": (25, 26)}.get(path.parent.name) or special.get(path.name, (27, None))

    assert expected == versions(read(path.name, path.read_bytes()).dumps[0])[:2]


@pytest.mark.parametrize(
    ("nat", "filter_", "expected"),
    [
        ([], [], (None, None)),
        ([POSTROUTING, "-A KUBE-POSTROUTING " + MASQUERADE.format("-m mark --mark 0x4000/0x4000")], [], (None, 18)),
        (
            [POSTROUTING, "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN", "-A KUBE-POSTROUTING " + MASQUERADE.format("")],
            [],
            (16, None),
        ),
        ([], ["-A INPUT -j KUBE-NODEPORTS"], (21, None)),
        ([], ["-A FORWARD -j KUBE-EXTERNAL-SERVICES", "-A FORWARD -j KUBE-PROXY-FIREWALL", "-A INPUT -j KUBE-FIREWALL"], (25, None)),
        ([], ["-A FORWARD -j KUBE-EXTERNAL-SERVICES"], (19, 24)),
        (
            [SERVICES, '-A KUBE-SERVICES ! -s 10.0.0.0/8 -m comment --comment "a/b cluster IP" -j KUBE-MARK-MASQ'],
            [],
            (None, 21),
        ),
        ([], [FORWARD, '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack pod source rule" -j ACCEPT'], (None, 22)),
        ([], [FORWARD, '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -j ACCEPT'], (23, None)),
        ([SERVICES, "-A KUBE-SERVICES -j KUBE-XLB-2CMXP7HKUVJN7L6M"], [], (None, 23)),
        ([SERVICES, "-A KUBE-SERVICES -j KUBE-EXT-2CMXP7HKUVJN7L6M"], [], (24, None)),
        ([SERVICES, "-A KUBE-SERVICES -j KUBE-SVL-2CMXP7HKUVJN7L6M"], [], (24, None)),
        ([SERVICES, "-A KUBE-SERVICES -j KUBE-MARK-DROP"], [], (None, 24)),
        ([], ["-A FORWARD -j KUBE-PROXY-FIREWALL"], (25, 26)),
        ([SERVICES, "-A KUBE-SERVICES ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"], [], (26, None)),
        ([SERVICES, "-A KUBE-SERVICES ! -d ::1/128 -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"], [], (26, None)),
        ([], ["-A INPUT -j KUBE-FIREWALL", FIREWALL], (27, None)),
        ([SERVICES, f"-A KUBE-SERVICES -j {SERVICE_FIREWALL}", f"-A {SERVICE_FIREWALL} -m comment --comment other"], [], (27, None)),
        ([], [FORWARD, f"-A KUBE-FORWARD -m conntrack --ctstate INVALID {COUNTED} ct_state_invalid_dropped_pkts -j DROP"], (31, None)),
        (
            [SERVICES, "-A KUBE-SERVICES -j KUBE-NODEPORTS", f"-A KUBE-NODEPORTS {COUNTED} localhost_nps_accepted_pkts -j ACCEPT"],
            [],
            (31, None),
        ),
    ],
)  # fmt: skip
def test_a_sign_dates_a_dump(nat: list[str], filter_: list[str], expected: tuple[int | None, int | None]) -> None:
    assert (*expected, False) == dated(nat, filter_)


@pytest.mark.parametrize(
    ("nat", "filter_"),
    [
        (["-A KUBE-SERVICES -j KUBE-XLB-2CMXP7HKUVJN7L6M"], []),
        ([SERVICES, "-A KUBE-OLD -j KUBE-XLB-2CMXP7HKUVJN7L6M"], []),
        (["-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000"], []),
        (["-A KUBE-POSTROUTING " + MASQUERADE.format("-m mark --mark 0x4000/0x4000")], []),
        ([], [FIREWALL]),
        ([], ["-A KUBE-PROXY-FIREWALL -j DROP"]),
    ],
)
def test_a_chain_that_nothing_jumps_to_dates_nothing(nat: list[str], filter_: list[str]) -> None:
    assert dated(nat, filter_) == (None, None, False)


def test_kubelets_firewall_chain_dates_nothing() -> None:
    marked = '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP'

    assert dated([], ["-A INPUT -j KUBE-FIREWALL", FIREWALL, marked]) == (None, None, False)


def test_signs_of_two_generations_are_a_mix() -> None:
    nat = [SERVICES, "-A KUBE-SERVICES -j KUBE-XLB-2CMXP7HKUVJN7L6M", "-A KUBE-SERVICES -j KUBE-EXT-2CMXP7HKUVJN7L6M"]

    assert dated(nat) == (None, None, True)


def test_what_a_cut_table_lacks_proves_nothing() -> None:
    (found,) = ruleset("*filter", ":FORWARD ACCEPT [0:0]", ":KUBE-PROXY-FIREWALL - [0:0]", "-A FORWARD -j KUBE-PROXY-FIREWALL").dumps

    assert versions(found) == (25, None, False)


def test_rule_lines_alone_are_dated_too() -> None:
    (found,) = ruleset("-A KUBE-SERVICES -j KUBE-EXT-2CMXP7HKUVJN7L6M", "-A KUBE-EXT-2CMXP7HKUVJN7L6M -j KUBE-SVC-2CMXP7HKUVJN7L6M").dumps

    assert versions(found) == (24, None, False)
