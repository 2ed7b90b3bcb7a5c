"""Forwarded traffic does not meet kube-proxy's rules that accept it, or these refuse it.

## What it does

Looks for a jump from `FORWARD` to `KUBE-FORWARD` in filter, where `KUBE-FORWARD` has rules. It is an error if what nobody accepts in
`FORWARD` is dropped: by the policy, or by a rule that takes every packet. Else it is a warning.

Where there is a jump, it follows two packets through `KUBE-FORWARD`: the answer in a connection to a Service, and the first packet of a
connection, which has kube-proxy's mark. It is an error if one of them is dropped or rejected there.

## Why it matters

A connection to a Service is forwarded: it comes in at the node and goes on to a Pod. `KUBE-FORWARD` accepts what kube-proxy has marked,
and all packets of connections that have been accepted before. Docker sets the policy of `FORWARD` to DROP; without the jump, connections
that no other rule accepts then time out, first of all those to node ports from outside (kubernetes/kubernetes#39823). `KUBE-FORWARD` also
drops packets that connection tracking calls invalid, and without the jump these may break long downloads.

A `KUBE-FORWARD` that drops answers cuts off everything that this node forwards: no connection gets further than its first packet.
kube-proxy writes no such rule.

## Example

```
*filter
:FORWARD DROP [0:0]
:KUBE-FORWARD - [0:0]
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
```

## Use instead

Find out who removed the rule: a firewall that restarted (firewalld, ufw), or an `iptables-restore` without `--noflush`. kube-proxy
writes it again when it restarts.

## Limits

A jump by way of other chains counts, whatever these demand of a packet; a jump from `FORWARD` itself that demands something is KP108's.
Rules of a network plugin may accept the Pods' traffic all the same; whether they do is not looked at. What `KUBE-FORWARD` drops is told
only where no other test of its rules (an address, an interface) decides, and not where a rule in front of it is certain to take the packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import may_end
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.course import course
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import ERROR, WARNING, Hit, Related
from iptexplain.model.matching import Field, Reject, Verdict
from iptexplain.model.ruleset import ChainName
from iptexplain.model.values import Mark
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Table

_FROM, _TO = ChainName("FORWARD"), "KUBE-FORWARD"


def _look(subject: Subject) -> Iterator[Hit]:
    filter_ = subject.table("filter")
    if filter_ is None or not filter_.places_of(_TO):
        return
    if _TO in reached(subject, "filter", _FROM):
        yield from _refused(subject, filter_)
        return
    declared = filter_.chains.get(_FROM)
    if declared is None:
        return
    rules = Related(filter_.rules.line(filter_.places_of(_TO)[0]), message("the rules that are not reached"))
    refusing = _refusing(filter_)
    if refusing is None and declared.policy != "DROP":
        what = message("nothing leads from FORWARD to KUBE-FORWARD: kube-proxy's rules for forwarded traffic have no effect")
        yield Hit(declared.line, what, (_FROM, _TO), related=(rules,))
        return
    related = (rules,) if refusing is None else (rules, Related(refusing, message("this drops what has not been accepted before")))
    what = message("nothing leads from FORWARD to KUBE-FORWARD: traffic to Services that no other rule accepts is dropped")
    yield Hit(declared.line, what, (_FROM, _TO, "dropped"), ERROR, related=related)


def _refused(subject: Subject, filter_: Table) -> Iterator[Hit]:
    """What KUBE-FORWARD is there to accept and refuses."""
    jump = next(iter(subject.jumps("filter")[_TO]))
    bits = subject.proxy.masquerade_mark.mask if subject.proxy is not None and subject.proxy.masquerade_mark is not None else 0
    answer = {Field.STATE: frozenset({"ESTABLISHED", "DNAT"}), Field.MARK: Mark(0, bits)}
    marked = {Field.STATE: frozenset({"NEW", "DNAT"}), Field.MARK: Mark(bits, bits)}
    what = message("KUBE-FORWARD does not let answers pass: connections through this node, to Services and others, break")
    of_marked = message(
        "KUBE-FORWARD does not let pass what kube-proxy has marked for masquerade: connections to node ports and load balancers time out"
    )
    for name, packet, text in (("answers", answer, what), ("marked", marked, of_marked)) if bits else (("answers", answer, what),):
        end, before = course(filter_, _TO, packet, ()), course(filter_, _FROM, packet, {_TO})
        if end is not None and end.refuses and (before is None or before.reached):
            related = Related(jump.line, message("the rule that leads to KUBE-FORWARD"))
            yield Hit(end.rule.line, text, (_TO, name, uncounted(end.rule)), ERROR, related=(related,))


def _refusing(filter_: Table) -> int | None:
    """The line of the first rule that ends FORWARD for every packet, if it drops or rejects; None if there is no such rule."""
    rules = filter_.rules
    for place in filter_.places_of(_FROM):
        if may_end(rules.shape(place)):
            effect = binding.effect(rules[place])
            if effect is Verdict.DROP or isinstance(effect, Reject):
                return rules.line(place)
            if effect is Verdict.ACCEPT:
                return None
    return None


CHECK = Check(
    "KP104",
    "no-forwarding-rules-of-kube-proxy",
    WARNING,
    _look,
    message("restart kube-proxy, and find out what changed its rules in FORWARD or KUBE-FORWARD of filter"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(ERROR,),
)
