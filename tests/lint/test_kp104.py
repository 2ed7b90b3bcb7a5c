"""KP104: forwarded traffic does not meet KUBE-FORWARD."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

JUMP = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'


def test_it_warns_where_the_jump_is_missing_and_forward_accepts() -> None:
    (found,) = said(sound().replace(JUMP, ""), "KP104")

    assert found.startswith("KP104 warning ")


def test_it_is_an_error_where_forward_drops_the_rest() -> None:
    broken = sound().replace(JUMP, "")

    for dropping in (
        broken.replace(":FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:KUBE", ":FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:KUBE"),
        sound().replace(JUMP, "-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n"),
        sound().replace(JUMP, '-A FORWARD -m comment --comment "the rest" -j DROP\n'),
        sound().replace(JUMP, "-A FORWARD -j LOG\n-A FORWARD -j DROP\n"),
    ):
        (found,) = said(dropping, "KP104")
        assert found.startswith("KP104 error ")


def test_a_rule_that_accepts_all_or_drops_some_makes_no_error() -> None:
    for rules in ("-A FORWARD -j ACCEPT\n-A FORWARD -j DROP\n", "-A FORWARD -i eth1 -j DROP\n", "-A FORWARD -j MINE\n-A MINE -j DROP\n"):
        (found,) = said(sound().replace(JUMP, rules), "KP104")
        assert found.startswith("KP104 warning ")


def test_it_is_silent_where_the_jump_stands_or_leads_through_another_chain() -> None:
    assert not said(sound(), "KP104")
    assert not said(sound().replace(JUMP, "-A FORWARD -j MINE\n-A MINE -j KUBE-FORWARD\n"), "KP104")


def test_it_is_silent_without_rules_or_without_the_whole_table() -> None:
    broken = sound().replace(JUMP, "")
    no_rules = "".join(line for line in broken.splitlines(keepends=True) if not line.startswith("-A KUBE-FORWARD "))

    assert not said(no_rules, "KP104")
    assert not said(broken.replace(":FORWARD ACCEPT [0:0]\n", ""), "KP104")
    assert not said("*nat" + broken.split("*nat")[1], "KP104")
    assert not said(broken.rpartition("COMMIT")[0], "KP104")


ANSWERS = (
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n'
)
MARKED = '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT\n'


@pytest.mark.parametrize(
    "rules",
    [
        ANSWERS.replace("ACCEPT", "DROP"),
        ANSWERS.replace("ACCEPT", "REJECT --reject-with icmp-port-unreachable"),
        f"-A KUBE-FORWARD -j DROP\n{ANSWERS}",
        f"-A KUBE-FORWARD -m conntrack ! --ctstate NEW -j DROP\n{ANSWERS}",
        "-A KUBE-FORWARD -j MINE\n-A MINE -j DROP\n",
    ],
)
def test_it_catches_a_kube_forward_that_drops_answers(rules: str) -> None:
    (found,) = findings(sound().replace(ANSWERS, rules), "KP104")

    assert found.severity == "error"
    assert found.place.message.english() == (
        "KUBE-FORWARD does not let answers pass: connections through this node, to Services and others, break"
    )
    assert "DROP" in found.place.text or "REJECT" in found.place.text


def test_it_catches_a_kube_forward_that_drops_what_is_marked() -> None:
    (found,) = findings(sound().replace(MARKED, MARKED.replace("ACCEPT", "DROP")), "KP104")

    assert found.severity == "error"
    assert found.place.message.english() == (
        "KUBE-FORWARD does not let pass what kube-proxy has marked for masquerade: connections to node ports and load balancers time out"
    )


def test_it_tells_both_where_kube_forward_drops_all() -> None:
    assert len(said(sound().replace(MARKED, "-A KUBE-FORWARD -j DROP\n"), "KP104")) == 2


def test_it_is_silent_on_a_kube_forward_that_drops_others_or_may_drop_some() -> None:
    for rule in ("-s 10.9.0.0/16 -j DROP", "-m conntrack --ctstate NEW -s 10.9.0.0/16 -j DROP", "-m mystery --of 1 -j DROP"):
        assert not said(sound().replace(MARKED, f"-A KUBE-FORWARD {rule}\n{MARKED}"), "KP104")
    assert not said(sound().replace(ANSWERS, f"{ANSWERS}-A KUBE-FORWARD -j DROP\n"), "KP104")
    assert not said(sound().replace(ANSWERS, ANSWERS.replace("-j ACCEPT", "-j RETURN")), "KP104")


def test_it_looks_at_the_answers_where_the_mark_is_not_known() -> None:
    no_mark = "".join(line for line in sound().splitlines(keepends=True) if "0x4000" not in line)

    assert not said(no_mark, "KP104")
    assert len(said(no_mark.replace(ANSWERS, ANSWERS.replace("ACCEPT", "DROP")), "KP104")) == 1


def test_it_tells_only_the_missing_jump_where_that_is_gone_too() -> None:
    (found,) = said(sound().replace(JUMP, "").replace(ANSWERS, ANSWERS.replace("ACCEPT", "DROP")), "KP104")

    assert "nothing leads from FORWARD" in found


def test_traffic_that_is_dropped_is_another_finding_than_a_jump_that_is_missed_alone() -> None:
    broken = sound().replace(JUMP, "")
    (missed,), (dropped,) = findings(broken, "KP104"), findings(sound().replace(JUMP, "-A FORWARD -j DROP\n"), "KP104")

    assert missed.fingerprint != dropped.fingerprint
