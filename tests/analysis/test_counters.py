"""Counters: chi-square against published quantiles and integration, verdicts for small tables, and real traffic of the fixtures."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.analysis.counters import (
    FEWEST,
    LEVEL,
    Judged,
    NotJudged,
    Observed,
    Packets,
    Reason,
    chi_square_tail,
    has_counters,
    observed,
)
from iptexplain.analysis.service_port import Endpoint
from iptexplain.analysis.services import services
from iptexplain.api import load
from iptexplain.model.share import Share
from tests.checkout import ROOT
from tests.command import FIXTURES
from tests.dumps import ruleset, table

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Table

COUNTED = [dump for dump in FIXTURES if ".counters." in dump]
SERVICE = "KUBE-SVC-AAAAAAAAAAAAAAAA"
OTHER = "KUBE-SVL-AAAAAAAAAAAAAAAA"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
EVEN = Share(1, 0)
ROUNDING = 1e-11


def sep(number: int) -> str:
    """The chain of an endpoint."""
    return f"KUBE-SEP-{LETTERS[number // 32]}{LETTERS[number % 32] * 15}"


def way(number: int, packets: int | None, *, chain: str = SERVICE, match: str = "") -> str:
    """A rule that leads to the chain of an endpoint."""
    counters = "" if packets is None else f"[{packets}:{packets}] "
    return f"{counters}-A {chain} {match}-j {sep(number)}"


def nat(*lines: str) -> Table:
    """A nat table with these rules."""
    return table(lines, [SERVICE, OTHER, "KUBE-MARK-MASQ", *(sep(number) for number in range(64))], name="nat")


def endpoints(*shares: Share | None) -> list[Endpoint]:
    return [Endpoint(f"10.0.0.{n}:80", share, None, sep(n), 0) for n, share in enumerate(shares)]


def seen(*packets: int, shares: tuple[Share | None, ...] | None = None, affinity: bool = False) -> Observed | None:
    """What is observed when these packets went to endpoints with these shares (None: all have the same)."""
    lines = [way(number, count) for number, count in enumerate(packets)]
    return observed(nat(*lines), endpoints(*(shares or [EVEN] * len(packets))), [SERVICE], affinity=affinity)


def judged(*packets: int, shares: tuple[Share | None, ...] | None = None) -> Judged:
    found = seen(*packets, shares=shares)
    assert found is not None
    assert isinstance(found.verdict, Judged)
    return found.verdict


def reason(found: Observed | None) -> Reason | None:
    return found.verdict.reason if found is not None and isinstance(found.verdict, NotJudged) else None


def integrated(statistic: float, freedom: int, steps: int = 4000) -> float:
    """The same chance by Simpson's rule over the density of the root of the statistic, which has no pole at 0."""
    begin = math.sqrt(statistic)
    width = (max(begin, math.sqrt(freedom)) + 12 - begin) / steps
    scale = (1 - freedom / 2) * math.log(2) - math.lgamma(freedom / 2)

    def density(root: float) -> float:
        if not root:
            return math.exp(scale) if freedom == 1 else 0.0
        return math.exp(scale + (freedom - 1) * math.log(root) - root * root / 2)

    weights = [1, *[4, 2] * (steps // 2 - 1), 4, 1]
    return width / 3 * math.fsum(weight * density(begin + width * at) for at, weight in enumerate(weights))


@pytest.mark.parametrize(
    ("statistic", "freedom", "chance"),
    [
        (2.706, 1, 0.1),
        (3.841, 1, 0.05),
        (10.828, 1, 0.001),
        (5.991, 2, 0.05),
        (7.815, 3, 0.05),
        (0.711, 4, 0.95),
        (18.307, 10, 0.05),
        (29.588, 10, 0.001),
        (3.940, 10, 0.95),
        (43.773, 30, 0.05),
        (124.342, 100, 0.05),
        (149.449, 100, 0.001),
        (77.929, 100, 0.95),
    ],
)
def test_the_tail_of_chi_square_is_that_of_the_published_tables(statistic: float, freedom: int, chance: float) -> None:
    assert chance == pytest.approx(chi_square_tail(statistic, freedom), rel=1e-3)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 10, 11, 99, 100, 1001, 4999, 5000])
@pytest.mark.parametrize("ratio", [0.0, 0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 5.0])
def test_the_tail_of_chi_square_is_the_integral_of_its_density(ratio: float, freedom: int) -> None:
    assert integrated(ratio * freedom, freedom) == pytest.approx(chi_square_tail(ratio * freedom, freedom), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("freedom", [1, 2, 3, 50, 51, 4999, 5000])
def test_the_tail_of_chi_square_falls_from_one_to_nothing(freedom: int) -> None:
    chances = [chi_square_tail(statistic, freedom) for statistic in (0, 1e-300, *(freedom * n / 20 for n in range(1, 60)), 1e6, 1e300)]

    assert chances[0] == 1.0
    assert chances[-1] == 0.0
    assert all(later <= earlier + ROUNDING for earlier, later in pairwise(chances))


@given(st.floats(0, 1e9), st.integers(1, 4999))
def test_the_tail_of_chi_square_grows_with_the_degrees_of_freedom(statistic: float, freedom: int) -> None:
    less, more = chi_square_tail(statistic, freedom), chi_square_tail(statistic, freedom + 1)

    assert 0 <= less <= more + ROUNDING <= 1 + ROUNDING


def test_far_out_in_the_tail_the_chance_is_still_right() -> None:
    assert math.exp(-300) == pytest.approx(chi_square_tail(600, 2), rel=1e-12)
    assert math.erfc(math.sqrt(300)) == pytest.approx(chi_square_tail(600, 1), rel=1e-12)


def test_a_table_has_counters_if_its_rules_have() -> None:
    assert has_counters(nat(way(0, 5)))
    assert not has_counters(nat(way(0, None)))
    assert not has_counters(nat())


def test_packets_are_told_in_the_order_of_the_endpoints() -> None:
    found = observed(nat(way(2, 30), way(0, 10), way(1, 20)), endpoints(EVEN, EVEN, EVEN), [SERVICE], affinity=False)

    assert found is not None
    assert found.packets == (10, 20, 30)
    assert found.total == 60


def test_all_rules_of_all_chains_that_lead_to_an_endpoint_count() -> None:
    known = "-m recent --rcheck --seconds 10800 --reap --name X --mask 255.255.255.255 --rsource "
    lines = (way(0, 7, match=known), way(0, 1), way(1, 2), way(0, 10, chain=OTHER), way(1, 20, chain=OTHER))
    both = observed(nat(*lines), endpoints(EVEN, EVEN), [SERVICE, OTHER], affinity=True)
    one = observed(nat(*lines), endpoints(EVEN, EVEN), [SERVICE], affinity=True)

    assert both is not None
    assert one is not None
    assert both.packets == (18, 22)
    assert one.packets == (8, 2)


def test_rules_that_lead_elsewhere_do_not_count() -> None:
    lines = (f"[100:6000] -A {SERVICE} -j KUBE-MARK-MASQ", f"[100:6000] -A {SERVICE}", way(0, 3), way(1, 4))
    found = observed(nat(*lines), endpoints(EVEN, EVEN), [SERVICE], affinity=False)

    assert found is not None
    assert found.packets == (3, 4)


def test_nothing_is_told_without_counters() -> None:
    two = endpoints(EVEN, EVEN)

    assert observed(nat(way(0, None), way(1, None)), two, [SERVICE], affinity=False) is None
    assert observed(nat(way(0, 5), way(1, None)), two, [SERVICE], affinity=False) is None


def test_nothing_is_told_of_no_endpoints() -> None:
    assert observed(nat(way(0, 5)), [], [SERVICE], affinity=False) is None


def test_nothing_is_told_where_the_packets_of_an_endpoint_are_not_known() -> None:
    lines = way(0, 5), way(1, 5)
    one, two, three = endpoints(EVEN, EVEN, EVEN)

    assert observed(nat(*lines), [one, two, three], [SERVICE], affinity=False) is None  # no rule leads to it
    assert observed(nat(*lines), [one, two._replace(chain=one.chain)], [SERVICE], affinity=False) is None  # two in one chain
    assert observed(nat(*lines), [one], [SERVICE], affinity=False) is None  # another endpoint got some, too
    assert observed(nat(way(0, 5), way(1, 0)), [one], [SERVICE], affinity=False) is not None  # it got none
    assert observed(nat(*lines), [one, two], [OTHER], affinity=False) is None


def test_shares_as_expected_fit() -> None:
    assert Judged(0.0, 2, 1.0) == judged(1000, 1000, 1000)
    assert judged(981, 1035, 984).fits


def test_an_endpoint_that_gets_too_little_makes_them_differ() -> None:
    verdict = judged(1000, 1000, 500)

    assert not verdict.fits
    assert pytest.approx(verdict.statistic) == 200.0
    assert chi_square_tail(200.0, 2) == pytest.approx(verdict.p_value)


def test_unequal_shares_are_expected_where_the_rules_say_so() -> None:
    assert judged(500, 250, 250, shares=(Share(1, 1), Share(1, 2), Share(1, 2))).fits
    assert not judged(334, 333, 333, shares=(Share(1, 1), Share(1, 2), Share(1, 2))).fits


@pytest.mark.parametrize("exponent", [2, 8, 1060])
def test_what_gets_past_all_endpoints_is_not_expected_at_any(exponent: int) -> None:
    assert Judged(0.0, 1, 1.0) == judged(1000, 1000, shares=(Share(1, exponent), Share(1, exponent)))


def test_the_verdict_changes_at_the_level() -> None:
    assert Judged(1.0, 1, LEVEL).fits
    assert not Judged(1.0, 1, LEVEL * 0.999).fits


def test_one_endpoint_is_not_judged() -> None:
    assert Reason.ONE is reason(seen(1000))


def test_session_affinity_is_not_judged() -> None:
    assert Reason.AFFINITY is reason(seen(1000, 10, affinity=True))


def test_a_share_that_is_not_known_is_not_judged() -> None:
    assert Reason.UNKNOWN is reason(seen(1000, 1000, shares=(Share(1, 1), None)))
    assert Reason.UNKNOWN is reason(seen(1000, 1000, shares=(Share(0, 0), Share(0, 0))))


def test_few_packets_are_not_judged() -> None:
    assert Reason.FEW is reason(seen(0, 0, 0))
    assert Reason.FEW is reason(seen(2 * FEWEST - 1, 0))
    assert Judged(10.0, 1, chi_square_tail(10.0, 1)) == judged(2 * FEWEST, 0)


def test_endpoints_with_few_expected_packets_are_judged_together() -> None:
    assert judged(*[2] * 30).freedom == 9  # three of 2 make a cell of 6
    assert judged(*[2] * 32).freedom == 9  # what is left over goes into the last cell
    assert judged(*[5] * 30).freedom == 29


def test_the_smallest_shares_are_put_together() -> None:
    shares = (Share(1, 1), Share(1, 7), Share(1, 2), Share(1, 7), Share(15, 6))  # of 320: 160, 2.5, 80, 2.5, 75

    assert judged(160, 3, 80, 2, 75, shares=shares).freedom == 3
    assert judged(160, 5, 80, 0, 75, shares=shares).statistic == 0.0


def test_many_endpoints_of_which_half_get_nothing_differ_though_few_are_expected_at_each() -> None:
    assert judged(*[3] * 60).fits
    assert not judged(*[6] * 30, *[0] * 30).fits


@given(st.lists(st.integers(0, 10**20 - 1), min_size=1, max_size=40))
def test_any_counters_give_a_finite_verdict(packets: list[int]) -> None:
    found = seen(*packets)

    assert found is not None
    assert tuple(packets) == found.packets
    if isinstance(found.verdict, Judged):
        assert math.isfinite(found.verdict.statistic)
        assert 0 <= found.verdict.p_value <= 1
        assert 0 < found.verdict.freedom < len(packets)


def test_a_thousand_services_that_draw_as_they_should_raise_no_alarm() -> None:
    chance = random.Random(31)  # noqa: S311 - a simulation
    for _ in range(1000):
        count = chance.randint(2, 8)
        drawn = [chance.randrange(count) for _ in range(chance.randint(10, 60))]
        verdict = seen(*[drawn.count(number) for number in range(count)])
        assert verdict is not None
        assert isinstance(verdict.verdict, NotJudged) or verdict.verdict.fits


@pytest.mark.parametrize("dump", COUNTED)
def test_three_thousand_real_connections_fit(dump: str) -> None:
    (found,) = services(load(ROOT / dump))
    (port,) = found.ports
    table = found.dump.table("nat")
    assert table is not None
    counted = observed(table, port.endpoint_sets["cluster"], port.chains, affinity=False)

    assert counted is not None
    assert counted.total == 3000
    assert all(count > 900 for count in counted.packets)
    assert isinstance(counted.verdict, Judged)
    assert counted.verdict.fits


def test_there_are_counters_of_real_connections_to_judge() -> None:
    assert len(COUNTED) == 4


def test_the_packets_of_a_rule_are_found_by_its_line() -> None:
    counted = nat(way(0, 5), f"[7:420] -A {SERVICE} -j REJECT", f"[0:0] -A {SERVICE} -j DROP")
    rules, packets = counted.rules, Packets(counted)

    assert [packets.at(rule.line) for rule in rules] == [5, 7, 0]
    assert packets.at(rules[0].line - 1) is None
    assert packets.at(rules[2].line + 1) is None
    assert packets.at(0) is None


def test_the_packets_of_a_rule_are_found_between_lines_that_are_no_rules() -> None:
    (dump,) = ruleset(
        "*filter", ":INPUT ACCEPT [0:0]", "[3:180] -A INPUT -j DROP", "# a remark", "[4:240] -A INPUT -j DROP", "COMMIT"
    ).dumps
    packets = Packets(dump.tables[0])

    assert [packets.at(line) for line in range(2, 7)] == [None, 3, None, 4, None]


def test_the_packets_of_a_rule_are_not_told_where_a_whole_dump_stands_in_one_line() -> None:
    lines = ("*filter", ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", "[3:180] -A INPUT -j DROP", "[4:240] -A FORWARD -j DROP", "COMMIT")
    (dump,) = ruleset(r"\n".join(lines) + r"\n").dumps

    assert [rule.line for rule in dump.tables[0].rules] == [1, 1]
    assert Packets(dump.tables[0]).at(1) is None


def test_a_rule_without_counters_has_counted_nothing_that_is_known() -> None:
    without = Packets(nat(way(0, None)))
    mixed = nat(way(0, 5), way(1, None))
    line = mixed.rules[1].line

    assert [without.at(line) for line in range(100)] == [None] * 100
    assert Packets(mixed).at(line) is None
