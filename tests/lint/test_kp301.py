"""KP301: a rule leads to a chain that is missing or empty."""

from __future__ import annotations

from tests.lint.linted import said, sound

SERVICE_CHAIN = ":KUBE-SVC-2CMXP7HKUVJN7L6M - [0:0]\n"
START = "*filter\n:INPUT ACCEPT [0:0]\n"


def without(beginning: str) -> str:
    """The healthy dump without the lines that begin so."""
    return "".join(line for line in sound().splitlines(keepends=True) if not line.startswith(beginning))


def test_it_catches_a_jump_to_a_chain_that_does_not_exist_once_a_chain() -> None:
    (found,) = said(without("-A KUBE-SVC-").replace(SERVICE_CHAIN, ""), "KP301")

    assert found.startswith("KP301 error ")
    assert "KUBE-SVC-2CMXP7HKUVJN7L6M, which does not exist" in found


def test_it_catches_such_a_jump_and_goto_in_any_table() -> None:
    (found,) = said(f"{START}-A INPUT -j MINE\n-A INPUT -p tcp -g MINE\nCOMMIT\n", "KP301")

    assert found == "KP301 error 3: a rule in INPUT leads to MINE, which does not exist: iptables-restore refuses such rules"


def test_it_says_of_a_goto_to_a_verdict_or_target_that_it_needs_a_jump() -> None:
    (found,) = said(f"{START}-A INPUT -p tcp -g ACCEPT\nCOMMIT\n", "KP301")
    assert found == "KP301 error 3: a rule in INPUT has -g ACCEPT, but ACCEPT is a verdict and no chain: iptables takes it with -j alone"

    (found,) = said(f"{START}-A INPUT -p tcp -g LOG\nCOMMIT\n", "KP301")
    assert found == "KP301 error 3: a rule in INPUT has -g LOG, but LOG is a target and no chain: iptables takes it with -j alone"


def test_it_catches_a_service_whose_chain_is_empty() -> None:
    (found,) = said(without("-A KUBE-SVC-"), "KP301")

    assert "KUBE-SVC-2CMXP7HKUVJN7L6M, which is empty" in found


def test_it_is_silent_on_healthy_dumps_and_on_other_empty_chains() -> None:
    assert not said(sound(), "KP301")
    assert not said(f"{START}:MINE - [0:0]\n-A INPUT -j MINE\nCOMMIT\n", "KP301")


def test_it_is_silent_on_an_empty_chain_that_kubernetes_1_22_may_have_written() -> None:
    undated = "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n" + SERVICE_CHAIN
    undated += "-A PREROUTING -j KUBE-SERVICES\n-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-2CMXP7HKUVJN7L6M\nCOMMIT\n"

    assert not said(undated, "KP301")


def test_it_is_silent_on_an_empty_chain_of_that_name_that_is_not_kube_proxys() -> None:
    assert not said("*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SVC-MINE - [0:0]\n-A PREROUTING -j KUBE-SVC-MINE\nCOMMIT\n", "KP301")


def test_it_is_silent_on_a_chain_that_a_line_names_which_could_not_be_read() -> None:
    assert not said(f"{START}:MINE what is this\n-A INPUT -j MINE\nCOMMIT\n", "KP301")


def test_it_is_silent_on_targets_of_modules_that_look_like_chains() -> None:
    assert not said("*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j FULLCONENAT\nCOMMIT\n", "KP301")


def test_it_does_not_look_at_excerpts() -> None:
    assert not said("-A INPUT -j MINE\n", "KP301")
    assert not said(f"{START}-A INPUT -j MINE\n", "KP301")
    assert not said("*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -j KUBE-NODEPORTS\nCOMMIT\n", "KP301")
