"""Laws of the tracer, on random rules and on the samples; and that it stays quick where plain ways of counting would not end."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iptexplain.analysis import walk
from iptexplain.analysis.trace import tracer
from iptexplain.analysis.trace.fate import Ended, Fate, Trace
from iptexplain.analysis.trace.scene import ANYCAST, BROADCAST, LOCAL, Ground
from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.analysis.trace.way import stages, steps
from iptexplain.api import load
from iptexplain.errors import TooManyCasesError
from iptexplain.inputs.packets import make_packet
from iptexplain.model.address import Address
from iptexplain.model.share import ONE
from tests.analysis.traced import PACKET, asked, assumed, exact, known, rules, told, trace, under, words
from tests.checkout import ROOT
from tests.command import SAMPLES
from tests.kernel import generator
from tests.render import traces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from iptexplain.model.matching import Question
    from iptexplain.model.ruleset import Dump
    from tests.kernel.generator import Case

FEATURES = (*generator.USUAL, "random", "stateful", "rare")
SEEDS = st.integers(0, 1_000_000)
FAMILIES = st.sampled_from((4, 6))


@cache
def case(seed: int, family: int, count: int = 3) -> Case:
    return generator.case(seed, family, FEATURES, count)


def traced(of: Case, on: Any = None, answer: Callable[[Question], bool | None] = lambda _: None) -> list[Trace]:  # noqa: ANN401 - a Node
    """The packets of a case on a node."""
    made = Tracer(load(of.dump.encode()).dumps[0], on, answer=answer)
    return [made.trace(make_packet(packet.json())) for packet in of.packets]


def worlds(*found: Trace) -> Iterator[Mapping[str, bool]]:
    """Ways to answer all questions that any of them asks: every one if they are few, else some."""
    questions = sorted(set().union(*map(asked, found)))
    draws = random.Random(str(questions))  # noqa: S311 - the same for the same questions
    for number in range(min(32, 1 << len(questions))):
        bits = number if len(questions) <= 5 else draws.getrandbits(len(questions))
        yield {question: bool(bits >> at & 1) for at, question in enumerate(questions)}


# ---- laws --------------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(SEEDS, FAMILIES)
def test_under_every_choice_of_answers_the_chances_make_one(seed: int, family: int) -> None:
    for found in traced(case(seed, family)):
        for world in worlds(found):
            assert sum(under(found, world).values()) == 1


@pytest.mark.parametrize("name", [name for name in SAMPLES if "kube-proxy" in name])
def test_so_they_do_for_the_services_of_the_samples(name: str) -> None:
    for found in traces.traces(name, on_node=False)[::7]:
        for world in worlds(found):
            assert sum(under(found, world).values()) == 1


def as_it_is(paths: list[walk.Path]) -> list[walk.Path]:
    return paths


@settings(deadline=None, max_examples=25)
@given(SEEDS, FAMILIES)
def test_merging_and_remembering_change_nothing(seed: int, family: int) -> None:
    usual = traced(case(seed, family))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "_FEW", 0)
        patch.setattr(walk, "_MANY_CALLS", 0)
        always = traced(case(seed, family))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_merged", "unasked"):
            patch.setattr(walk, name, as_it_is)
        patch.setattr(tracer, "simplest", as_it_is)
        never = traced(case(seed, family))

    for one, two, three in zip(usual, always, never, strict=True):
        for world in worlds(one, two, three):
            assert under(one, world) == under(two, world) == under(three, world)


def may_be(open_: Fate, certain: Fate) -> bool:
    """Is what was told without a node, where not everything could be said, what was told with it, and under answers that fit."""
    said = {question.text.english(): answer for question, answer in certain.answers}
    if any(said.get(question.text.english(), answer) is not answer for question, answer in open_.answers):
        return False
    if (open_.outcome, open_.where, open_.reject, open_.mark) != (certain.outcome, certain.where, certain.reject, certain.mark):
        return False
    fields = ["output", "source", "destination", "source_port", "destination_port"]
    bits = [("dnat", open_.destination), ("snat", open_.source)]  # an address that nobody knows may be the one it was
    fields += [name for name, address in bits if address is not None]
    return all(getattr(open_, name) in {None, getattr(certain, name)} for name in fields)


def no_route(fate: Fate) -> bool:
    """Did the packet end because the node has no route, or no address to redirect to: an unknown node is taken to have these."""
    step = None if fate.trail is None else fate.trail.step
    return isinstance(step, Ended) and ("no route" in step.why.english() or "no address" in step.why.english())


@pytest.mark.parametrize("seed", range(60))
def test_what_a_known_node_does_is_among_what_an_unknown_one_may_do(seed: int) -> None:
    of = case(seed, 4, 5)
    node = known(of.node.json(), of.ipsets)
    assert node is not None
    ground = Ground(node)

    def answer(question: Question) -> bool | None:
        match question.about:
            case ("local", Address() as address):
                return ground.type_of(address) in {LOCAL, ANYCAST}
            case ("broadcast", Address() as address):
                return ground.type_of(address) == BROADCAST
            case ("route_localnet", _):
                return False
        return None

    for certain, open_ in zip(traced(of, node), traced(of, known(None, of.ipsets), answer), strict=True):
        if ground.type_of(certain.packet.destination) == BROADCAST:
            continue  # that an address may be a broadcast address of an unknown node is only asked where a rule asks
        for fate in certain.fates:
            assert no_route(fate) or any(may_be(other, fate) for other in open_.fates), words(fate)


@settings(deadline=None, max_examples=40)
@given(SEEDS, FAMILIES)
def test_no_two_fates_are_alike(seed: int, family: int) -> None:
    for found in traced(case(seed, family)):
        each = [(fate._replace(share=ONE, answers=(), paths=0, trail=None), frozenset(assumed(fate))) for fate in found.fates]

        assert len(each) == len(set(each))


@settings(deadline=None, max_examples=25)
@given(SEEDS, FAMILIES)
def test_an_outline_has_everything_that_may_become_of_a_packet_and_every_question(seed: int, family: int) -> None:
    of = case(seed, family)
    made = Tracer(load(of.dump.encode()).dumps[0])
    for packet, found in zip(of.packets, traced(of), strict=True):
        outline, questions = made.outline(make_packet(packet.json()))

        assert {words(fate) for fate in found.fates} <= {words(fate) for fate in outline.fates}
        assert asked(found) <= {question.text.english() for question in questions}
        assert asked(outline) == set()


def test_there_is_an_outline_where_there_are_too_many_cases() -> None:
    lines = [f"-A INPUT -m tomorrow --number {bit} -j MARK --set-xmark {1 << bit:#x}/{1 << bit:#x}" for bit in range(12)]
    made = Tracer(rules(mangle=lines))
    packet = make_packet(PACKET | {"dst": "255.255.255.255"})
    with pytest.raises(TooManyCasesError, match="more than 1000 cases"):
        made.trace(packet)
    outline, questions = made.outline(packet)

    assert {fate.mark for fate in outline.fates} == set(range(1 << 12))
    assert [question.text.english() for question in questions] == [f"the packet matches -m tomorrow --number {bit}" for bit in range(12)]


@settings(deadline=None, max_examples=15)
@given(SEEDS, FAMILIES)
def test_equal_inputs_give_equal_fates_in_equal_order(seed: int, family: int) -> None:
    first, second = ([list(told(found).items()) for found in traced(case(seed, family))] for _ in range(2))

    assert first == second


PROGRAM = """
from tests.analysis.test_trace_laws import case, traced, told
print([[list(told(found).items()) for found in traced(case(seed, family))] for seed in range(8) for family in (4, 6)])
"""


def test_the_seed_of_pythons_hashes_changes_nothing() -> None:
    outputs = {
        subprocess.run([sys.executable, "-c", PROGRAM], env={"PYTHONHASHSEED": seed}, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        for seed in ("0", "1", "77")
    }

    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


@settings(deadline=None, max_examples=20)
@given(SEEDS, FAMILIES)
def test_one_tracer_traces_many_packets_as_new_ones_do(seed: int, family: int) -> None:
    of = case(seed, family)
    alone = [told(traced(of._replace(packets=(packet,)))[0]) for packet in of.packets]

    assert alone == [told(found) for found in traced(of)]


@settings(deadline=None, max_examples=20)
@given(SEEDS, FAMILIES)
def test_the_way_of_a_fate_goes_down_through_the_base_chains_of_its_tables(seed: int, family: int) -> None:
    of = case(seed, family)
    lines = ["", *of.dump.splitlines()]
    for found in traced(of):
        for fate in found.fates:
            way, cut = steps(fate.trail)

            assert not cut
            for stage in stages(way):
                passed = list(stage.rules())
                base = [rule.line for rule in passed if stage.enters is not None and rule.chain == stage.enters.hook]
                assert base == sorted(set(base))
                assert passed[:1] == [rule for rule in passed[:1] if rule.line in base]
                assert all(f"-A {rule.chain}" in lines[rule.line] for rule in passed)


# ---- nothing that doubles with each rule -------------------------------------------------------------------------------

WITHIN = 8.0
"""Seconds: some ten times of what it takes; what doubles with each rule does not end at all."""


def timed(dump: Dump, **packet: Any) -> Trace:  # noqa: ANN401 - the values of JSON
    begin = time.monotonic()
    found = trace(dump, None, **packet)

    assert time.monotonic() - begin < WITHIN
    return found


def whole(found: Trace) -> Fraction:
    return sum((exact(fate.share) for fate in found.fates), Fraction(0))


def test_a_thousand_endpoints() -> None:
    count = 1000
    ends = [f"10.244.{number // 250}.{number % 250 + 1}" for number in range(count)]
    draws = [f"-m statistic --mode random --probability {1 / (count - number):.11f} " for number in range(count - 1)] + [""]
    nat = [":KUBE-SVC -", *(f":KUBE-SEP-{number} -" for number in range(count)), "-A PREROUTING -d 10.96.0.10/32 -j KUBE-SVC"]
    nat += [f"-A KUBE-SVC {draw}-j KUBE-SEP-{number}" for number, draw in enumerate(draws)]
    for number, end in enumerate(ends):
        nat += [f"-A KUBE-SEP-{number} -s {end}/32 -j MARK --set-xmark 0x4000/0x4000"]
        nat += [f"-A KUBE-SEP-{number} -p tcp -j DNAT --to-destination {end}:8080"]
    known_node = known({"interfaces": {"eth0": {"addrs": ["192.168.0.1/24"]}}, "routes": [["default", "eth0"]]})
    begin = time.monotonic()
    found = trace(rules(nat=nat, filter=["-A FORWARD -d 10.244.0.0/16 -j ACCEPT"]), known_node, dst="10.96.0.10")

    assert time.monotonic() - begin < WITHIN
    assert {str(fate.destination) for fate in found.fates} == set(ends)
    assert whole(found) == 1
    assert max(abs(exact(fate.share) * count - 1) for fate in found.fates) < Fraction(1, 1000)


def test_forty_random_rules_in_a_row() -> None:
    half = "-m statistic --mode random --probability 0.50000000000"
    found = timed(rules(filter=[":A -", *[f"-A OUTPUT {half} -j A"] * 40, "-A A -j LOG", f"-A OUTPUT {half} -j DROP"]), iif=None)
    sums = {question: sum(under(found, {question: True}).values()) for question in asked(found)}

    assert set(sums.values()) == {1}
    assert len(found.fates) == 3  # dropped, local, sent
    assert max(fate.paths for fate in found.fates) >= 1 << 40


def test_random_rules_that_each_set_another_mark_are_too_many_cases() -> None:
    half = "-m statistic --mode random --probability 0.50000000000"
    lines = [f"-A INPUT {half} -j MARK --set-xmark {1 << bit:#x}/{1 << bit:#x}" for bit in range(31)]

    with pytest.raises(TooManyCasesError, match="more than"):
        trace(rules(mangle=lines), known({"interfaces": {"eth0": {"addrs": ["198.51.100.77/24"]}}}))


UNKNOWN = {
    "limits": "-m limit --limit {}/min",
    "sets": "-m set --match-set S{} src",
    "lists": "-m recent --rcheck --name L{} --rsource",
    "matches of tomorrow": "-m tomorrow --number {}",
}


@pytest.mark.parametrize("match", UNKNOWN.values(), ids=UNKNOWN)
def test_forty_unknown_matches_that_only_log(match: str) -> None:
    lines = [f"-A FORWARD {match.format(number + 1)} -j LOG" for number in range(40)]
    found = timed(rules(filter=lines))

    assert asked(found) == {"198.51.100.77 is an address of this node"}
    assert len(found.fates) == 2


def test_forty_unknown_matches_that_call_a_chain_which_does_nothing() -> None:
    lines = [
        ":A -",
        *(f"-A FORWARD -m set --match-set S{number} src -j A" for number in range(40)),
        "-A A -p udp -j DROP",
        "-A A -j RETURN",
    ]

    assert len(timed(rules(filter=lines)).fates) == 2


def test_forty_unknown_matches_each_of_which_ends_it_ask_one_after_the_other() -> None:
    lines = [f"-A OUTPUT -m set --match-set S{number} src -j DROP" for number in range(40)]
    found = timed(rules(filter=lines), iif=None)
    dropped = [assumed(fate) for fate in found.fates if fate.outcome == "dropped"]

    assert len(dropped) == 40  # whether the destination is an address of the node makes no difference
    assert [len(answers) for answers in dropped] == list(range(1, 41))


def doubled(count: int, rule: str, last: Iterable[str]) -> Dump:
    """Chains each of which calls the next one twice."""
    chains = [f"C{number}" for number in range(count)]
    calls = [f"-A {one} {rule.format(two)}" for one, two in itertools.pairwise(chains) for _ in range(2)]
    return rules(filter=[*(f":{chain} -" for chain in chains), "-A OUTPUT -j C0", *calls, *(f"-A {chains[-1]} {said}" for said in last)])


DOUBLED = {
    "plain": ("-j {}", ["-j LOG"]),
    "by chance": ("-m statistic --mode random --probability 0.30000000000 -j {}", ["-j LOG"]),
    "under one condition": ("-p tcp -j {}", ["-m mark --mark 0x1 -j DROP"]),
    "unknown, once each": ("-m set --match-set S src -j {}", ["-j LOG"]),
    "with a goto at the end": ("-j {}", ["-j LOG", "-m set --match-set S src -g C199", "-j MARK --set-xmark 0x1/0x1"]),
}


@pytest.mark.parametrize(("rule", "last"), DOUBLED.values(), ids=DOUBLED)
def test_two_hundred_chains_that_call_each_other_twice(rule: str, last: list[str]) -> None:
    found = timed(doubled(199, rule, last), iif=None)

    for world in worlds(found):
        assert sum(under(found, world).values()) == 1


def test_so_many_ways_are_told_in_part() -> None:
    (fate,) = trace(doubled(199, "-j {}", ["-j LOG"]), None, iif=None, dst="127.0.0.1").fates
    way, cut = steps(fate.trail)

    assert cut
    assert len(way) < 1100
    assert fate.paths == 1  # each of the 2^198 calls is made, one behind the other: there is no other way


def test_a_draw_at_each_of_ever_more_calls_is_too_many() -> None:
    half = "-m statistic --mode random --probability 0.30000000000"

    with pytest.raises(TooManyCasesError, match="more than 1048576 binary digits"):
        trace(doubled(199, "-j {}", [f"{half} -j DROP"]), None, iif=None, dst="127.0.0.1")
