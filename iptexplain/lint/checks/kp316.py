"""The chains of one Service do not agree on session affinity.

## What it does

With `sessionAffinity: ClientIP` each chain of a Service that chooses endpoints (`KUBE-SVC-…`, `KUBE-SVL-…`) has a rule for each endpoint
that asks whether the client is bound to it (`recent --rcheck --seconds 10800`). The check looks for a Service whose rules have different
times, for one with affinity in one chain and none in another, and for an endpoint that is chosen, but lacks such a rule.

## Why it matters

Session affinity and its time are set for the whole Service. Where the rules differ, a client stays with its Pod by one way (the cluster IP)
and not by another (the node port), or it is bound to some Pods and not to others. kube-proxy does not write that: the rules were changed,
or only a part of them was replaced.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-HZVZGM4N576VDS2S -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVL-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

Restart kube-proxy, so that it writes all chains of the Service anew.

## Limits

Chains that no rule leads to are leftovers and not looked at. Ports of one Service are looked at each by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.matches.recent import Recent
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.choices import choices, destinations
from iptexplain.lint.common.whose import service_of
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.common.choices import Choice, Way
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table
    from iptexplain.source import Message


class _Bound(NamedTuple):
    """A rule for bound clients, and for how long they are."""

    choice: Choice
    way: Way
    seconds: int | None


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None or not _any_recent(nat):
        return
    led_to = subject.jumps("nat")
    of_service: dict[str, list[Choice]] = {}
    for choice in choices(subject):
        kind = SERVICE_CHAIN.match(choice.chain)
        if kind and choice.chain in led_to:
            of_service.setdefault(kind[2], []).append(choice)
    for hash_, found in of_service.items():
        bound = [_Bound(choice, way, _seconds(nat, way)) for choice in found for way in choice.ways if way.list is not None]
        if bound:
            yield from _disagreements(subject, nat, hash_, found, bound)


def _disagreements(subject: Subject, nat: Table, hash_: str, found: list[Choice], bound: list[_Bound]) -> Iterator[Hit]:
    """What does not agree in the chains of one Service port, some rules of which are for bound clients."""
    first = bound[0]
    service = service_of(subject, first.choice.chain)
    related = (Related(nat.rules.line(first.way.place), message("the rule that it does not agree with")),)
    other = next((one for one in bound if one.seconds != first.seconds), None)
    if other is not None:
        what = message(
            "clients of {service} stay with their Pod for {time} by a rule of {chain}, and for {different} by one of {other}:"
            " some lose their session early",
            service=service,
            time=_said(other),
            chain=other.choice.chain,
            different=_said(first),
            other=first.choice.chain,
        )
        yield Hit(nat.rules.line(other.way.place), what, (hash_, "seconds"), related=related)
    for choice in found:
        listed = {one.way.to for one in bound if one.choice is choice}
        free = next((way for way in choice.drawn if way.to not in listed), None)
        if free is None:
            continue
        if listed:
            what = message(
                "{chain} binds clients of {service} to some endpoints, but not to {endpoint}:"
                " who comes to this one may meet another Pod next",
                chain=choice.chain,
                service=service,
                endpoint=subject.once(destinations).get(free.to, free.to),
            )
            yield Hit(nat.rules.line(free.place), what, (choice.chain, free.to), related=related)
        else:
            what = message(
                "{chain} binds no clients of {service}, {other} does: who comes by {chain} may meet another Pod with each connection",
                chain=choice.chain,
                service=service,
                other=first.choice.chain,
            )
            yield Hit(nat.rules.line(free.place), what, (choice.chain,), related=related)


def _said(bound: _Bound) -> Message:
    return message("an unlimited time") if bound.seconds is None else message("{seconds} s", seconds=bound.seconds)


def _any_recent(nat: Table) -> bool:
    shapes = nat.rules.distinct_shapes(range(len(nat.rules)))
    return any(clause.name == "recent" for shape in shapes for clause in shape.clauses)


def _seconds(nat: Table, way: Way) -> int | None:
    """For how long a client stays bound, None if without end."""
    matches = (match for match in binding.matches(nat.rules[way.place]) if isinstance(match, Recent) and match.rcheck is not None)
    return next((match.seconds for match in matches), None)


CHECK = Check(
    "KP316",
    "affinity-differs-within-service",
    WARNING,
    _look,
    message("restart kube-proxy so that it writes all chains of the Service anew"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
