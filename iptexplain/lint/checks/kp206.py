"""kube-proxy's rules mark packets for masquerade, or note clients, only where these packets do not arrive any more.

## What it does

Looks for rules of kube-proxy's in nat that nothing reaches: in chains `KUBE-SEP-…` a jump to `KUBE-MARK-MASQ`, or a `-m recent --set`,
behind the `DNAT` rule; in the chains of Services (`KUBE-SVC-…`, `KUBE-EXT-…`) a jump to `KUBE-MARK-MASQ` behind a rule that leads to
endpoints.

## Why it matters

`DNAT` is the last thing that happens to a packet in nat, and every rule that leads to an endpoint ends in one. What stands behind it is
never done. Without the mark the sender's address stays as it is, and the answer may not come back by way of this node: a Pod that calls its
own Service, or a client outside that uses a node port, gets no answer. Without `recent --set` the next connection of a client may go to
another Pod, whatever `sessionAffinity: ClientIP` says.

## Example

```
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80
-A KUBE-SEP-HZVZGM4N576VDS2S -s 192.168.104.1/32 -j KUBE-MARK-MASQ
```

## Use instead

kube-proxy writes the mark first. Let it write its rules again (restart it), and find out who changed their order.

## Limits

What the `DNAT` rule tests is not looked at: kube-proxy's tests only the protocol of the Service. In the chains of Services a rule counts
that stands behind some of the endpoints only: then a part of the connections is not masqueraded. A second `DNAT` rule is told by KP302.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.late import late_marks
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None:
        return
    suspicious: dict[str, bool] = {}
    for chains, form, places in _endpoints(nat):
        if form not in suspicious:
            suspicious[form] = not _is_last(nat, places)
        for chain in chains if suspicious[form] else ():
            yield from _late(chain, nat.rules_of(chain))
    for rule, before in late_marks(subject):
        to = before.target_name or ""
        what = message(
            "{chain} marks packets for masquerade only behind the rule that leads to {target}: what goes there is not masqueraded",
            chain=rule.chain,
            target=to,
        )
        yield Hit(rule.line, what, (rule.chain, to, "mark"), related=(Related(before.line, message("sends the packet to an endpoint")),))


def _endpoints(nat: Table) -> Iterator[tuple[Sequence[str], str, Sequence[int]]]:
    for alike in nat.alike:
        chains = [chain for chain in alike.chains if chain.startswith(layout.ENDPOINT)]
        if chains:
            yield chains, alike.form, alike.places


def _is_last(nat: Table, places: Sequence[int]) -> bool:
    """Is the first DNAT rule the last rule."""
    targets = [shape.target for shape in nat.rules.shapes_of(places)]
    return "DNAT" not in {target.name for target in targets[:-1] if target is not None}


def _late(chain: str, rules: Sequence[Rule]) -> Iterator[Hit]:
    first = next(at for at, rule in enumerate(rules) if rule.target_name == "DNAT")
    related = (Related(rules[first].line, message("sends the packet to the endpoint")),)
    for rule in rules[first + 1 :]:
        if rule.target_name == "DNAT":
            continue  # KP302 tells that there are two
        if rule.target_name == layout.MARK_MASQUERADE:
            what = message("{chain} marks packets for masquerade only behind DNAT, where no packet arrives", chain=chain)
            yield Hit(rule.line, what, (chain, "mark"), related=related)
        elif any(clause.name == "recent" and any(option.name == "--set" for option in clause.options) for clause in rule.shape.clauses):
            what = message("{chain} notes the client for session affinity only behind DNAT, where no packet arrives", chain=chain)
            yield Hit(rule.line, what, (chain, "affinity"), related=related)


CHECK = Check(
    "KP206",
    "kube-proxy-rule-not-reached",
    ERROR,
    _look,
    message("restart kube-proxy, so that it writes its rules in their order again"),
    (KUBE_PROXY,),
)
