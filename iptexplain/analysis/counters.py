"""What `iptables-save -c` has counted: how connections spread over the endpoints of a Service, and how often a single rule was met.

In nat a counter counts connections: the kernel shows nat only the first packet of each (`nf_nat_inet_fn` in net/netfilter/nf_nat_core.c).
A first packet that is sent again counts again if the one before it was dropped. All rules of a Service's chain have counted for equally
long: kube-proxy writes a chain as a whole (`iptables-restore --noflush`), and then each of them begins at 0. So this tells of the time
since the chain was written last: up to 1.26 that is at every sync, since then when the Service changed (MinimizeIPTablesRestore).

Says nothing of a dump without counters, and nothing where the rules do not lead to the endpoints one to one. Rests on draws that do not
depend on each other (`xt_statistic`).
"""

from __future__ import annotations

import math
from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING

from iptexplain.model.ruleset import Rule
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iptexplain.analysis.service_port import Endpoint
    from iptexplain.model.ruleset import Table

LEVEL = 1e-5
"""Below this p-value the observed shares differ from the expected ones.

A page with 1,000 Services that all draw as they should then shows a difference once in a hundred times. Where something is wrong, a few
hundred connections give a far smaller p-value. With the fewest packets that are judged the approximation is too small in its tail: the
chance of a false alarm is up to 2.5 times the level for equal shares (computed exactly for 2 to 12 endpoints), and some twenty times for
very unequal ones, which kube-proxy does not write.
"""

FEWEST = 5
"""So many packets have to be expected in each cell: the usual rule for Pearson's chi-square (see Cochran, Biometrics 10, 1954)."""


class Reason(Enum):
    """Why there is no verdict.

    `AFFINITY`: a client comes back to its endpoint without a draw. `FEW`: too few packets to fill two cells. `ONE`: there is only one
    endpoint. `UNKNOWN`: the dump does not tell the expected share of an endpoint.
    """

    AFFINITY = "affinity"
    FEW = "few"
    ONE = "one"
    UNKNOWN = "unknown"


class Judged(NamedTuple):
    """What Pearson's chi-square test says: the statistic, its degrees of freedom, and the chance of one at least so large."""

    statistic: float
    freedom: int
    p_value: float

    @property
    def fits(self) -> bool:
        """Are the observed shares such as the expected ones bring about."""
        return self.p_value >= LEVEL


class NotJudged(NamedTuple):
    """There is no verdict."""

    reason: Reason


Verdict = Judged | NotJudged


class Observed(NamedTuple):
    """The packets that went to each endpoint of a set, in the order of the endpoints, and whether their shares fit the expected ones."""

    packets: tuple[int, ...]
    verdict: Verdict

    @property
    def total(self) -> int:
        """The packets that went to any of them."""
        return sum(self.packets)


def has_counters(table: Table) -> bool:
    """Was the table saved with `-c`. Looks at its first rule only: iptables-save gives counters to all rules or to none."""
    return len(table.rules) > 0 and table.rules.shape(0).counters is not None


def observed(nat: Table, endpoints: Sequence[Endpoint], chains: Sequence[str], *, affinity: bool) -> Observed | None:
    """What went to each endpoint of one set through `chains`, the Service's own chains that spread traffic over this set.

    None without counters, without endpoints, or where the packets of an endpoint cannot be told: no rule of the chains jumps to its chain,
    or its chain is that of another endpoint too, or packets went on to the chain of an endpoint that is not in the set.
    """
    if not endpoints or not has_counters(nat):
        return None
    names = [endpoint.chain for endpoint in endpoints]
    wanted = set(names)
    if len(wanted) < len(names):
        return None
    into = _packets_into(nat, chains, wanted)
    if into is None or not wanted <= into.keys() or any(packets for name, packets in into.items() if name not in wanted):
        return None
    packets = tuple([into[name] for name in names])
    return Observed(packets, _verdict(packets, endpoints, affinity=affinity))


def _packets_into(nat: Table, chains: Sequence[str], wanted: Collection[str]) -> dict[str, int] | None:
    """The packets that rules of some chains sent to each chain that is wanted or an endpoint's; None if such a rule has no counters."""
    rules = nat.rules
    found: dict[str, int] = {}
    for chain in chains:
        places = nat.places_of(chain)
        for place, shape, values in zip(places, rules.shapes_of(places), rules.values_of(places), strict=True):
            rule = Rule(shape, values, rules.line(place), place)  # not `rules_of`: that would keep the rules of all Services
            name, counters = rule.target_name, rule.counters
            if name is None or not (name in wanted or ENDPOINT_CHAIN.match(name)):
                continue
            if counters is None:
                return None
            found[name] = found.get(name, 0) + counters.packets
    return found


def _verdict(packets: Sequence[int], endpoints: Sequence[Endpoint], *, affinity: bool) -> Verdict:
    if len(endpoints) == 1:
        return NotJudged(Reason.ONE)
    if affinity:
        return NotJudged(Reason.AFFINITY)
    shares = [float(endpoint.share) for endpoint in endpoints if endpoint.share is not None]
    if len(shares) < len(endpoints) or not any(shares):
        return NotJudged(Reason.UNKNOWN)
    return _compared(packets, shares)


def _compared(packets: Sequence[int], shares: Sequence[float]) -> Verdict:
    """Pearson's chi-square test of packets against shares. Shares that do not sum up to 1 are scaled: what got past all is not counted.

    Endpoints of which fewer than `FEWEST` packets are expected are put together until the cell is large enough, beginning with the smallest
    shares; what is left over goes into the last cell. The cells depend on the shares and on the total, never on which endpoint got what, so
    the test stays right; with many endpoints and few packets it only sees what whole cells have in common.
    """
    total, whole = sum(packets), math.fsum(shares)
    cells: list[tuple[int, float]] = []
    seen, expected = 0, 0.0
    for share, count in sorted(zip(shares, packets, strict=True), key=itemgetter(0)):
        seen, expected = seen + count, expected + total * (share / whole)
        if expected >= FEWEST:
            cells.append((seen, expected))
            seen, expected = 0, 0.0
    if cells:
        last = cells.pop()
        cells.append((last[0] + seen, last[1] + expected))
    freedom = len(cells) - 1
    if freedom < 1:
        return NotJudged(Reason.FEW)
    statistic = math.fsum([(seen - expected) ** 2 / expected for seen, expected in cells])
    return Judged(statistic, freedom, chi_square_tail(statistic, freedom))


def chi_square_tail(statistic: float, freedom: int) -> float:
    """The chance that a chi-square variable with `freedom` ≥ 1 degrees of freedom is at least `statistic` ≥ 0 (finite).

    For whole degrees of freedom it is a finite sum (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.4.4 and 26.4.5):
    with h half the statistic, Σ hʲ e⁻ʰ / Γ(j + 1) for j from 0 (or ½ behind erfc √h, if `freedom` is odd) up to freedom/2 - 1. Each term is
    a chance, hence at most 1; it is computed from its logarithm, so its factors cannot overflow.
    """
    half = statistic / 2
    if not half:
        return 1.0
    odd = freedom % 2
    first, log = odd / 2, math.log(half)
    terms = [math.exp(j * log - half - math.lgamma(j + 1)) for j in [first + n for n in range((freedom - odd) // 2)]]
    return min(1.0, math.fsum([math.erfc(math.sqrt(half)) if odd else 0.0, *terms]))


class Packets:
    """The packets that single rules of a table have counted, found by their lines."""

    __slots__ = ("_lines", "_places", "_rules")

    def __init__(self, table: Table) -> None:
        """Takes time only for a table with counters whose rules do not stand on lines in a row."""
        self._rules = table.rules
        lines = table.rules.lines_of(range(len(table.rules))) if has_counters(table) else range(0)
        self._lines = lines if isinstance(lines, range) else range(0)
        self._places: dict[int, int | None] = {}
        if lines is not self._lines:
            for place, line in enumerate(lines):
                self._places[line] = None if line in self._places else place

    def at(self, line: int) -> int | None:
        """The packets of the rule in a line of the user's input.

        None without counters, if no rule of the table stands there, or if several do (a whole dump in one line of a log).

        For a rule of kube-proxy's in filter they are attempts to open a connection: kube-proxy sends only new connections through its
        chains there (`--ctstate NEW`), and what is refused stays new, so every repeated first packet counts.
        """
        place = self._lines.index(line) if line in self._lines else self._places.get(line)
        if place is None:
            return None
        found = self._rules[place].counters
        return None if found is None else found.packets
