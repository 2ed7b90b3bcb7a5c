"""Session affinity cannot work as the rules stand.

## What it does

With `sessionAffinity: ClientIP` a Service has two rules for each endpoint: one that asks whether the client is on the endpoint's list
(`recent --rcheck`), and one that chooses by chance. The endpoint's own chain puts the client on the list (`recent --set`). The check tells
an endpoint that only bound clients reach, a list on which the endpoint's chain puts nobody, and a list that is asked only behind a rule
that chooses by chance.

## Why it matters

In the first case clients stay bound to an endpoint that is not among those of the Service any more, perhaps a Pod that is gone or not ready
(kubernetes/kubernetes#110302). Kubernetes 1.22 wrote such rules by itself (kubernetes/kubernetes#106030); where the dump may be of that
version it is a warning. In the second case nobody is ever bound: every connection is drawn anew, and logins or carts get lost. In the
third, connections of bound clients are drawn before anybody asks for the list: some of them, or all, go to another Pod.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-HZVZGM4N576VDS2S -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-E4DERYY2XOMCBE7I
```

## Use instead

Restart kube-proxy, so that it writes the chains anew; if it happens again, update it.

## Limits

Chains that are missing or empty are told by other checks. Who is on the lists is not in a dump (`/proc/net/xt_recent`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.matches.recent import Recent
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.choices import choices
from iptexplain.lint.finding import ERROR, WARNING, Hit, Related
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.common.choices import Choice, Way
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table


_BINDS = 22
"""The minor version that writes rules for bound clients for endpoints which are not ready."""

_SHOWN = 3
"""So many rules that ask too late are shown."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    for choice in choices(subject) if nat is not None and _any_recent(nat) else ():
        drawn = {way.to for way in choice.drawn}
        if nat is not None:
            yield from _asked_late(nat, choice)
        for way in choice.ways:
            if nat is None or way.list is None or not nat.places_of(way.to):
                continue
            line, word = nat.rules.line(way.place), way.list
            if way.to not in drawn:
                what = message("{chain} keeps clients at {endpoint}, which it gives to nobody else", chain=choice.chain, endpoint=way.to)
                yield Hit(line, what, (choice.chain, way.to, "not drawn"), WARNING if _by_itself(subject) else None, word=word)
            if way.list not in _lists(nat, way.to):
                what = message(
                    "{chain} asks for clients on the list {list}, on which {endpoint} puts nobody",
                    chain=choice.chain,
                    list=way.list,
                    endpoint=way.to,
                )
                yield Hit(line, what, (choice.chain, way.to, "not set"), word=word)


def _asked_late(nat: Table, choice: Choice) -> Iterator[Hit]:
    """One hit where bound clients are drawn to another endpoint before their list is asked."""
    draws: list[Way] = []
    late: list[tuple[Way, Way]] = []
    for way in choice.ways:
        if way.list is None:
            draws += [way] if way.sure else []
        elif draws and _sends(nat, way.to):
            late += [(way, draw) for draw in draws if draw.to != way.to and _sends(nat, draw.to)][:1]
    if not late:
        return
    way, draw = late[0]
    what = message(
        "{chain} asks for clients bound to {endpoint} only behind a rule that chooses for them: they may get another endpoint",
        chain=choice.chain,
        endpoint=way.to,
    )
    related = [Related(nat.rules.line(draw.place), message("this rule chooses first"))]
    related += [Related(nat.rules.line(way.place), message("this rule asks too late as well")) for way, _ in late[1:][:_SHOWN]]
    yield Hit(nat.rules.line(way.place), what, (choice.chain, way.to, "late"), related=tuple(related), word="--rcheck")


def _sends(nat: Table, chain: str) -> bool:
    """Does the chain of an endpoint send packets there."""
    return any(rule.target_name == "DNAT" for rule in nat.rules_of(chain))


def _by_itself(subject: Subject) -> bool:
    """May the dump be of a version that binds clients to endpoints which are not ready."""
    versions = subject.proxy.versions if subject.proxy is not None else None
    return versions is None or not (versions.before(_BINDS) or versions.since(_BINDS + 1))


def _any_recent(nat: Table) -> bool:
    shapes = nat.rules.distinct_shapes(range(len(nat.rules)))
    return any(clause.name == "recent" for shape in shapes for clause in shape.clauses)


def _lists(nat: Table, chain: str) -> frozenset[str]:
    """The lists on which the rules of a chain put clients."""
    matches = (match for rule in nat.rules_of(chain) for match in binding.matches(rule))
    return frozenset(match.name for match in matches if isinstance(match, Recent) and match.set is not None)


CHECK = Check(
    "KP315",
    "broken-session-affinity",
    ERROR,
    _look,
    message("restart kube-proxy so that it writes the chains anew; if it happens again, update it"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(WARNING,),
)
