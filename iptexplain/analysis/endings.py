"""How packets to a Service end, put together: many ways of one source are one answer, many rules that choose an endpoint one share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from iptexplain.analysis.service_port import CLUSTER, DNAT, UNKNOWN, Answer, Endpoint
from iptexplain.extensions import binding
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.matching import Broken, Opaque
from iptexplain.model.share import ONE, Share
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from iptexplain.analysis.spread import Spread
    from iptexplain.analysis.walk import Path
    from iptexplain.model.ruleset import Rule


class End(NamedTuple):
    """One way in which a packet ends, as a bare answer; `spread` where all packets of the source end in that spread."""

    answer: Answer
    path: Path
    spread: Spread | None = None


def enter_spread(known: dict[str, Endpoint], spread: Spread, weight: Share) -> None:
    """Enters the endpoints of a spread into their set."""
    shares = spread.shares if weight == ONE else [weight.times(*share) for share in spread.shares]
    to, chains, _, lines, _, _, recovered = zip(*spread.ends, strict=True)
    endpoints = list(map(_ENDPOINT, zip(to, shares, spread.thresholds, chains, lines, recovered, strict=True)))
    if known or len(set(to)) < len(to):
        for endpoint in endpoints:
            enter(known, endpoint)
    else:
        known.update(zip(to, endpoints, strict=True))


_ENDPOINT: Callable[[tuple[object, ...]], Endpoint] = partial(tuple.__new__, Endpoint)
"""`Endpoint._make` without its Python frame, for a hundred thousand of them."""


def enter(known: dict[str, Endpoint], endpoint: Endpoint) -> None:
    """Enters one endpoint; one that several rules choose has the sum of their shares."""
    to = endpoint.address
    other = known.get(to)
    if other is None or other.share is None or endpoint.share is None:
        known.setdefault(to, endpoint)
    else:
        known[to] = other._replace(share=other.share.plus(endpoint.share).reduced())


def unknown(effect: object) -> Answer:
    """The answer where the walk cannot go on."""
    if isinstance(effect, Broken):
        return Answer(UNKNOWN, depends_on=(effect.what,))
    name = effect.name if isinstance(effect, Opaque) else str(effect)
    return Answer(UNKNOWN, depends_on=(message("what target {target} does is not known", target=name),))


def judge(ends: Sequence[End]) -> Answer:
    """One answer for all the ways in which packets of one source end."""
    kinds = dict.fromkeys(end.answer for end in ends)
    if len(kinds) == 1:
        return ends[0].answer
    reasons = dict.fromkeys(reason for kind in kinds for reason in kind.depends_on)
    if reasons:
        lost = _total([end.path.weight for end in ends if end.answer.depends_on]).reduced()
        sure = lost != ONE and not any(end.path.answers for end in ends)
        return Answer(UNKNOWN, depends_on=tuple(reasons), unknown_share=lost if sure else None)
    answers = dict.fromkeys(answer for end in ends for answer in end.path.answers)
    if answers:
        return Answer(
            UNKNOWN,
            depends_on=tuple(
                message("it depends on whether {what}", what=question.text) for question in dict.fromkeys(q for q, _ in answers)
            ),
        )
    served = [kind for kind in kinds if kind.action == DNAT]
    main = next((kind for kind in served if kind.taken_by is None), served[0] if served else next(iter(kinds)))
    rest = [end.path.weight for end in ends if (end.answer.action, end.answer.taken_by) != (main.action, main.taken_by)]
    if main.action == DNAT:
        main = main._replace(masquerade=all(kind.masquerade for kind in served if kind.taken_by == main.taken_by))
    return main._replace(falls_through=_total(rest).reduced() if rest else None)


def set_name(chains: Sequence[str], last: str, own: Collection[str]) -> tuple[str | None, str | None]:
    """Which endpoint set a path has come through (None if it is none of this Service's), and the hash of another Service that it led to.

    `chains` are those that the path has come through, the last ones first; `last` is the one that translates, `own` are the hashes of the
    Service port.
    """
    kinds = [found for chain in chains if (found := SERVICE_CHAIN.match(chain))]
    other = next((kind[2] for kind in kinds if kind[2] not in own), None)
    if other is not None:
        return None, other
    name = next((layout.ENDPOINT_SET[kind[1]] for kind in kinds if kind[1] in layout.ENDPOINT_SET), None)
    return CLUSTER if name is None and ENDPOINT_CHAIN.match(last) else name, None


def threshold(rule: Rule) -> int | None:
    """The k of k/2³¹ with which a rule draws, None if it draws nothing."""
    for match in binding.matches(rule):
        if isinstance(match, Statistic):
            return match.threshold
    return None


def less(share: Share, past: Share) -> Share:
    """The part of a share that does not get past."""
    return share if not past.numerator else share.times((1 << past.exponent) - past.numerator, past.exponent)


def _total(shares: Sequence[Share]) -> Share:
    total = Share(0, 0)
    for share in shares:
        total = total.plus(share)
    return total
