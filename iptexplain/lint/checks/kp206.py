"""Rules of kube-proxy's stand where the packets that they are for do not arrive any more.

## What it does

Looks for rules of kube-proxy's in nat that nothing reaches: in chains `KUBE-SEP-…` a jump to `KUBE-MARK-MASQ`, or a `-m recent --set`,
behind the `DNAT` rule; in the chains of Services (`KUBE-SVC-…`, `KUBE-EXT-…`) a jump to `KUBE-MARK-MASQ` behind a rule that leads to
endpoints.

Looks also for a rule that tests nothing and ends a chain of kube-proxy's in nat (`-j RETURN`, `-j ACCEPT` and the like, or a goto), where
rules that lead to Services or endpoints, or that translate addresses, stand behind it: in `KUBE-SERVICES`, `KUBE-NODEPORTS`, the chains of
Services and endpoints, and `KUBE-POSTROUTING`. In `KUBE-MARK-MASQ` it looks for one that ends more than this chain.

## Why it matters

`DNAT` is the last thing that happens to a packet in nat, and every rule that leads to an endpoint ends in one. What stands behind it is
never done. Without the mark the sender's address stays as it is, and the answer may not come back by way of this node: a Pod that calls its
own Service, or a client outside that uses a node port, gets no answer. Without `recent --set` the next connection of a client may go to
another Pod, whatever `sessionAffinity: ClientIP` says.

A rule that ends `KUBE-SERVICES` takes all packets back before they come to a Service: none of those behind it answers any more. In the
chain of a Service it cuts off this Service alone, in the chain of an endpoint the connections that fall to this one.

## Example

```
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80
-A KUBE-SEP-HZVZGM4N576VDS2S -s 192.168.104.1/32 -j KUBE-MARK-MASQ
```

## Use instead

kube-proxy writes the mark first. Let it write its rules again (restart it), and find out who changed their order.

## Limits

What the `DNAT` rule tests is not looked at: kube-proxy's tests only the protocol of the Service. In the chains of Services a rule counts
that stands behind some of the endpoints only: then a part of the connections is not masqueraded. A second `DNAT` rule is told by KP302,
a `KUBE-MARK-MASQ` that ends before it marks by KP103. A rule that tests something never counts as one that takes every packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import ends, may_end
from iptexplain.extensions import binding
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.late import late_marks
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.matching import Jump, Verdict
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.source import Message


_FOR_SERVICES = (*layout.OF_SERVICE, layout.ENDPOINT)
_TRANSLATES = frozenset({"MASQUERADE", "SNAT"})

_OF_SERVICE = N_("{rule} ends {chain} for every packet: no connection reaches the endpoints of the rules behind it")
_MEANINGS = {
    layout.SERVICES: N_("{rule} ends {chain} for every packet: no connection reaches the Services of the rules behind it"),
    layout.NODE_PORTS: N_("{rule} ends {chain} for every packet: no connection reaches the node ports of the rules behind it"),
    **dict.fromkeys(layout.OF_SERVICE, _OF_SERVICE),
    layout.ENDPOINT: N_("{rule} ends {chain} for every packet: no connection reaches the endpoint"),
    layout.POSTROUTING: N_("{rule} ends {chain} for every packet: what is marked for masquerade keeps its source address"),
    layout.MARK_MASQUERADE: N_("{rule} ends {chain} and the whole table: what is to be marked for masquerade reaches no endpoint"),
}
"""What is said of a rule that ends a chain, by how the chain's name begins."""


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
    yield from _ended(subject, nat)


def _ended(subject: Subject, nat: Table) -> Iterator[Hit]:
    """The rules that end a chain for every packet before it does what it is for; of each chain the first."""
    seen: set[str] = set()
    for rule in subject.rules("nat", may_end):
        chain = rule.chain
        what = None if chain in seen or not ends(rule) else _meaning(rule)
        if what is None:
            continue
        seen.add(chain)
        if chain == layout.MARK_MASQUERADE:
            yield Hit(rule.line, what, (chain, "ended", rule.target_name or ""))
            continue
        rules = nat.rules_of(chain)
        done = [other.index for other in rules if _serves(other)]
        behind = next((other for other in rules if other.index > rule.index and other.index in done), None)
        whole = chain == layout.POSTROUTING or chain.startswith(layout.ENDPOINT)
        taken = any(other.index in done and (whole or not binding.tests(other)) for other in rules if other.index <= rule.index)
        if behind is not None and not taken:
            related = (Related(behind.line, message("no packet comes to this rule")),)
            yield Hit(rule.line, what, (chain, "ended", rule.target_name or ""), related=related)


def _serves(rule: Rule) -> bool:
    """Is this one of the rules that its chain is for."""
    target = rule.target_name or ""
    if rule.chain == layout.POSTROUTING:
        return target in _TRANSLATES
    return target == "DNAT" if rule.chain.startswith(layout.ENDPOINT) else target == layout.NODE_PORTS or target.startswith(_FOR_SERVICES)


def _meaning(rule: Rule) -> Message | None:
    """What it means that a rule ends its chain for every packet; None if the chain is not kube-proxy's, or that does no harm there."""
    chain, effect = rule.chain, binding.effect(rule)
    if chain == layout.MARK_MASQUERADE and (effect is Verdict.RETURN or isinstance(effect, Jump)):
        return None
    what = next((what for start, what in _MEANINGS.items() if chain.startswith(start)), None)
    own = f"-{'g' if rule.shape.target is not None and rule.shape.target.kind == 'goto' else 'j'} {rule.target_name}"
    return None if what is None else message(what, rule=own, chain=chain)


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
