"""IT704: chains that call each other in a circle."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

CHAINS = "*filter\n:FORWARD ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n:C - [0:0]\n"


def test_it_names_a_circle_of_jumps_and_gotos() -> None:
    (found,) = said(f"{CHAINS}-A FORWARD -j B\n-A A -j C\n-A B -p tcp -g A\n-A C -i eth0 -j B\nCOMMIT\n", "IT704")
    assert found == "IT704 error 8: chains call each other in a circle: A → C → B → A"


def test_it_catches_a_chain_of_kube_proxy_that_leads_back() -> None:
    broken = sound().replace("-A KUBE-MARK-MASQ -j MARK", "-A KUBE-MARK-MASQ -j KUBE-SERVICES\n-A KUBE-MARK-MASQ -j MARK")
    found = said(broken, "IT704")
    assert found
    assert all(line.startswith("IT704 error ") for line in found)


def test_it_catches_a_chain_that_calls_itself() -> None:
    (found,) = said(f"{CHAINS}-A FORWARD -j A\n-A A -j A\nCOMMIT\n", "IT704")
    assert found == "IT704 error 7: chains call each other in a circle: A → A"


def test_a_circle_that_no_built_in_chain_leads_into_is_a_warning() -> None:
    (found,) = said(f"{CHAINS}-A A -j B\n-A B -j A\nCOMMIT\n", "IT704")
    assert found.startswith("IT704 warning 7: ")


def test_the_other_rules_of_the_circle_are_told() -> None:
    (found,) = findings(f"{CHAINS}-A FORWARD -j A\n-A A -j B\n-A B -j C\n-A C -j A\nCOMMIT\n", "IT704")
    assert [(one.line, one.message.english()) for one in found.related] == [(7, "leads on to B"), (8, "leads on to C")]


def test_it_is_silent_where_chains_are_called_twice_or_in_another_table() -> None:
    assert not said(sound(), "IT704")
    assert not said(f"{CHAINS}-A FORWARD -j A\n-A FORWARD -j B\n-A A -j C\n-A B -j A\n-A B -j C\nCOMMIT\n", "IT704")
    other = "*nat\n:A - [0:0]\n:B - [0:0]\n-A B -j A\nCOMMIT\n"
    assert not said(f"{CHAINS}-A A -j B\nCOMMIT\n{other}", "IT704")
