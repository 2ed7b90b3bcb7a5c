from __future__ import annotations

import pytest

from tests.dumps import ruleset


def rules_after(*lines: str) -> list[str]:
    """The chains and rules that are left after some lines."""
    found = ruleset("*filter", ":A - [0:0]", ":B - [0:0]", *lines, "COMMIT")
    changes = any(line[:2] in {"-D", "-R", "-F", "-X", "-Z", "-E", "-C"} for line in lines)
    assert ["were carried out" in problem.message.english() for problem in found.problems] == [True] * changes
    (table,) = found.dumps[0].tables
    return [*(f":{chain}" for chain in table.chains), *(rule.text.removeprefix("-A ") for rule in table.rules)]


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (["-A A -j DROP", "-I A -j ACCEPT"], [":A", ":B", "A -j ACCEPT", "A -j DROP"]),
        (["-A A -j DROP", "-A A -j RETURN", "-I A 2 -j ACCEPT"], [":A", ":B", "A -j DROP", "A -j ACCEPT", "A -j RETURN"]),
        (["-I A -j DROP", "-I B -j RETURN", "-I A -j ACCEPT"], [":A", ":B", "A -j ACCEPT", "A -j DROP", "B -j RETURN"]),
        (["-A A -j DROP", "-R A 1 -j ACCEPT"], [":A", ":B", "A -j ACCEPT"]),
        (["-A A -j DROP", "-A A -j ACCEPT", "-D A 1"], [":A", ":B", "A -j ACCEPT"]),
        (["-A A -p tcp -j DROP", "-A A -j ACCEPT", "-D A -j DROP --protocol tcp"], [":A", ":B", "A -j ACCEPT"]),
        (["-A A -j DROP", "-A B -j DROP", "-F A"], [":A", ":B", "B -j DROP"]),
        (["-A A -j DROP", "-A B -j DROP", "-F"], [":A", ":B"]),
        (["-A A -j B", "-A B -j A", "-E B C"], [":A", ":C", "A -j C", "C -j A"]),
        (["-A A -s 10.0.0.1 -j REJECT", "-D A -s 10.0.0.1/32 -j REJECT --reject-with icmp-port-unreachable"], [":A", ":B"]),
        (["-A A -m mark --mark 1 -j DROP", "-D A -m mark --mark 0x1 -j DROP"], [":A", ":B"]),
        (["-A A -j DROP", "-C A -j DROP"], [":A", ":B", "A -j DROP"]),
        (["-X A", "-A B -j DROP"], [":B", "B -j DROP"]),
        (["-A A -j DROP", "-Z"], [":A", ":B", "A -j DROP"]),
        (["-N C", "-I C -s 10.0.0.1,10.0.0.2 -j DROP"], [":A", ":B", ":C", "C -s 10.0.0.2/32 -j DROP", "C -s 10.0.0.1/32 -j DROP"]),
    ],
)
def test_commands_are_carried_out(lines: list[str], left: list[str]) -> None:
    assert left == rules_after(*lines)


@pytest.mark.parametrize("line", ["-D A 3", "-D A -j LOG", "-R A 2 -j ACCEPT", "-I A 5 -j ACCEPT", "-I A 0 -j LOG", "-X A", "-X B"])
def test_what_cannot_be_carried_out_is_told(line: str) -> None:
    found = ruleset("*filter", ":A - [0:0]", ":B - [0:0]", "-A A -j B", line, "COMMIT")
    (problem,) = found.problems

    assert (problem.line, problem.text) == (5, line)
    assert [rule.text for rule in found.dumps[0].tables[0].rules] == ["-A A -j B"]


def test_rules_behind_commit_are_no_part_of_the_table_before() -> None:
    found = ruleset("*filter", "-I INPUT -j DROP", "COMMIT", "-A PREROUTING -j DNAT --to-destination 10.0.0.1", "-I OUTPUT -j DROP")

    assert [(t.name, [rule.text for rule in t.rules]) for t in found.dumps[0].tables] == [
        ("filter", ["-A INPUT -j DROP", "-A OUTPUT -j DROP"]),
        ("nat", ["-A PREROUTING -j DNAT --to-destination 10.0.0.1"]),
    ]


def test_tables_without_commands_stay_as_they_are() -> None:
    lines = ["*nat", "-A A -j B", "-A B -j C", "-A A -j D", "COMMIT"]
    found = ruleset(*lines, "*filter", "-A A -j DROP", "-I A -j ACCEPT", "COMMIT")

    assert [line.rstrip() for line in found.lines.write()][:5] == lines


def test_rules_keep_the_lines_of_the_input() -> None:
    found = ruleset("*filter", "-A A -j DROP", "-A B -j DROP", "-I A -j ACCEPT", "COMMIT")

    assert [(rule.line, rule.text) for rule in found.dumps[0].tables[0].rules] == [
        (4, "-A A -j ACCEPT"),
        (2, "-A A -j DROP"),
        (3, "-A B -j DROP"),
    ]
