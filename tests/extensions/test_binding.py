from __future__ import annotations

import pytest

from iptexplain.extensions import binding
from iptexplain.extensions.binding import Unknown, unquote
from iptexplain.model.matching import Jump, Opaque, Queue, Verdict
from tests.dumps import rule


def unknown(line: str) -> list[str]:
    return [match.text for match in binding.matches(rule(line)) if isinstance(match, Unknown)]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("-m tomorrow", "-m tomorrow"),
        ("-m tomorrow --a 1 ! --b", "-m tomorrow --a 1 ! --b"),
        ("-m tcp --tomorrow 1", "-m tcp --tomorrow 1"),
        ("-m tcp --dport 80 ! --tomorrow 1 2", "-m tcp --dport 80 ! --tomorrow 1 2"),
        ("-m recent [unsupported revision]", "-m recent [unsupported revision]"),
        ("-m tomorrow [unsupported revision]", "-m tomorrow [unsupported revision]"),
        ("-m comment [unsupported revision]", "-m comment [unsupported revision]"),
        ("-m comment --tomorrow a", "-m comment --tomorrow a"),
        ("-m nfacct --tomorrow a", "-m nfacct --tomorrow a"),
        ("-s 10.0.0.0/33", "-s 10.0.0.0/33"),
        ("-s some.host", "-s some.host"),
        ("! -d 10.0.0.0.0", "! -d 10.0.0.0.0"),
        ("-m tcp --dport nosuch", "-m tcp --dport nosuch"),
        ("-m tcp --dport 10:5", "-m tcp --dport 10:5"),
        ("-m tcp --dport 65536", "-m tcp --dport 65536"),
        ("-m tcp --tcp-flags SYM SYN", "-m tcp --tcp-flags SYM SYN"),
        ("-m mark --mark green", "-m mark --mark green"),
        ("-m mark", "-m mark"),
        ("-m statistic --mode random --probability 1.5", "-m statistic --mode random --probability 1.5"),
        ("-m statistic --mode nth --every x", "-m statistic --mode nth --every x"),
        ("-m conntrack --ctorigdst x", "-m conntrack --ctorigdst x"),
        ("-m recent --rcheck --seconds soon", "-m recent --rcheck --seconds soon"),
    ],
)
def test_a_match_that_cannot_be_told_is_unknown_in_its_own_words(said: str, text: str) -> None:
    assert [text] == unknown(f"-A X {said} -j DROP")


@pytest.mark.parametrize(
    "said", ["-m statistic --mode tomorrow", "-m statistic --mode random", "-m recent --name X --rsource", "-m recent"]
)
def test_a_match_that_leaves_out_what_decides_is_a_question(said: str) -> None:
    (match,) = binding.matches(rule(f"-A X {said} -j DROP"))

    assert [branch.question is not None for branch in match.decide()] == [True, True]
    assert not any("None" in branch.question.text.english() for branch in match.decide() if branch.question is not None)


@pytest.mark.parametrize(
    "said", ["-m tcp --dport 80 --dport 90", "-s 10.0.0.1/32 -s 10.0.0.2/32", "-p tcp ! -p udp", "-m mark --mark 0x1 ! --mark 0x2"]
)
def test_of_two_options_of_one_name_none_is_taken_in_silence(said: str) -> None:
    """iptables-restore refuses such rules; which of the two would count, nobody knows."""
    assert [said] == unknown(f"-A X {said} -j DROP")


def test_of_two_destinations_none_is_taken_in_silence() -> None:
    assert Opaque("DNAT") == binding.effect(rule("-A X -j DNAT --to-destination 10.0.0.1 --to-destination 10.0.0.2"))


def test_an_unknown_match_splits_both_ways_on_one_question() -> None:
    one, other = (binding.matches(rule(f"-A {chain} -m tomorrow --a 1 -j DROP"))[0] for chain in "XY")
    yes, no = one.decide()

    assert one.constraints() == ()
    assert (yes.matches, yes.answer, no.matches, no.answer) == (True, True, False, False)
    assert yes.question == no.question == other.decide()[0].question
    assert yes.question != binding.matches(rule("-A X -m tomorrow --a 2"))[0].decide()[0].question


@pytest.mark.parametrize(
    "said", ["-m comment --comment x", '-m comment --comment "a b"', "-m comment", "-m nfacct --nfacct-name  x", "-m comment --comment -j"]
)
def test_a_match_that_tests_nothing_is_no_match(said: str) -> None:
    assert binding.matches(rule(f"-A X {said} -j DROP")) == ()


def test_matches_keep_their_order_and_base_options_come_first() -> None:
    found = binding.matches(
        rule("-A X -s 10.0.0.0/8 -m mark --mark 0x1 -m comment --comment c -m tcp --dport 1 -m mark --mark 0x2 -j DROP")
    )

    assert [type(match).__name__ for match in found] == ["Base", "MarkMatch", "Tcp", "MarkMatch"]
    assert found[1] != found[3]


def test_rules_of_one_shape_are_not_mixed_up() -> None:
    lines = [f"-A X -s 10.0.0.{number}/32 -m tcp --dport {number} -j T{number % 3}" for number in range(10)]
    found = [(binding.matches(rule(line)), binding.effect(rule(line))) for line in lines]

    assert [f"10.0.0.{number}/32" for number in range(10)] == [str(matches[0].constraints()[0].wanted) for matches, _ in found]
    assert [str(number) for number in range(10)] == [str(matches[1].constraints()[0].wanted) for matches, _ in found]
    assert [Jump(f"T{number % 3}") for number in range(10)] == [effect for _, effect in found]


# ---- effects -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "effect"),
    [
        ("-j ACCEPT", Verdict.ACCEPT),
        ("-j DROP", Verdict.DROP),
        ("-j RETURN", Verdict.RETURN),
        ("", Verdict.CONTINUE),
        ("-p tcp", Verdict.CONTINUE),
        ("-j LOG", Verdict.CONTINUE),
        ("-j KUBE-SERVICES", Jump("KUBE-SERVICES")),
        ("-j ACCEPTED", Jump("ACCEPTED")),
        ("-g KUBE-SERVICES", Jump("KUBE-SERVICES", goto=True)),
        ("-g ACCEPT", Jump("ACCEPT", goto=True)),
        ("-j QUEUE", Opaque("QUEUE")),
        ("-j TOMORROW --a 1", Opaque("TOMORROW")),
        ("-j TOMORROW [unsupported revision]", Opaque("TOMORROW")),
        ("-j DNAT [unsupported revision]", Opaque("DNAT")),
        ("-j DNAT --to-destination somewhere", Opaque("DNAT")),
        ("-j DNAT --tomorrow 1", Opaque("DNAT")),
        ("-j MARK --set-xmark green", Opaque("MARK")),
        ("-j MARK", Opaque("MARK")),
        ("-j LOG --tomorrow", Opaque("LOG")),
        ("-j NFQUEUE --queue-num 1", Queue("1", bypass=False)),
        ("-j NFQUEUE", Queue("0", bypass=False)),
    ],
)
def test_a_target_has_its_effect_or_is_opaque(said: str, effect: object) -> None:
    assert effect == binding.effect(rule(f"-A X {said}".rstrip()))


# ---- quotes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ('""', ""),
        ('"a b"', "a b"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"it\'s"', "it's"),
        (r'"a\\b"', r"a\b"),
        (r'"\a"', "a"),
        (r"a\b", r"a\b"),
        ("'a'", "'a'"),
        ('a"b"', 'a"b"'),
        ('"', '"'),
        ('"\u2028"', "\u2028"),
    ],
)
def test_quotes_are_taken_off_as_iptables_restore_does(value: str, expected: str) -> None:
    assert expected == unquote(value)
