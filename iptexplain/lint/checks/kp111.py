"""Rules of two versions of kube-proxy stand in one chain.

## What it does

Looks for chains in which rules stand side by side that no single version of kube-proxy writes:

- in a chain of a Service (`KUBE-SVC-…`, `KUBE-SVL-…`): rules to endpoints of which some have the comment `name -> address:port` of
  Kubernetes 1.24 and later, and others have an older one, or none;
- in nat's `KUBE-SERVICES` or `KUBE-NODEPORTS`: jumps to `KUBE-XLB-…` (up to 1.23) and to `KUBE-EXT-…` or `KUBE-SVL-…` (since 1.24);
- in filter's `KUBE-FORWARD`: the conntrack rules of 1.22 and earlier beside that of 1.23 and later.

## Why it matters

kube-proxy writes each of these chains as a whole. Rules of two versions in one mean that two kube-proxies run on the node and write over
each other, that an upgrade stopped halfway, or that somebody added rules by hand. A Service may then send connections to endpoints
that are gone.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx" -m statistic --mode random --probability 0.5 -j KUBE-SEP-E4DERYY2XOMCBE7I
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.104.1:80" -j KUBE-SEP-HZVZGM4N576VDS2S
```

## Use instead

One kube-proxy on each node: look for a second one (a DaemonSet beside a service of the system, or one inside k3s or RKE2). Then restart
kube-proxy, which writes its chains anew.

## Limits

Chains that the kubelet writes too (`KUBE-POSTROUTING`, `KUBE-MARK-MASQ`, `KUBE-FIREWALL`) are not looked at: the kubelet may be of an older
version. Chains of different versions side by side are normal after an upgrade, and not told here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment, comment_slot, unquote
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.finding import WARNING, Hit, Related
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Rules
    from iptexplain.model.shape import Shape

_CHOOSING = ("KUBE-SVC-", "KUBE-SVL-")
_FORWARD = "KUBE-FORWARD"
_OLD_CONNTRACK, _NEW_CONNTRACK = "kubernetes forwarding conntrack pod ", "kubernetes forwarding conntrack rule"


class _Slots(NamedTuple):
    """Where a rule has its target and its comment, counted over all rules of its chain; the comment None: it has none."""

    at: int
    target: int
    comment: int | None


def _look(subject: Subject) -> Iterator[Hit]:
    yield from _choosing(subject)
    for chain in (layout.SERVICES, layout.NODE_PORTS):
        jumps = subject.jumps("nat")
        old = _first(jumps, chain, ("KUBE-XLB-",))
        new = _first(jumps, chain, ("KUBE-EXT-", "KUBE-SVL-"))
        if old is not None and new is not None:
            yield _hit(chain, old.line, new.line)
    filter_ = subject.table("filter")
    said = [(rule, comment(rule) or "") for rule in (filter_.rules_of(_FORWARD) if filter_ is not None else ())]
    olds = [rule.line for rule, text in said if text.startswith(_OLD_CONNTRACK)]
    news = [rule.line for rule, text in said if text == _NEW_CONNTRACK]
    if olds and news:
        yield _hit(_FORWARD, olds[0], news[0])


def _choosing(subject: Subject) -> Iterator[Hit]:
    """Chains whose rules to endpoints have comments of two kinds."""
    nat = subject.table("nat")
    for form, chains, places in nat.alike if nat is not None else ():
        if nat is None or not any(chain.startswith(_CHOOSING) for chain in chains):
            continue
        slots = _slots(nat.rules.shapes_of(places))
        if len(slots) > 1:
            wanted = tuple(sorted({slot for own in slots for slot in own[1:] if slot is not None}))
            for number, (chain, values) in enumerate(zip(chains, _values(nat.rules, places, len(chains), wanted), strict=True)):
                mixed = _mixed(slots, dict(zip(wanted, values, strict=False))) if chain.startswith(_CHOOSING) else None
                if mixed is not None:
                    old, new = (nat.rules.line(places[at] + number * len(form)) for at in mixed)
                    yield _hit(chain, old, new)


def _values(rules: Rules, places: Sequence[int], count: int, wanted: tuple[int, ...]) -> Sequence[tuple[str, ...]]:
    return rules.blocks(places, count, wanted) if isinstance(places, range) else [rules.block(places, wanted)]


def _slots(shapes: Sequence[Shape]) -> list[_Slots]:
    """The slots of the rules that lead to a chain."""
    found, before = [], 0
    for at, shape in enumerate(shapes):
        if shape.target is not None and isinstance(shape.target.name, int):
            said = comment_slot(shape)
            found.append(_Slots(at, before + shape.target.name, None if said is None else before + said))
        before += len(shape.slots)
    return found


def _mixed(slots: Sequence[_Slots], values: dict[int, str]) -> tuple[int, int] | None:
    """Which rule of a chain is the first with an old comment, or none, and which the first with a new one; None if there are not both."""
    old = new = None
    for at, target, said in slots:
        if values[target].startswith(layout.ENDPOINT):
            if said is not None and layout.ARROW in unquote(values[said]):
                new = at if new is None else new
            else:
                old = at if old is None else old
    return None if old is None or new is None else (old, new)


def _first(jumps: dict[str, list[Rule]], chain: str, targets: tuple[str, ...]) -> Rule | None:
    """The first rule of a chain that leads to one of some chains."""
    found = [rule for target, rules in jumps.items() if target.startswith(targets) for rule in rules if rule.chain == chain]
    return min(found, key=lambda rule: rule.index, default=None)


def _hit(chain: str, old: int, new: int) -> Hit:
    what = message("rules of two versions of kube-proxy stand in chain {chain}", chain=chain)
    return Hit(old, what, (chain,), related=(Related(new, message("the first rule of the newer version")),))


CHECK = Check(
    "KP111",
    "rules-of-two-versions",
    WARNING,
    _look,
    message("look for a second kube-proxy on the node, stop it, and restart the other one"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
)
