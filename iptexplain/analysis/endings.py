"""How packets to a Service end, put together: many ways of one source are one answer, many rules that choose an endpoint one share."""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from iptexplain.analysis.service_port import CLUSTER, DNAT, UNKNOWN, Answer, Endpoint
from iptexplain.extensions import binding
from iptexplain.extensions.matches.statistic import Statistic
from iptexplain.model.matching import Broken, Opaque, Question, Queue
from iptexplain.model.share import ONE, Share
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

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
    lone = repeat(object=False, times=len(to))
    endpoints = list(map(_ENDPOINT, zip(to, shares, spread.thresholds, chains, lines, recovered, lone, strict=True)))
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
    name = effect.name if isinstance(effect, Opaque) else "NFQUEUE" if isinstance(effect, Queue) else str(effect)
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
        known = {end.answer.masquerade for end in ends if end.answer.action == DNAT}
        masquerade = known.pop() if sure and len(known) == 1 else None
        return Answer(UNKNOWN, None, masquerade, depends_on=tuple(reasons), unknown_share=lost if sure else None)
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


def set_name(chains: Sequence[str], own: Collection[str]) -> tuple[str | None, str | None]:
    """Which endpoint set a path has come through (None if it is none of this Service's), and the hash of another Service that chose.

    `chains` are those that the path has come through, the last ones first: the one that chose the endpoint tells whose traffic it is; what
    was entered before may have been left again. `own` are the hashes of the Service port.
    """
    kinds = [found for chain in chains if (found := SERVICE_CHAIN.match(chain))]
    if kinds and kinds[0][2] not in own:
        return None, kinds[0][2]
    name = next((layout.ENDPOINT_SET[kind[1]] for kind in kinds if kind[1] in layout.ENDPOINT_SET), None)
    return CLUSTER if name is None and any(map(ENDPOINT_CHAIN.match, chains)) else name, None


Answers = tuple[tuple[Question, bool], ...]
"""The answers to questions under which something holds."""

_MOST_WORLDS = 64
"""With more ways to answer, no share is told."""


def in_all_worlds(worlds: Mapping[Answers, Mapping[str, Mapping[str, Endpoint]]]) -> dict[str, dict[str, Endpoint]]:
    """The endpoint sets of one source, given what is reached under each of some answers; a share is told if it is the same under all.

    A world with few answers is a part of those that say more. Where no endpoint is reached at all, that is no other share.
    """
    if len(worlds) == 1:
        return {name: dict(endpoints) for sets in worlds.values() for name, endpoints in sets.items()}
    whole = [answers for answers in worlds if not any(set(answers) < set(other) for other in worlds)]
    parts = [[sets for answers, sets in worlds.items() if set(answers) <= set(most)] for most in whole]
    found: dict[str, dict[str, Endpoint]] = {}
    for name in dict.fromkeys(name for sets in worlds.values() for name in sets):
        under: list[dict[str, Endpoint]] = []
        for part in parts:
            ends: dict[str, Endpoint] = {}
            for endpoint in (endpoint for sets in part for endpoint in sets.get(name, {}).values()):
                enter(ends, endpoint)
            if ends:
                under.append(ends)
        every = {to: end for ends in reversed(under) for to, end in ends.items()}
        told = len(under) <= _MOST_WORLDS
        found[name] = {
            to: end if told and all(to in ends and ends[to].share == end.share for ends in under) else end._replace(share=None)
            for to, end in every.items()
        }
    return found


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
