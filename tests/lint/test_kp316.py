"""KP316: the chains of one Service do not agree on session affinity."""

from __future__ import annotations

import re

import pytest

from tests.checkout import ROOT
from tests.lint.linted import said, sound

VERSIONS = ("1.24.3", "1.25.4", "1.28.3", "1.30.3")


def sticky(version: str, name: str = "f-session-affinity") -> str:
    """A healthy dump with session affinity."""
    return (ROOT / f"tests/data/kube-proxy/{version}/{name}.v4.save").read_text("utf-8")


def affine_rules(text: str) -> list[str]:
    """Its rules for bound clients."""
    return [line for line in text.splitlines(keepends=True) if " --rcheck " in line]


def both(text: str) -> str:
    """The text with a KUBE-SVL chain beside the KUBE-SVC chain of the first Service with affinity, led to by a rule."""
    chain = affine_rules(text)[0].split()[1]
    local = chain.replace("KUBE-SVC-", "KUBE-SVL-")
    own = [line for line in text.splitlines(keepends=True) if line.startswith(f"-A {chain} ") and "-j KUBE-SEP-" in line]
    copies = "".join(line.replace(f"-A {chain} ", f"-A {local} ") for line in own)
    lead = f"-A KUBE-NODEPORTS -p tcp -m tcp --dport 32000 -j {local}\n"
    declared = f":{chain} - [0:0]\n"
    return text.replace(declared, declared + f":{local} - [0:0]\n").replace(own[-1], own[-1] + copies + lead)


def added(text: str) -> list[str]:
    """The rules for bound clients in the chain that `both` has added."""
    chain = affine_rules(text)[0].split()[1].replace("KUBE-SVC-", "KUBE-SVL-")
    return [rule for rule in affine_rules(text) if rule.startswith(f"-A {chain} ")]


@pytest.mark.parametrize("version", VERSIONS)
def test_it_catches_an_endpoint_to_which_no_client_is_bound(version: str) -> None:
    text = sticky(version)
    (found,) = said(text.replace(affine_rules(text)[0], ""), "KP316")
    assert found.startswith("KP316 warning ")
    assert "binds clients of aff/" in found
    assert re.search(r"to some endpoints, but not to [\d.]+:\d+: ", found)


@pytest.mark.parametrize("version", VERSIONS)
def test_it_catches_times_that_differ(version: str) -> None:
    text = sticky(version)
    (found,) = said(text.replace(affine_rules(text)[0], re.sub(r"--seconds \d+", "--seconds 77", affine_rules(text)[0])), "KP316")
    assert found.startswith("KP316 warning ")
    assert "clients of aff/" in found
    assert "for 77 s" in found


def test_it_catches_a_time_that_never_ends() -> None:
    text = sticky("1.30.3")
    endless = re.sub(r"--seconds \d+ --reap ", "", affine_rules(text)[0])
    (found,) = said(text.replace(affine_rules(text)[0], endless), "KP316")
    assert "for an unlimited time" in found


def test_it_catches_a_second_chain_without_affinity() -> None:
    text = both(sticky("1.30.3"))
    local = added(text)
    for rule in local:
        text = text.replace(rule, "")
    (found,) = said(text, "KP316")
    assert "binds no clients of aff/" in found


def test_it_is_silent_where_all_chains_agree() -> None:
    for version in VERSIONS:
        assert not said(sticky(version), "KP316")
        assert not said(sticky(version, "d-external-access"), "KP316")
    assert not said(both(sticky("1.30.3")), "KP316")
    assert not said(sound(), "KP316")


def test_it_does_not_look_at_chains_that_no_rule_leads_to() -> None:
    text = both(sticky("1.30.3"))
    local = added(text)
    text = re.sub(r"-A KUBE-NODEPORTS -p tcp -m tcp --dport 32000 .*\n", "", text.replace(local[0], ""))
    assert not said(text, "KP316")


def test_it_does_not_look_at_a_dump_that_is_cut() -> None:
    text = sticky("1.30.3")
    assert not said(text.replace(affine_rules(text)[0], "").rpartition("COMMIT")[0], "KP316")
