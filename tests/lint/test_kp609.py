"""KP609: kube-proxy's rules are there, but nothing leads to them."""

from __future__ import annotations

from tests.lint.linted import said, sound


def _flushed() -> str:
    """A sound dump whose built-in chains are empty."""
    built_in = ("-A PREROUTING ", "-A INPUT ", "-A FORWARD ", "-A OUTPUT ", "-A POSTROUTING ")
    return "".join(line for line in sound().splitlines(keepends=True) if not line.startswith(built_in))


def test_it_tells_that_nothing_leads_to_the_rules() -> None:
    (found,) = said(_flushed(), "KP609")

    assert found.startswith("KP609 info ")
    assert "(chains with rules: 7)" in found


def test_it_is_silent_where_anything_leads_there() -> None:
    assert not said(sound(), "KP609")
    assert not said(_flushed().replace("-A KUBE-MARK", "-A OUTPUT -j MINE\n-A MINE -j KUBE-SERVICES\n-A KUBE-MARK", 1), "KP609")


def test_it_is_silent_where_there_are_no_rules_or_no_built_in_chains() -> None:
    assert not said("*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP609")
    assert not said("*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -j RETURN\nCOMMIT\n", "KP609")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP609")
    assert not said(_flushed().rpartition("COMMIT")[0], "KP609")
