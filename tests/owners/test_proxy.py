from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iptexplain.extensions.binding import comment
from iptexplain.model.values import Mark
from iptexplain.owners.kube_proxy.proxy import LocalDetector, Proxy, proxy
from iptexplain.parsing.reader import read
from tests.dumps import rule, ruleset, saved_files

if TYPE_CHECKING:
    from pathlib import Path

VERSIONED = [path for path in saved_files() if path.parent.name.startswith("1.")]


def seen(*lines: str) -> Proxy | None:
    (found,) = ruleset(*lines).dumps
    return proxy(found)


def nat(*lines: str) -> Proxy:
    """What a nat table with these rules shows."""
    found = seen("*nat", ":KUBE-SERVICES - [0:0]", *lines, "COMMIT")
    assert found is not None
    return found


def detector(config: dict[str, object], family: str) -> LocalDetector | None:
    match config["detectLocal"]:
        case "ClusterCIDR":
            cidrs = config["clusterCIDR"]
            assert isinstance(cidrs, dict)
            return LocalDetector("cluster-cidr", cidrs[family])
        case "BridgeInterface":
            return LocalDetector("bridge-interface", str(config["detectLocalArg"]))
        case "InterfaceNamePrefix":
            return LocalDetector("interface-prefix", str(config["detectLocalArg"]))
        case _:
            return None


@pytest.mark.parametrize("path", VERSIONED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_dump_shows_the_configuration_it_was_made_with(path: Path) -> None:
    name = path.name.split(".")[0]
    config = json.loads((path.parent / f"{name}.expected.json").read_text("utf-8"))["proxy_config"]
    family = "IPv6" if ".v6." in path.name else "IPv4"
    found = proxy(read(path.name, path.read_bytes()).dumps[0])
    assert found is not None

    assert found.mode == "iptables"
    assert Mark(1 << config["masqueradeBit"], 1 << config["masqueradeBit"]) == found.masquerade_mark
    assert config["masqueradeAll"] == found.masquerade_all
    assert detector(config, family) == found.local_detector
    assert (found.large_cluster, found.random_fully) == (False, True)


@pytest.mark.parametrize(
    ("lines", "mode"),
    [
        (["*nat", ":KUBE-SERVICES - [0:0]", "COMMIT"], "iptables"),
        (["*filter", ":KUBE-FORWARD - [0:0]", ":KUBE-EXTERNAL-SERVICES - [0:0]", "COMMIT"], "iptables"),
        (["*nat", ":KUBE-PROXY-CANARY - [0:0]", "COMMIT"], "iptables"),
        (["-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S"], "iptables"),
        (["*nat", "-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT", "COMMIT"], "ipvs"),
        (["*nat", ":KUBE-PORTALS-CONTAINER - [0:0]", ":KUBE-PORTALS-HOST - [0:0]", "COMMIT"], "userspace"),
    ],
)
def test_the_chains_tell_the_mode(lines: list[str], mode: str) -> None:
    found = seen(*lines)
    assert found is not None

    assert mode == found.mode


@pytest.mark.parametrize(
    "lines", [["*nat", "COMMIT"], ["*filter", ":DOCKER - [0:0]", "-A INPUT -j DROP", "COMMIT"], ["*nat", ":KUBE-SVC-x - [0:0]", "COMMIT"]]
)
def test_a_dump_without_its_chains_is_not_of_kube_proxy(lines: list[str]) -> None:
    assert seen(*lines) is None


def test_what_no_rule_shows_is_none() -> None:
    found = nat()

    assert (found.masquerade_mark, found.masquerade_all, found.local_detector, found.random_fully) == (None, None, None, None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN", Mark(0x4000, 0x4000)),
        ("-A KUBE-POSTROUTING -m mark --mark 0x8/0x8 -j MASQUERADE", Mark(0x8, 0x8)),
        ("-A KUBE-MARK-MASQ -j MARK --set-xmark 0x10/0x10", Mark(0x10, 0x10)),
        ("-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000", None),
    ],
)
def test_the_masquerade_mark_is_that_of_the_rules(line: str, expected: Mark | None) -> None:
    assert expected == nat(line).masquerade_mark


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("! -s 10.0.0.0/8", LocalDetector("cluster-cidr", "10.0.0.0/8")),
        ("! -s fd00::/56", LocalDetector("cluster-cidr", "fd00::/56")),
        ("! -i cni0", LocalDetector("bridge-interface", "cni0")),
        ("! -i veth+", LocalDetector("interface-prefix", "veth")),
        ("", None),
    ],
)
@pytest.mark.parametrize("chain", ["KUBE-SVC-2CMXP7HKUVJN7L6M", "KUBE-SVL-2CMXP7HKUVJN7L6M", "KUBE-SERVICES"])
def test_the_local_detector_stands_in_the_masquerade_rules(said: str, expected: LocalDetector | None, chain: str) -> None:
    words = f'-A {chain} {said} -d 10.96.0.1/32 -p tcp -m comment --comment "a/b cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'
    found = nat(" ".join(words.split(" ")).replace("  ", " "))

    assert expected == found.local_detector
    assert (expected is None) is found.masquerade_all


@pytest.mark.parametrize(("said", "expected"), [("-j MASQUERADE --random-fully", True), ("-j MASQUERADE", False), ("-j RETURN", None)])
def test_random_ports_are_seen_at_the_masquerade(said: str, expected: bool | None) -> None:  # noqa: FBT001 - a column of the table
    assert expected is nat(f"-A KUBE-POSTROUTING {said}").random_fully


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('-m comment --comment "a/b:c" -m tcp', "a/b:c"),
        ("-m comment --comment plain", "plain"),
        ('-m comment --comment "" -m comment --comment x', ""),
        ('-m tcp -m comment --comment "say \\"hi\\""', 'say "hi"'),
        ("-m comment", None),
        ("-m tcp", None),
    ],
)
def test_the_comment_of_a_rule_is_the_first(said: str, expected: str | None) -> None:
    assert expected == comment(rule(f"-A X {said} -j DROP"))
