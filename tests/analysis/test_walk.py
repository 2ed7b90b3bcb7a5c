from __future__ import annotations

import itertools
import time
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iptexplain.analysis import walk as walk_module
from iptexplain.analysis.circles import in_circles
from iptexplain.analysis.spread import Spread
from iptexplain.analysis.walk import MOST_WAYS, Outcome, Passed, Path, Trail, Walker, either_way, simplest
from iptexplain.errors import TooManyCasesError
from iptexplain.extensions import binding
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Broken, Chance, Constraint, Field, Jump, Question, SetMark, Translate, Verdict
from iptexplain.model.share import Share
from iptexplain.model.values import Mark, Ports
from iptexplain.source import message
from tests.dumps import table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from iptexplain.model.matching import Branch, Change, Effect, Wanted
    from iptexplain.model.ruleset import Rule, Table

HALF = "-m statistic --mode random --probability 0.50000000000"
THIRD = "-m statistic --mode random --probability 0.33333333349"


class Packet(NamedTuple):
    """A packet to a known place; its source is known or not."""

    to: Address | None = Address.parse("10.0.0.1")
    port: int | None = 80
    bits: int = 0
    source: Address | None = None

    @property
    def mark(self) -> int:
        return self.bits

    @property
    def destination(self) -> Address | None:
        return self.to

    @property
    def destination_port(self) -> int | None:
        return self.port

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        return self.source is not None and str(Network.of(self.source)) not in addresses

    def test(self, field: Field, wanted: Wanted) -> bool | Question:
        match field, wanted:
            case Field.SOURCE, Network() if self.source is not None:
                return wanted.holds(self.source)
            case Field.DESTINATION, Network():
                return wanted.holds(self.to) if self.to is not None else wanted.mask == 0
            case Field.DESTINATION_PORT, Ports():
                return self.port is not None and wanted.holds(self.port)
            case Field.MARK, Mark():
                return wanted.holds(self.bits)
            case Field.PROTOCOL, str():
                return wanted == "tcp"
            case _:
                return Question("packet", message("{field} {wanted}", field=field.value, wanted=wanted))

    def changed(self, change: Change) -> Packet:
        return self._replace(bits=change.mark.put(self.bits)) if isinstance(change, SetMark) else self

    def learned(self, question: Question, answer: bool) -> Packet:  # noqa: ARG002, FBT001 - the answers stand on the path
        return self


def exact(share: Share) -> Fraction:
    return Fraction(share.numerator, share.odd << share.exponent)


def walk(walker: Walker, packet: Packet, through: Callable[[Rule], bool] | None = None) -> tuple[Outcome, ...]:
    return walker.walk("INPUT", [packet], through=through)


def named(effect: Effect | Spread) -> str:
    match effect:
        case Verdict():
            return effect.name
        case Translate(kind=kind, to=to):
            return f"{kind} {to}"
        case Broken(what=what):
            return f"broken at {what.fields.get('chain')}"
        case _:
            return repr(effect)


def walked(lines: Sequence[str], chains: Sequence[str] = (), packet: Packet | None = None) -> tuple[Outcome, ...]:
    return walk(Walker(table(lines, chains)), packet or Packet())


def ends(lines: Sequence[str], chains: Sequence[str] = (), packet: Packet | None = None) -> dict[str, Fraction]:
    """How the walk ends, with the chances, whatever the answers are."""
    out: dict[str, Fraction] = {}
    for effect, path in walked(lines, chains, packet):
        out[named(effect)] = out.get(named(effect), Fraction(0)) + exact(path.weight)
    return out


# ---- jumps, gotos, returns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "RETURN"),
        (["-A INPUT -j ACCEPT", "-A INPUT -j DROP"], "ACCEPT"),
        (["-A INPUT", "-A INPUT -j LOG", "-A INPUT -j DROP"], "DROP"),
        (["-A INPUT -j RETURN", "-A INPUT -j DROP"], "RETURN"),
        (["-A INPUT -m mark --mark 0x1 -j DROP", "-A INPUT -j ACCEPT"], "ACCEPT"),
        (["-A INPUT -j A", "-A INPUT -j DROP", "-A A -j ACCEPT"], "ACCEPT"),
        (["-A INPUT -j A", "-A INPUT -j DROP"], "DROP"),
        (["-A INPUT -j A", "-A INPUT -j DROP", "-A A -j RETURN", "-A A -j ACCEPT"], "DROP"),
        (["-A INPUT -j A", "-A INPUT -j DROP", "-A A -j B", "-A A -j ACCEPT", "-A B -j RETURN"], "ACCEPT"),
        (["-A INPUT -j A", "-A A -j B"], "RETURN"),
    ],
    ids=[
        "empty", "the first that matches ends it", "a rule without verdict goes on", "RETURN in the base chain", "no match",
        "jump", "end of the chain", "RETURN in a chain", "RETURN comes back to the caller only", "all chains end",
    ],
)  # fmt: skip
def test_rules_are_taken_in_order(lines: list[str], expected: str) -> None:
    assert {expected: 1} == ends(lines, ["A", "B"])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["-A INPUT -g A", "-A INPUT -j DROP"], "RETURN"),
        (["-A INPUT -g A", "-A INPUT -j DROP", "-A A -j RETURN"], "RETURN"),
        (["-A INPUT -g A", "-A INPUT -j DROP", "-A A -j ACCEPT"], "ACCEPT"),
        (["-A INPUT -j A", "-A INPUT -j ACCEPT", "-A A -g B", "-A A -j DROP"], "ACCEPT"),
        (["-A INPUT -j A", "-A INPUT -j ACCEPT", "-A A -g B", "-A A -j DROP", "-A B -j RETURN"], "ACCEPT"),
        (["-A INPUT -j A", "-A INPUT -j ACCEPT", "-A A -g B", "-A A -j DROP", "-A B -g C", "-A B -j DROP"], "ACCEPT"),
        (["-A INPUT -g A", "-A INPUT -j DROP", "-A A -j B", "-A A -j ACCEPT"], "ACCEPT"),
    ],
    ids=[
        "from a base chain the policy follows", "also after RETURN", "the chain itself may end it", "the caller goes on behind its jump",
        "also after RETURN there", "also after two", "a jump in a chain that was gone to comes back",
    ],
)  # fmt: skip
def test_goto_does_not_come_back_behind_its_rule(lines: list[str], expected: str) -> None:
    assert {expected: 1} == ends(lines, ["A", "B", "C"])


@pytest.mark.parametrize("lead", ["-j", "-g"])
@pytest.mark.parametrize(
    "lines",
    [
        ["-A INPUT {} INPUT"],
        ["-A INPUT -j A", "-A A {} A"],
        ["-A INPUT -j A", "-A A -g B", "-A B {} A"],
        ["-A INPUT -j A", "-A A {} INPUT"],
    ],
)
def test_a_loop_is_an_outcome(lines: list[str], lead: str) -> None:
    ((end, share),) = ends([line.format(lead) for line in lines], ["A", "B"]).items()

    assert share == 1
    assert end in {f"broken at {chain}" for chain in ("INPUT", "A")}


def test_a_chain_that_is_called_twice_is_no_loop() -> None:
    assert ends(["-A INPUT -j A", "-A INPUT -j B", "-A INPUT -j A", "-A INPUT -j DROP", "-A B -j A"], ["A", "B"]) == {"DROP": 1}


def test_a_missing_chain_is_an_outcome() -> None:
    assert {"broken at GONE": Fraction(1, 2), "DROP": Fraction(1, 2)} == ends([f"-A INPUT {HALF} -j GONE", "-A INPUT -j DROP"])


def test_a_declared_chain_without_rules_exists() -> None:
    assert ends(["-A INPUT -j A", "-A INPUT -j DROP"], ["A"]) == {"DROP": 1}


def test_what_a_missing_chain_does_may_be_presumed() -> None:
    lines = ["-A INPUT -j KUBE-MARK-DROP", "-A INPUT -j GONE"]
    presumed: dict[str, Effect] = {"KUBE-MARK-DROP": SetMark(Mark(0x8000, 0x8000)), "OTHER": Verdict.DROP}
    (outcome,) = walk(Walker(table(lines), presumed=presumed), Packet())

    assert named(outcome.effect) == "broken at GONE"
    assert outcome.path.state.mark == 0x8000


def test_what_is_presumed_does_not_overrule_the_dump() -> None:
    (outcome,) = walk(Walker(table(["-A INPUT -j A"], ["A"]), presumed={"A": Verdict.DROP}), Packet())

    assert outcome.effect is Verdict.RETURN


@pytest.mark.parametrize("lead", ["-j", "-g"])
@pytest.mark.parametrize("depth", [10, 200, 250, 300, 2000])
def test_deep_nesting_is_walked_or_told_but_no_exception(depth: int, lead: str) -> None:
    chains = [f"C{number}" for number in range(depth)]
    lines = ["-A INPUT -j C0", *(f"-A {one} {lead} {two}" for one, two in itertools.pairwise(chains)), f"-A {chains[-1]} -j ACCEPT"]
    ((end, share),) = ends(lines, chains).items()

    assert share == 1
    assert end in ({"ACCEPT"} if depth <= 200 else {"ACCEPT", "broken at None"})


# ---- marks ---------------------------------------------------------------------------------------------------------------


def test_a_mark_is_seen_by_the_rules_that_follow() -> None:
    lines = [
        "-A INPUT -j A",
        "-A INPUT -m mark --mark 0x4000/0x4000 -j ACCEPT",
        "-A A -j MARK --set-xmark 0x4000/0x4000",
        "-A A -m mark --mark 0x1 -j DROP",
    ]

    assert ends(lines, ["A"]) == {"ACCEPT": 1}


def test_xor_takes_a_mark_away() -> None:
    (outcome,) = walked(["-A INPUT -j MARK --set-xmark 0x4000/0x0", "-A INPUT -j ACCEPT"], packet=Packet(bits=0x4001))

    assert outcome.path.state.mark == 0x1


# ---- chances -------------------------------------------------------------------------------------------------------------


def test_three_endpoints_get_a_third_each() -> None:
    found = ends(
        [f"-A INPUT {THIRD} -j A", f"-A INPUT {HALF} -j B", "-A INPUT -j C", "-A A -j ACCEPT", "-A B -j DROP", "-A C -j REJECT"],
        ["A", "B", "C"],
    )

    assert Fraction(715827883, 1 << 31) == found["ACCEPT"]
    assert (1 - found["ACCEPT"]) / 2 == found["DROP"]
    assert sum(found.values()) == 1


@pytest.mark.parametrize(("probability", "expected"), [("1.00000000000", {"ACCEPT": 1}), ("0.00000000000", {"RETURN": 1})])
def test_what_is_certain_or_impossible_leaves_one_way(probability: str, expected: dict[str, int]) -> None:
    assert expected == ends([f"-A INPUT -m statistic --mode random --probability {probability} -j ACCEPT"])


def test_a_negated_chance_is_the_other_part() -> None:
    assert {"ACCEPT": Fraction(3, 4), "RETURN": Fraction(1, 4)} == ends(
        ["-A INPUT -m statistic --mode random ! --probability 0.25000000000 -j ACCEPT"]
    )


def test_each_look_at_a_chance_is_a_draw_of_its_own() -> None:
    assert {"ACCEPT": Fraction(3, 4), "RETURN": Fraction(1, 4)} == ends([f"-A INPUT {HALF} -j ACCEPT"] * 2)
    assert {"ACCEPT": Fraction(1, 4), "RETURN": Fraction(3, 4)} == ends([f"-A INPUT {HALF} {HALF} -j ACCEPT"])


@pytest.mark.parametrize("target", ["-j LOG", "-j A", "-j MARK --set-xmark 0x1/0x1", "-j B"])
def test_forty_random_rules_in_a_row_do_not_make_a_million_million_paths(target: str) -> None:
    lines = [*[f"-A INPUT {THIRD} {target}"] * 40, "-A INPUT -j ACCEPT", f"-A B {HALF} -j LOG", f"-A B {HALF} -j RETURN"]
    begin = time.monotonic()
    found = walked(lines, ["A", "B"])

    assert time.monotonic() - begin < 5
    assert len(found) < 20
    assert sum(exact(outcome.path.weight) for outcome in found) == 1


def test_a_thousand_random_rules_are_walked() -> None:
    found = ends([f"-A INPUT {HALF} -j ACCEPT"] * 1000)

    assert Fraction(1, 1 << 1000) == found["RETURN"]
    assert sum(found.values()) == 1


# ---- what is not known ---------------------------------------------------------------------------------------------------


def told(outcomes: Iterable[Outcome]) -> dict[tuple[str, tuple[bool, ...]], Fraction]:
    return {(named(effect), tuple(answer for _, answer in path.answers)): exact(path.weight) for effect, path in outcomes}


def test_an_unknown_match_splits_the_walk() -> None:
    assert told(walked(["-A INPUT -m tomorrow --a 1 -j ACCEPT"])) == {("ACCEPT", (True,)): 1, ("RETURN", (False,)): 1}


def test_equal_questions_get_one_answer_along_a_branch() -> None:
    lines = [
        "-A INPUT -m tomorrow -j A",
        "-A INPUT -m tomorrow -j DROP",
        "-A A -m tomorrow -j RETURN",
        "-A A -j ACCEPT",
        "-A INPUT -j REJECT",
    ]

    assert {("DROP", (True,)), ("Reject(answer='')", (False,))} == set(told(walked(lines, ["A"])))


def test_other_questions_get_other_answers() -> None:
    marks = ["-A INPUT -m one -j MARK --set-xmark 0x1/0x1", "-A INPUT -m two -j MARK --set-xmark 0x2/0x2"]
    found = told(walked([*marks, "-A INPUT -m one -j ACCEPT"]))

    assert {(True, True), (True, False), (False, True), (False, False)} == {answers for _, answers in found}
    assert {("ACCEPT", True), ("RETURN", False)} == {(end, answers[0]) for end, answers in found}


def test_a_field_that_is_not_known_is_a_question() -> None:
    found = told(walked(["-A INPUT ! -s 10.0.0.0/8 -j DROP", "-A INPUT -s 10.0.0.0/8 -j ACCEPT"]))

    assert found == {("DROP", (False,)): 1, ("ACCEPT", (True,)): 1}


def test_chances_under_each_answer_make_one() -> None:
    lines = ["-A INPUT -m tomorrow -j A", f"-A INPUT {THIRD} -j ACCEPT", f"-A A {HALF} -j DROP"]
    sums: dict[bool, Fraction] = {}
    for (_, (answer,)), share in told(walked(lines, ["A"])).items():
        sums[answer] = sums.get(answer, Fraction(0)) + share

    assert sums == {True: 1, False: 1}


def test_the_caller_may_know_the_answer() -> None:
    asked: list[str] = []

    def answer(question: Question) -> bool | None:
        asked.append(question.text.english())
        return False if "one" in asked[-1] else None

    found = walk(Walker(table(["-A INPUT -m one -j ACCEPT", "-A INPUT -m two -j DROP"]), answer), Packet())

    assert told(found) == {("DROP", (True,)): 1, ("RETURN", (False,)): 1}
    assert {"the packet matches -m one", "the packet matches -m two"} == set(asked)


def test_what_is_not_asked_for_is_no_question() -> None:
    assert told(walked(["-A INPUT -m mark --mark 0x1 -m tomorrow -j DROP", "-A INPUT -d 10.0.0.9/32 -m tomorrow -j DROP"])) == {
        ("RETURN", ()): 1
    }


def test_a_target_that_is_not_known_ends_the_walk() -> None:
    assert ends(["-A INPUT -j TOMORROW --a 1", "-A INPUT -j DROP"]) == {"Opaque(name='TOMORROW')": 1}


# ---- trails and limits ---------------------------------------------------------------------------------------------------


def test_an_outcome_knows_the_rules_on_its_way() -> None:
    (outcome,) = walked(["-A INPUT -j A", "-A INPUT -j LOG", "-A INPUT -m mark --mark 0x1", "-A INPUT -j DROP", "-A A -j RETURN"], ["A"])
    assert outcome.path.trail is not None

    assert [rule.text.removeprefix(f"-A {rule.chain} ") for rule in outcome.path.trail.rules()] == [
        "-j DROP",
        "-j LOG",
        "-j RETURN",
        "-j A",
    ]


@pytest.mark.parametrize("count", [2, 20])
def test_the_rules_of_the_first_chain_may_be_limited(count: int) -> None:
    lines = [*[f"-A INPUT -d 10.0.0.{number}/32 -j DROP" for number in range(count)], "-A INPUT -j A", "-A A -d 10.0.0.1/32 -j ACCEPT"]

    def only_jumps(rule: Rule) -> bool:
        return rule.target_name == "A"

    (outcome,) = walk(Walker(table(lines, ["A"])), Packet(), through=only_jumps)

    assert named(outcome.effect) == "ACCEPT"


def test_one_walker_walks_many_packets() -> None:
    lines = [
        f"-A INPUT -d 10.0.{number // 100}.{number % 100}/32 -p tcp -m tcp --dport {number} -j DNAT --to-destination :{number}"
        for number in range(1, 300)
    ]
    walker = Walker(table(lines))
    begin = time.monotonic()
    found = [
        named(walk(walker, Packet(Address.parse(f"10.0.{number // 100}.{number % 100}"), number))[0].effect) for number in range(1, 300)
    ]

    assert [f"DNAT :{number}" for number in range(1, 300)] == found
    assert time.monotonic() - begin < 5


# ---- questions about what one rule has counted ---------------------------------------------------------------------------


LIMIT = "-m limit --limit 1/sec"


def questions(outcomes: Iterable[Outcome]) -> list[str]:
    return sorted({question.text.english() for outcome in outcomes for question, _ in outcome.path.answers})


def test_a_question_about_what_a_rule_has_counted_names_its_line() -> None:
    found = walked([f"-A INPUT {LIMIT} -j ACCEPT", f"-A INPUT {LIMIT} -j DROP"])

    assert questions(found) == [f"the limit of 1/sec in line {line} is not exceeded" for line in (3, 4)]
    assert told(found) == {("ACCEPT", (True,)): 1, ("DROP", (False, True)): 1, ("RETURN", (False, False)): 1}


def test_a_rule_that_is_met_again_gives_the_same_answer() -> None:
    lines = ["-A INPUT -j A", "-A INPUT -m mark --mark 0x1 -j ACCEPT", "-A INPUT -j A", "-A INPUT -m mark --mark 0x1 -j DROP"]
    found = walked([*lines, f"-A A {LIMIT} -j MARK --set-xmark 0x1/0x1"], ["A"])

    assert told(found) == {("ACCEPT", (True,)): 1, ("RETURN", (False,)): 1}


def test_the_caller_may_know_what_a_rule_has_counted() -> None:
    def answer(question: Question) -> bool | None:
        return question.text.fields["line"] == 4

    found = walk(Walker(table([f"-A INPUT {LIMIT} -j ACCEPT", f"-A INPUT {LIMIT} -j DROP"]), answer), Packet())

    assert told(found) == {("DROP", ()): 1}


# ---- answers that make no difference -------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["-j LOG", "-j A", "", "-j MARK --set-xmark 0x0/0x0"])
def test_answers_that_make_no_difference_to_the_rest_are_forgotten(target: str) -> None:
    lines = [*(f"-A INPUT -m tomorrow --number {number} {target}".rstrip() for number in range(60)), "-A INPUT -j DROP"]

    assert told(walked(lines, ["A"])) == {("DROP", ()): 1}


def test_an_answer_that_changes_the_chance_is_kept() -> None:
    lines = ["-A INPUT -m tomorrow -j A", "-A INPUT -j DROP", f"-A A {HALF} -j ACCEPT"]

    assert told(walked(lines, ["A"])) == {("ACCEPT", (True,)): Fraction(1, 2), ("DROP", (True,)): Fraction(1, 2), ("DROP", (False,)): 1}


def path(state: object = "here", share: Fraction | int = 1, *answers: tuple[str, bool], trail: Trail | None = None, ways: int = 1) -> Path:
    part = Fraction(share)
    said = tuple([(Question("test", message(text)), answer) for text, answer in answers])
    return Path(state, Share.part(part.numerator, part.denominator), said, trail, ways)


def plain(paths: Iterable[Path]) -> list[tuple[object, Fraction, dict[str, bool]]]:
    return [(one.state, exact(one.weight), {question.text.english(): answer for question, answer in one.answers}) for one in paths]


HALF_SHARE = Fraction(1, 2)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([path("a", 1, ("q", True)), path("a", 1, ("q", False))], [("a", 1, {})]),
        ([path("a", 1, ("q", True)), path("b", 1, ("q", False))], [("a", 1, {"q": True}), ("b", 1, {"q": False})]),
        ([path("a", 1, ("q", True)), path("a", 1, ("r", False))], [("a", 1, {"q": True}), ("a", 1, {"r": False})]),
        (
            [path("a", HALF_SHARE, ("q", True)), path("a", 1, ("q", False))],
            [("a", HALF_SHARE, {"q": True}), ("a", 1, {"q": False})],
        ),
        (
            [path("a", 1, ("q", True)), path("a", 1, ("q", False), ("r", True)), path("a", 1, ("r", False), ("q", False))],
            [("a", 1, {})],
        ),
        ([path("a", HALF_SHARE), path("a", HALF_SHARE)], [("a", 1, {})]),
        (
            [path("a", HALF_SHARE), path("a", Fraction(1, 4), ("q", True)), path("a", Fraction(1, 4), ("q", False))],
            [("a", Fraction(3, 4), {})],
        ),
        (
            [path("a", HALF_SHARE, ("q", True)), path("a", HALF_SHARE, ("q", True)), path("a", 1, ("q", False))],
            [("a", 1, {})],
        ),
    ],
    ids=[
        "the same under both", "another state", "other questions", "another chance", "one after the other", "equal paths",
        "what is left is added", "added first",
    ],
)  # fmt: skip
def test_paths_are_made_as_simple_as_they_can_be(paths: list[Path], expected: list[tuple[object, Fraction, dict[str, bool]]]) -> None:
    assert sorted(plain(simplest(paths)), key=repr) == sorted(expected, key=repr)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            lambda state, parts, answers: path(state, Fraction(parts, 4), *answers.items()),
            st.sampled_from("ab"),
            st.integers(1, 4),
            st.dictionaries(st.sampled_from("pqr"), st.booleans(), max_size=3),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_simple_paths_say_the_same(paths: list[Path]) -> None:
    for bits in itertools.product((True, False), repeat=3):
        world = dict(zip("pqr", bits, strict=True))
        sums: list[dict[object, Fraction]] = []
        for found in (plain(paths), plain(simplest(paths))):
            here: dict[object, Fraction] = {}
            for state, share, answers in found:
                if answers.items() <= world.items():
                    here[state] = here.get(state, Fraction(0)) + share
            sums.append(here)

        assert sums[0] == sums[1]


def test_simple_paths_are_different() -> None:
    states = [
        (one.state, frozenset(one.answers)) for one in simplest([path("a", HALF_SHARE, ("q", True)), path("a", HALF_SHARE), path("b")] * 3)
    ]

    assert len(states) == len(set(states)) == 3


# ---- chances that are the state's own ------------------------------------------------------------------------------------


class Lot(NamedTuple):
    """A packet whose mark the kernel has drawn from these numbers."""

    numbers: frozenset[int]
    mark: int = 0
    destination: Address | None = None
    destination_port: int | None = None

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        return not addresses

    def test(self, field: Field, wanted: Wanted) -> bool | Question | Chance:
        if field is not Field.MARK:
            return Question("packet", message("{field} {wanted}", field=field.value, wanted=wanted))
        assert isinstance(wanted, Mark)
        inside = frozenset(number for number in self.numbers if wanted.holds(number))
        if len(inside) in {0, len(self.numbers)}:
            return bool(inside)
        return Chance(
            Share.part(len(inside), len(self.numbers)), self._replace(numbers=inside), self._replace(numbers=self.numbers - inside)
        )

    def changed(self, _: Change) -> Lot:
        return self

    def learned(self, _question: Question, _answer: bool) -> Lot:  # noqa: FBT001 - as in `Packet`
        return self


def of_lot(lines: Sequence[str], count: int = 6) -> dict[tuple[str, tuple[bool, ...]], Fraction]:
    found: dict[tuple[str, tuple[bool, ...]], Fraction] = {}
    for effect, way in Walker(table(lines)).walk("INPUT", [Lot(frozenset(range(count)))]):
        key = named(effect), tuple(answer for _, answer in way.answers)
        found[key] = found.get(key, Fraction(0)) + exact(way.weight)
    return found


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["-m mark --mark 0x0 -j DROP"], {"DROP": Fraction(1, 6), "RETURN": Fraction(5, 6)}),
        (["-m mark ! --mark 0x0 -j DROP"], {"DROP": Fraction(5, 6), "RETURN": Fraction(1, 6)}),
        (["-m mark --mark 0x0/0x1 -j DROP"], {"DROP": Fraction(1, 2), "RETURN": Fraction(1, 2)}),
        (["-m mark --mark 0x0/0x1 -j LOG", "-m mark --mark 0x0/0x1 -j DROP"], {"DROP": Fraction(1, 2), "RETURN": Fraction(1, 2)}),
        (["-m mark --mark 0x0/0x1 -j ACCEPT", "-m mark --mark 0x0 -j DROP"], {"ACCEPT": Fraction(1, 2), "RETURN": Fraction(1, 2)}),
        (["-m mark --mark 0x0/0x1 -m mark --mark 0x4/0x4 -j DROP"], {"DROP": Fraction(1, 6), "RETURN": Fraction(5, 6)}),
        (["-m mark --mark 0x7/0xff -j DROP"], {"RETURN": 1}),
    ],
    ids=["one", "all others", "half", "drawn once", "what is gone is gone", "twice in a rule", "none"],
)
def test_what_is_drawn_keeps_its_value(lines: list[str], expected: dict[str, Fraction]) -> None:
    assert {(end, ()): share for end, share in expected.items()} == of_lot([f"-A INPUT {line}" for line in lines])


def test_what_is_drawn_and_what_is_not_known_go_together() -> None:
    found = of_lot(["-A INPUT -p tcp -m mark --mark 0x0/0x1 -j DROP", "-A INPUT -m mark --mark 0x0/0x1 -p tcp -j ACCEPT"])

    assert found == {("DROP", (True,)): Fraction(1, 2), ("RETURN", (True,)): Fraction(1, 2), ("RETURN", (False,)): 1}


# ---- chains that call each other over and over ----------------------------------------------------------------------------


def doubled(count: int, *last: str, rule: str = "-j {}") -> tuple[list[str], list[str]]:
    """Rules of chains each of which calls the next one twice."""
    chains = [f"C{number}" for number in range(count)]
    calls = [f"-A {one} {rule.format(two)}" for one, two in itertools.pairwise(chains) for _ in range(2)]
    return ["-A INPUT -j C0", *calls, *(f"-A {chains[-1]} {said}" for said in last)], chains


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (("-j LOG",), {"RETURN": 1}),
        (("-j MARK --set-xmark 0x1/0x0",), {"RETURN": 1}),
        (("-m mark --mark 0x1/0x1 -j DROP", "-j MARK --set-xmark 0x1/0x1"), {"DROP": 1}),
        (("-j GONE",), {"broken at GONE": 1}),
        (("-m tomorrow -j ACCEPT",), {"ACCEPT": 1, "RETURN": 1}),
        ((f"{HALF} -j MARK --set-xmark 0x1/0x0",), {"RETURN": 1}),
    ],
    ids=["nothing happens", "an even number of times", "the second time", "a missing chain", "asked once", "by chance"],
)
def test_what_chains_do_is_found_out_once(last: tuple[str, ...], expected: dict[str, int]) -> None:
    begin = time.monotonic()
    lines, chains = doubled(100, *last)
    found = walked(lines, chains)

    assert time.monotonic() - begin < 5
    assert {named(effect) for effect, _ in found} == set(expected)
    assert ends(lines, chains) == expected if "tomorrow" not in last[0] else len(found) == 2


def test_the_steps_of_a_chain_that_was_passed_are_shared() -> None:
    lines, chains = doubled(15, "-j LOG")
    (outcome,) = walked(lines, chains)
    assert outcome.path.trail is not None

    assert sum(rule.target_name == "LOG" for rule in outcome.path.trail.rules()) == 1 << 14
    assert sum(1 for _ in outcome.path.trail.rules()) == (1 << 15) + (1 << 14) - 1
    assert any(isinstance(step, Passed) for step in outcome.path.trail.steps())


def test_steps_that_were_passed_stand_in_the_order_of_the_rules() -> None:
    first, second, third, last = table(["-A INPUT -j A", "-A A -j LOG", "-A A -j LOG", "-A INPUT -j DROP"], ["A"]).rules
    inside = path(trail=Trail(third, Trail(second, None)))
    trail = Trail(last, inside.behind(path(trail=Trail(first, None))).trail)

    assert list(trail.rules()) == [last, third, second, first]
    assert [type(step) for step in trail.steps()] == [type(last), Passed, type(first)]


def test_what_the_caller_notes_is_a_step_but_no_rule() -> None:
    (rule,) = table(["-A INPUT -j DROP"]).rules
    trail = path(trail=Trail(rule, None)).noted("here").trail
    assert trail is not None

    assert (list(trail.steps()), list(trail.rules())) == (["here", rule], [rule])


def test_a_path_behind_another_has_the_chance_the_answers_and_the_ways_of_both() -> None:
    behind = path("there", Fraction(1, 4), ("q", True), ways=3).behind(path("here", Fraction(1, 2), ways=5))

    assert (behind.state, exact(behind.weight), len(behind.answers), behind.ways, behind.trail) == ("there", Fraction(1, 8), 1, 15, None)


def test_so_many_ways_are_counted_as_so_many() -> None:
    lines, chains = doubled(150, "-j LOG", rule=f"{HALF} -j {{}}")
    (outcome,) = walked(lines, chains)
    many = path(ways=MOST_WAYS - 1)

    assert outcome.path.ways == MOST_WAYS
    assert exact(outcome.path.weight) == 1
    assert many.behind(many).ways == MOST_WAYS
    assert either_way(many, many).ways == MOST_WAYS
    assert either_way(many, path()).ways == MOST_WAYS
    assert either_way(path(ways=2), path(ways=3)).ways == 5


def test_the_likelier_of_two_ways_is_kept_in_doubt_the_first() -> None:
    rules = table(["-A INPUT -j LOG", "-A INPUT -j DROP"]).rules
    first, second = (path(share=HALF_SHARE, trail=Trail(rule, None)) for rule in rules)
    more = second._replace(weight=Share.part(3, 4))

    assert either_way(first, second).trail == first.trail
    assert either_way(first, more).trail == second.trail
    assert either_way(more, first).trail == second.trail
    assert exact(either_way(first, more).weight) == Fraction(5, 4)


def test_of_many_ways_the_likeliest_is_kept_not_the_last_of_many() -> None:
    """Three ways of a quarter each together are likelier than one of half, but none of them is."""
    rules = table(["-A INPUT -j LOG", "-A INPUT -j DROP"]).rules
    quarters = [path(share=Fraction(1, 4), trail=Trail(rules[0], None)) for _ in range(3)]
    together = either_way(either_way(*quarters[:2]), quarters[2])

    assert either_way(together, path(share=Fraction(1, 2), trail=Trail(rules[1], None))).trail == Trail(rules[1], None)


def test_chances_that_square_with_each_chain_are_refused() -> None:
    lines, chains = doubled(100, f"{HALF} -j DROP")

    with pytest.raises(TooManyCasesError, match="more than 1048576 binary digits"):
        walked(lines, chains)


def test_more_worlds_than_anybody_could_look_at_are_refused() -> None:
    def lines(count: int) -> list[str]:
        return [f"-A INPUT -m tomorrow --number {bit} -j MARK --set-xmark {1 << bit:#x}/{1 << bit:#x}" for bit in range(count)]

    assert len(walked(lines(8))) == 256
    with pytest.raises(TooManyCasesError, match="say more of the node"):
        walked(lines(16))


def test_more_states_than_anybody_could_look_at_are_refused() -> None:
    def lines(count: int) -> list[str]:
        return [f"-A INPUT {HALF} -j MARK --set-xmark {1 << bit:#x}/{1 << bit:#x}" for bit in range(count)]

    assert len(walked(lines(10))) == 1024
    with pytest.raises(TooManyCasesError, match="states that the packet may be in"):
        walked(lines(31))


# ---- against a plain interpreter -----------------------------------------------------------------------------------------

End = tuple[str, int, frozenset[tuple[str, bool]]]


class Frame(NamedTuple):
    """Where an interpreter comes back to: a chain, how many of its rules are done, and the chains that are open there."""

    chain: str
    done: int
    active: tuple[str, ...]


class Now(NamedTuple):
    """Where an interpreter is."""

    packet: Packet
    share: Fraction
    answers: frozenset[tuple[str, bool]]
    at: Frame
    stack: tuple[Frame, ...]

    def next(self) -> Now:
        return self._replace(at=self.at._replace(done=self.at.done + 1))


def tried(rule: Rule, now: Now) -> Iterator[tuple[bool, Now]]:
    """Whether a rule matches, in every way that it may."""
    tests: list[Constraint | tuple[Branch, ...]] = []
    for match in binding.matches(rule):
        tests += [*match.constraints(), match.decide()]
    waiting = [(0, now)]
    while waiting:
        done, at = waiting.pop()
        if done == len(tests):
            yield True, at
            continue
        for matches, other in ways(tests[done], at):
            if not other.share:
                continue
            if matches:
                waiting.append((done + 1, other))
            else:
                yield False, other


def ways(test: Constraint | tuple[Branch, ...], now: Now) -> Iterator[tuple[bool, Now]]:
    """How one test may turn out."""
    if isinstance(test, Constraint):
        met = now.packet.test(test.field, test.wanted)
        both = [(met, now)] if isinstance(met, bool) else answered(now, met)
        yield from ((answer is not test.negated, other) for answer, other in both)
        return
    if not test:
        yield True, now
    for branch in test:
        if branch.question is not None:
            yield from ((branch.matches, other) for answer, other in answered(now, branch.question) if answer is branch.answer)
        else:
            part = exact(branch.weight) if branch.weight is not None else Fraction(1)
            yield branch.matches, now._replace(share=now.share * part)


def answered(now: Now, question: Question) -> list[tuple[bool, Now]]:
    text = question.text.english()
    known = dict(now.answers)
    if text in known:
        return [(known[text], now)]
    return [(answer, now._replace(answers=now.answers | {(text, answer)})) for answer in (True, False)]


class Interpreter:
    """The walk as ip_tables does it, one path at a time: no merging, no index."""

    def __init__(self, rules: Table) -> None:
        self.chains = {str(name): list(rules.rules_of(name)) for name in {*rules.chains, *rules.by_chain}}
        self.ended: dict[End, Fraction] = {}
        self.waiting: list[Now] = []

    def run(self, packet: Packet) -> dict[End, Fraction]:
        self.waiting = [Now(packet, Fraction(1), frozenset(), Frame("INPUT", 0, ("INPUT",)), ())]
        while self.waiting:
            now = self.waiting.pop()
            chain = self.chains[now.at.chain]
            if now.at.done == len(chain):
                self.back(now)
                continue
            rule = chain[now.at.done]
            for matches, then in tried(rule, now):
                self.act(binding.effect(rule) if matches else Verdict.CONTINUE, then)
        return self.ended

    def act(self, effect: Effect, now: Now) -> None:
        match effect:
            case Verdict.CONTINUE:
                self.waiting.append(now.next())
            case Verdict.RETURN:
                self.back(now)
            case SetMark(mark=mark):
                self.waiting.append(now.next()._replace(packet=now.packet.changed(SetMark(mark))))
            case Jump(chain=chain) if chain not in self.chains or chain in now.at.active:
                self.end(now, f"broken at {chain}")
            case Jump(chain=chain, goto=goto):
                stack = now.stack if goto else (*now.stack, now.next().at)
                self.waiting.append(now._replace(at=Frame(chain, 0, (*now.at.active, chain)), stack=stack))
            case _:
                self.end(now, named(effect))

    def back(self, now: Now) -> None:
        if now.stack:
            self.waiting.append(now._replace(at=now.stack[-1], stack=now.stack[:-1]))
        else:
            self.end(now, "RETURN")

    def end(self, now: Now, what: str) -> None:
        key = what, now.packet.mark, now.answers
        self.ended[key] = self.ended.get(key, Fraction(0)) + now.share


CHAINS = ["INPUT", "A", "B", "C"]
CONDITIONS = [
    *[f"-d 10.0.0.{number}/32" for number in (1, 1, 2, 3)], "-d 10.0.0.0/31", "! -d 10.0.0.1/32", "! -d 10.0.0.2/32", "-p tcp", "! -p tcp",
    "-s 10.9.0.0/16", "! -s 10.9.0.0/16",
]  # fmt: skip
MATCHES = [
    "-m tcp --dport 80", "-m tcp --dport 80", "-m tcp --dport 81", "-m tcp --dport 80:81", "-m tcp ! --dport 80", "-m udp --dport 80",
    "-m mark --mark 0x1/0x1", "-m mark ! --mark 0x1/0x1", "-m mark --mark 0x2/0x3", HALF, THIRD,
    "-m statistic --mode random --probability 1.00000000000", "-m one", "-m one", "-m two --a 1",
]  # fmt: skip
ACTIONS = [
    "-j ACCEPT", "-j DROP", "-j RETURN", "-j RETURN", "", "-j LOG", "-j MARK --set-xmark 0x1/0x1", "-j MARK --set-xmark 0x1/0x0",
    "-j MARK --set-xmark 0x2/0x3", "-j DNAT --to-destination 10.9.9.9:80", "-j TOMORROW --a 1", "-j GONE",
    *[f"{lead} {chain}" for lead in ("-j", "-j", "-g") for chain in ("A", "B", "C")],
]  # fmt: skip
LEAVES = ["END-0", "END-1", "END-2"]
LEAF_RULES = ["-s 10.9.0.1/32 -j A", "-s 10.9.0.2/32 -j MARK --set-xmark 0x1/0x1", "! -s 10.9.0.1/32 -j LOG", "-s 10.9.0.0/16 -j RETURN"]
DRAWS = [
    HALF, THIRD, "-m statistic --mode random ! --probability 0.25000000000", "-m statistic --mode random --probability 0.00000000000",
    "-m comment --comment to", "", "-m recent --rcheck --name X --rsource", f"{HALF} {THIRD}", "-p tcp", "-m tomorrow",
]  # fmt: skip


@st.composite
def rules(draw: st.DrawFn, chain: str) -> str:
    base = draw(st.lists(st.sampled_from(CONDITIONS), max_size=1))
    more = draw(st.lists(st.sampled_from(MATCHES), max_size=2))
    return " ".join(part for part in ["-A", chain, *base, *more, draw(st.sampled_from(ACTIONS))] if part)


@st.composite
def balanced(draw: st.DrawFn, chain: str) -> str:
    """A rule that spreads packets over the leaves, or nearly."""
    lead = draw(st.sampled_from(["-j", "-j", "-j", "-g"]))
    return " ".join(part for part in ["-A", chain, draw(st.sampled_from(DRAWS)), lead, draw(st.sampled_from(LEAVES))] if part)


@st.composite
def leaf(draw: st.DrawFn, chain: str) -> list[str]:
    own = [f"-A {chain} {said}" for said in draw(st.lists(st.sampled_from(LEAF_RULES), max_size=2))]
    said = draw(st.sampled_from(["", "-p tcp", "-p tcp -m tcp", "-p udp", "-m mark --mark 0x1/0x1", "-m recent --set --name X --rsource"]))
    last = draw(st.sampled_from(["-j DNAT --to-destination 10.9.0.{}:80", "-j DNAT --to-destination 10.9.0.{}:80", "-j ACCEPT", "-j DNAT"]))
    return [*own, " ".join(part for part in ["-A", chain, said, last.format(chain[-1])] if part)]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    sizes = {"INPUT": 14, "A": 11, "B": 4, "C": 3}
    lines = []
    for chain in CHAINS:
        lines += draw(st.lists(rules(chain), max_size=sizes[chain]))
        lines += draw(st.lists(balanced(chain), max_size=4))
    for chain in LEAVES:
        lines += draw(leaf(chain))
    if draw(st.booleans()):  # the rules of a chain need not stand together
        lines = draw(st.permutations(lines))
    return table(lines, [*CHAINS[1:], *LEAVES])


PACKETS = st.builds(
    Packet,
    st.sampled_from([None, *(Address.parse(f"10.0.0.{number}") for number in range(1, 5))]),
    st.sampled_from([None, 80, 81, 82]),
    st.integers(0, 3),
    st.sampled_from([None, *(Address.parse(text) for text in ("10.9.0.1", "10.9.0.2", "10.9.0.9", "10.8.0.1"))]),
)


def ended(outcomes: Iterable[Outcome], rules: Table) -> dict[End, Fraction]:
    """The chance of each end; what a spread leaves together is told apart."""
    out: dict[End, Fraction] = {}
    for effect, path in outcomes:
        shares = [(effect, Fraction(1))]
        if isinstance(effect, Spread):
            shares = [(binding.effect(rules.rules[way.end.place]), exact(way.share)) for way in effect.ways]
        answers = frozenset((question.text.english(), answer) for question, answer in path.answers)
        for what, share in shares:
            key = named(what), path.state.mark, answers
            out[key] = out.get(key, Fraction(0)) + exact(path.weight) * share
    return out


def by_world(*found: dict[End, Fraction]) -> list[list[dict[tuple[str, int], Fraction]]]:
    """For each of the findings: the ends and their chances for each way of answering all the questions that any of them asks.

    So two walks may be compared of which one has asked more than was needed.
    """
    texts = sorted({text for ends in found for _, _, answers in ends for text, _ in answers})
    worlds = [{text: bool(bits >> at & 1) for at, text in enumerate(texts)} for bits in range(1 << len(texts))]
    out = []
    for found_ends in found:
        here_and_there: list[dict[tuple[str, int], Fraction]] = []
        for world in worlds:
            here: dict[tuple[str, int], Fraction] = {}
            for (what, mark, answers), share in found_ends.items():
                if all(world[text] is answer for text, answer in answers):
                    here[what, mark] = here.get((what, mark), Fraction(0)) + share
            here_and_there.append(here)
        out.append(here_and_there)
    return out


@settings(deadline=None, max_examples=150)
@given(tables(), PACKETS)
def test_the_walk_ends_as_a_plain_interpreter_does(rules: Table, packet: Packet) -> None:
    plain, found = by_world(Interpreter(rules).run(packet), ended(walk(Walker(rules), packet), rules))

    assert plain == found
    assert all(sum(world.values()) == 1 for world in found)


@settings(deadline=None, max_examples=80)
@given(tables(), PACKETS)
def test_spreads_that_are_left_whole_come_to_the_same(rules: Table, packet: Packet) -> None:
    whole = Walker(rules).walk("INPUT", [packet], whole_spreads=True)
    apart, together = by_world(ended(walk(Walker(rules), packet), rules), ended(whole, rules))

    assert apart == together


@settings(deadline=None, max_examples=80)
@given(tables(), PACKETS)
def test_reading_ahead_changes_nothing(rules: Table, packet: Packet) -> None:
    ahead = Walker(rules)
    ahead.read_ahead()
    before, after = by_world(ended(walk(Walker(rules), packet), rules), ended(walk(ahead, packet), rules))

    assert before == after


@settings(deadline=None, max_examples=60)
@given(tables(), st.lists(PACKETS, min_size=2, max_size=4, unique=True))
def test_packets_that_walk_together_end_as_each_does_alone(rules: Table, packets: list[Packet]) -> None:
    walker = Walker(rules)
    alone: dict[End, Fraction] = {}
    for packet in packets:
        for key, share in ended(walk(walker, packet), rules).items():
            alone[key] = alone.get(key, Fraction(0)) + share
    each, together = by_world(alone, ended(walker.walk("INPUT", packets), rules))

    assert each == together


@settings(deadline=None, max_examples=60)
@given(st.lists(rules("INPUT"), min_size=9, max_size=16), PACKETS)
def test_an_index_changes_nothing(lines: list[str], packet: Packet) -> None:
    """The same rules in one chain, which is long enough for an index, and in chains of four."""
    lines = [line.replace("-j RETURN", "-j LOG").replace("-g ", "-j ") for line in lines]  # these look at which chain they are in
    parts = [line.replace("-A INPUT", f"-A S{number // 4}") for number, line in enumerate(lines)]
    chains = [f"S{number // 4}" for number in range(0, len(lines), 4)]
    long = table(lines, CHAINS[1:])
    short = table([*(f"-A INPUT -j {chain}" for chain in chains), *parts], [*CHAINS[1:], *chains])
    one, other = by_world(ended(walk(Walker(long), packet), long), ended(walk(Walker(short), packet), short))

    assert one == other


@settings(deadline=None, max_examples=80)
@given(tables(), PACKETS)
def test_remembering_what_chains_do_changes_nothing(rules: Table, packet: Packet) -> None:
    usual = ended(walk(Walker(rules), packet), rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk_module, "_FEW", 0)
        patch.setattr(walk_module, "_MANY_CALLS", 0)
        remembered = ended(walk(Walker(rules), packet), rules)
    before, after = by_world(usual, remembered)

    assert before == after


def test_what_a_chain_in_a_circle_does_is_remembered_with_where_it_was_called_from() -> None:
    lines = (
        "-A INPUT -j A",
        "-A INPUT -j B",
        "-A A -m statistic --mode random --probability 0.50000000000 -j C",
        "-A B -m statistic --mode random --probability 0.50000000000 -j C",
        "-A C -s 10.9.0.1/32 -j A",
        "-A C -j DNAT --to-destination 10.9.0.0:80",
    )
    circle = table(lines, ["A", "B", "C"], name="nat")
    packet = Packet(None, None, 0, None)
    usual = ended(walk(Walker(circle), packet), circle)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk_module, "_MANY_CALLS", 0)
        remembered = ended(walk(Walker(circle), packet), circle)
    before, after = by_world(usual, remembered)

    assert before == after
    assert Walker(circle).circles == {"A", "C"}


@pytest.mark.parametrize(
    ("jumps", "expected"),
    [
        ("INPUT-A A-B B-C", ""),
        ("INPUT-A A-B B-A B-C", "A B"),
        ("INPUT-A A-A", "A"),
        ("INPUT-A A-B B-C C-A D-A C-E", "A B C"),
        ("A-B B-A C-D D-C", "A B C D"),
    ],
)
def test_chains_that_lead_back_to_themselves(jumps: str, expected: str) -> None:
    ways = [jump.split("-") for jump in jumps.split()]
    chains = sorted({name for way in ways for name in way} - {"INPUT"})

    assert set(expected.split()) == in_circles(table([f"-A {chain} -j {to}" for chain, to in ways], chains))
