from __future__ import annotations

import pytest

from iptexplain.parsing import loose
from iptexplain.parsing.loose import LooseProblem
from tests.dumps import ruleset
from tests.parsing.examples import loose_examples


def read_back(*lines: str, table: str = "filter") -> list[str]:
    """The rules that are read of some lines of a table."""
    (found,) = ruleset(f"*{table}", ":INPUT ACCEPT [0:0]", *lines, "COMMIT").dumps[0].tables
    return [rule.text for rule in found.rules]


@pytest.mark.parametrize("line", loose_examples())
def test_the_examples_of_the_grammar_are_understood(line: str) -> None:
    assert loose.bind(line).verb in {"-A", "-I", "-N", "-P"}


@pytest.mark.parametrize(
    ("by_hand", "saved"),
    [
        ("-A INPUT -j ACCEPT -p tcp --dport 22", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"),
        ("-A INPUT -ptcp --dport=22 -jACCEPT", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"),
        ("-AINPUT -p 6 --destination-port ssh -j ACCEPT", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"),
        ("--append INPUT --protocol TCP --dpo 80:90 --jump ACCEPT", "-A INPUT -p tcp -m tcp --dport 80:90 -j ACCEPT"),
        ("-A INPUT --proto udp --sport :1023 -g X", "-A INPUT -p udp -m udp --sport 0:1023 -g X"),
        (
            "-A INPUT --source 10.1.2.3/8 --dst 192.168.1.1 --in-interface eth0 -j DROP",
            "-A INPUT -s 10.0.0.0/8 -d 192.168.1.1/32 -i eth0 -j DROP",
        ),
        ("-A INPUT -j DROP -m comment --comment 'x -s 10.0.0.1", '-A INPUT -s 10.0.0.1/32 -m comment --comment "\\\'x" -j DROP'),
        ("-A INPUT -m comment --comment=-j -j DROP -i eth0", "-A INPUT -i eth0 -m comment --comment -j -j DROP"),
        ("-A INPUT -p tcp ! --syn -j DROP", "-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP"),
        ("-A INPUT -p tcp -j DROP ! -s 10.0.0.0/8", "-A INPUT ! -s 10.0.0.0/8 -p tcp -j DROP"),
        ('-A INPUT "-p" "tcp" -j DROP -i eth0', "-A INPUT -i eth0 -p tcp -j DROP"),
        ('-A INPUT -j LOG --log-prefix ab"c d" -i eth0', '-A INPUT -i eth0 -j LOG --log-prefix "abc d"'),
        ("-A INPUT -c 3 4 -i eth0 -j DROP", "[3:4] -A INPUT -i eth0 -j DROP"),
        ("[1:2] -A INPUT -j DROP -i eth0", "[1:2] -A INPUT -i eth0 -j DROP"),
        ("-A INPUT -j DROP -s 0/0 -p all -i +", "-A INPUT -j DROP"),
        ("-4 -A INPUT -i eth0 -j DROP", None),
    ],
)
def test_a_rule_by_hand_is_read_as_iptables_would_save_it(by_hand: str, saved: str | None) -> None:
    if saved is None:
        with pytest.raises(LooseProblem):
            loose.bind(by_hand)
    else:
        assert [saved] == read_back(by_hand)


@pytest.mark.parametrize(
    ("by_hand", "saved"),
    [
        ("-A INPUT -m tcp -p tcp --to-destination 10.0.0.1 -j DNAT --dport 80", None),
        ("-A INPUT -p tcp --dport 80 -j DNAT --to 10.0.0.1:80", "-A INPUT -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80"),
        ("-A INPUT -p tcp -j REDIRECT --to-port 80", "-A INPUT -p tcp -j REDIRECT --to-ports 80"),
    ],
)
def test_an_option_belongs_to_what_is_loaded_before_it(by_hand: str, saved: str | None) -> None:
    assert read_back(by_hand, table="nat") == ([] if saved is None else [saved])


def test_several_addresses_make_several_rules_on_one_line() -> None:
    found = ruleset("*filter", "-A X -s 10.0.0.1,10.0.0.2 -d 1.1.1.1,2.2.2.0/24 -j DROP", "COMMIT")
    (table,) = found.dumps[0].tables

    assert [rule.text for rule in table.rules] == [
        f"-A X -s 10.0.0.{one}/32 -d {other} -j DROP" for one in (1, 2) for other in ("1.1.1.1/32", "2.2.2.0/24")
    ]
    assert {rule.line for rule in table.rules} == {2}
    assert found.problems == ()


def test_the_rules_of_iptables_list_rules_are_read() -> None:
    found = ruleset(
        "-P INPUT DROP", "-P FORWARD ACCEPT -c 5 600", "-N MINE", "-A INPUT -c 7 420 -j MINE", "-A MINE -s 10.0.0.1/32 -j RETURN"
    )
    (table,) = found.dumps[0].tables

    assert {name: chain.policy for name, chain in table.chains.items()} == {"INPUT": "DROP", "FORWARD": "ACCEPT", "MINE": None}
    assert table.chains["FORWARD"].counters == (5, 600)  # type: ignore[index]  # a chain's name
    assert [rule.text for rule in table.rules] == ["[7:420] -A INPUT -j MINE", "-A MINE -s 10.0.0.1/32 -j RETURN"]


@pytest.mark.parametrize(
    ("chains", "table"),
    [
        ("INPUT FORWARD OUTPUT", "filter"),
        ("PREROUTING INPUT OUTPUT POSTROUTING", "nat"),
        ("PREROUTING OUTPUT", "raw"),
        ("PREROUTING INPUT FORWARD OUTPUT POSTROUTING", "mangle"),
    ],
)
def test_the_built_in_chains_tell_whose_rules_they_are(chains: str, table: str) -> None:
    found = ruleset(*(f"-P {chain} ACCEPT" for chain in chains.split()), "-N MINE", "-A OUTPUT -j MINE", "-A MINE -j RETURN")

    assert [table] == [found_table.name for found_table in found.dumps[0].tables]


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("-A X -p tcp --dprt 22 -j DROP", 13, "no match and no target of this rule has an option --dprt"),
        ("-A X --dport 22 -j DROP", 6, "no match and no target of this rule has an option --dport"),
        ("-A X -p tcp --s 22 -j DROP -i eth0", 13, "--s could be --set-counters or --source or --src"),
        ("-A X -j DROP -j ACCEPT", 14, "a rule has one target only"),
        ("-A X -i eth0 -j DROP -Q", 22, "no option is called -Q"),
        ("-A X ! -j DROP -i eth0", 8, "! may not stand before -j"),
        ("-A X -j LOG ! --log-level 4 -i eth0", 15, "! may not stand before --log-level"),
        ("-A X -p tcp --syn=1 -j DROP", 13, "--syn takes no value"),
        ("-A X -j DROP eth0 -i eth0", 14, "expected an option such as -p, -m, -j or --dport here"),
        ("-A X -p tcp --dport 80 DROP", 24, "-j is missing before DROP"),
        ("-A X -j DROP -p tcp --dport", 28, "the line ends where a value after --dport was expected"),
    ],
)
def test_what_is_no_rule_either_way_says_why(line: str, column: int, said: str) -> None:
    with pytest.raises(LooseProblem) as found:
        loose.bind(line)

    assert (column, said) == (found.value.offset + 1, found.value.message.english())


def test_the_reason_is_told_with_its_place() -> None:
    (problem,) = ruleset("*filter", "-A X -p tcp --dprt 22 -j DROP", "COMMIT").problems

    assert (problem.line, problem.column, problem.width) == (2, 13, 6)
    assert "--dprt" in problem.message.english()


def test_what_nobody_knows_stays_as_it_stands() -> None:
    lines = ["-A X -m tomorrow --x 1 -j ACCEPT", "-A X -p tcp -m tcp --zz 2 -j FOO --bar 3", "-A X -j DNAT [unsupported revision]"]

    assert lines == read_back(*lines)
    assert read_back("-A X -p tcp --dport 22 -m tomorrow --x 1 -j ACCEPT") == ["-A X -p tcp -m tcp --dport 22 -m tomorrow --x 1 -j ACCEPT"]


def test_what_nobody_knows_is_told_once() -> None:
    found = ruleset(
        "*filter", "-A X -m tomorrow --x 1", "-A X -m tomorrow", "-A X -m tcp --zz", "-A X -m mark [unsupported revision]", "COMMIT"
    )
    told = [(problem.line, problem.column, problem.message.english()) for problem in found.problems]

    assert [(line, column) for line, column, _ in told] == [(2, 9), (4, 13), (5, 9)]
    assert ["tomorrow" in told[0][2], "(rules: 2)" in told[0][2], "--zz of tcp" in told[1][2], "[unsupported" in told[2][2]] == [True] * 4
