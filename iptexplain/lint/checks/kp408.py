"""Another program uses the bits by which kube-proxy marks packets.

## What it does

Looks at rules of other programs that set or test the mark of a packet (`-j MARK`, `-m mark`), where the bits overlap those of kube-proxy:
0x4000, by which it masquerades, and 0x8000, by which kubelet's `KUBE-FIREWALL` drops. It is an error where kube-proxy's marked traffic
is certainly dropped by a rule that tests these bits.

## Why it matters

A packet has one mark of 32 bits, which all programs share. If a program marks its packets with a value that has kube-proxy's bits, they
are masqueraded or dropped: 0xca6c, the mark of wg-quick, has both (kubernetes/kubernetes#113659). And a program that looks at the whole
mark does not know its own packets again once kube-proxy has marked them, and drops what it has allowed
(Azure/azure-container-networking#1313, siderolabs/talos#5945).

## Example

```
-A PREROUTING -i wg0 -j MARK --set-xmark 0xca6c/0xffffffff
-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP
```

## Use instead

Other bits for the other program (`FwMark` of WireGuard, `--iptables-mark-mask` of a Pod network), with a mask in its rules:
`--set-xmark 0x20/0x20` and `--mark 0x20/0x20`. Or another bit for kube-proxy: `--iptables-masquerade-bit`.

## Limits

Rules for exactly kube-proxy's bits are there on purpose and passed over, unless they drop its traffic. Rules that clear the bits are the
matter of KP409. It is information where a program looks at the whole mark but drops nothing that kube-proxy has marked. Marks of
connections, and programs that use marks without iptables, are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import Walker
from iptexplain.extensions import binding
from iptexplain.lint.check import COMPLETE, KUBE_PROXY, WHOLE_TABLES, Check
from iptexplain.lint.common.course import MOST, sent
from iptexplain.lint.common.marked import MarkedTraffic
from iptexplain.lint.common.masquerade import marks_asked
from iptexplain.lint.common.partial import all_refused, arriving, endings
from iptexplain.lint.finding import ERROR, INFO, WARNING, Hit, Related
from iptexplain.model.address import Network
from iptexplain.model.matching import Constraint, Field, Reject, SetMark, Verdict
from iptexplain.model.values import Mark
from iptexplain.named import NamedTuple
from iptexplain.owners.makers import KUBE, maker
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.shape import Shape
    from iptexplain.source import Message

_FIREWALL = "KUBE-FIREWALL"
_NAMED = 3
"""So many more rules are named with a hit."""


class _Bits(NamedTuple):
    """The bits that kube-proxy masquerades by, and those that kubelet drops by (0: nothing in the dump does)."""

    masquerade: int
    drop: int

    @property
    def both(self) -> int:
        """All of them."""
        return self.masquerade | self.drop

    def shares(self, mark: Mark) -> bool:
        """Does a value have some of the bits, while its mask is about other bits too."""
        return bool(mark.value & mark.mask & self.both and mark.mask & ~self.both)


class _Use(NamedTuple):
    """A rule of another program that has to do with marks: the one that it sets, and those that it tests."""

    table: Table
    rule: Rule
    sets: Mark | None
    tests: tuple[Mark, ...]

    @property
    def owner(self) -> tuple[str, ...]:
        """The program that made the rule; else the table and the chain."""
        made = maker(self.rule.chain)
        return (made,) if made is not None else (self.table.name, self.rule.chain)


def _look(subject: Subject) -> Iterator[Hit]:
    bits = _bits(subject)
    uses = list(_uses(subject)) if bits is not None else []
    if bits is None or not uses:
        return
    dropping = _dropping(subject, bits)
    if dropping is not None:
        what = message("chain {chain} drops what kube-proxy has marked with {bits}", chain=dropping.chain, bits=hex(bits.masquerade))
        yield Hit(dropping.line, what, (dropping.chain, "drops"), ERROR, word="--mark")
    sharing: dict[tuple[str, ...], list[tuple[_Use, Mark]]] = {}
    for use in uses:
        marks = [mark for mark in (use.sets, *use.tests) if mark is not None and bits.shares(mark)]
        if marks and use.rule != dropping:
            sharing.setdefault(use.owner, []).append((use, marks[0]))
    for owner, found in sharing.items():
        (use, mark), *others = found
        related = tuple([Related(one.rule.line, message("uses mark {mark}", mark=str(its))) for one, its in others[:_NAMED]])
        yield Hit(use.rule.line, _shared(use.rule, mark, bits), (*owner, str(mark)), related=related, word="mark")
    yield from _whole(subject, uses, bits)


def _bits(subject: Subject) -> _Bits | None:
    """The bits of kube-proxy and kubelet, None if kube-proxy's is not one bit (up to 1.1 it was a value)."""
    mark = subject.proxy.masquerade_mark if subject.proxy is not None else None
    if mark is None or mark.value != mark.mask or mark.value.bit_count() != 1:
        return None
    drop = 0
    filter_ = subject.table("filter")
    for rule in filter_.rules_of(_FIREWALL) if filter_ is not None else ():
        if rule.target_name == "DROP":
            drop |= next((asked.value for asked in marks_asked(rule) if asked.value == asked.mask), 0)
    return _Bits(mark.value, drop)


def _uses(subject: Subject) -> Iterator[_Use]:
    for table in subject.dump.tables:
        for rule in subject.rules(table.name, _about_marks):
            if maker(rule.chain) in KUBE or maker(rule.target_name or "") in KUBE:
                continue
            effect = binding.effect(rule)
            tests = [one for test in binding.tests(rule) for one in test.constraints if one.field is Field.MARK and not one.negated]
            asked = tuple([one.wanted for one in tests if isinstance(one.wanted, Mark)])
            yield _Use(table, rule, effect.mark if isinstance(effect, SetMark) else None, asked)


def _about_marks(shape: Shape) -> bool:
    return any(clause.name in {"mark", "MARK"} for clause in shape.clauses)


def _shared(rule: Rule, mark: Mark, bits: _Bits) -> Message:
    said = {"chain": rule.chain, "mark": str(mark)}
    if mark.value & bits.drop:
        return message(
            "chain {chain} uses mark {mark}, which has kubelet's bit {bits}: such packets are dropped", **said, bits=hex(bits.drop)
        )
    own = hex(bits.masquerade)
    return message("chain {chain} uses mark {mark}, which has kube-proxy's bit {bits}: such packets are masqueraded", **said, bits=own)


def _dropping(subject: Subject, bits: _Bits) -> Rule | None:
    """A rule of another program that tests the bits, and by which marked traffic to some endpoint is certainly dropped."""
    filter_ = subject.table("filter")
    if filter_ is None or next((rule for rule in subject.rules("filter", _about_marks) if _tests_bits(rule, bits)), None) is None:
        return None
    walker = Walker(filter_)
    for packet in sent(subject, MOST):
        asked = arriving(packet[Field.PROTOCOL], packet[Field.DESTINATION_PORT])
        to = Constraint(Field.DESTINATION, Network.of(packet[Field.DESTINATION]))
        ends = endings(walker, "FORWARD", asked._replace(known=(*asked.known, to), marked=Mark(bits.masquerade, bits.masquerade)))
        causes = [next((rule for rule in end.rules if _tests_bits(rule, bits)), None) for end in ends]
        if all_refused(ends) and causes[0] is not None and None not in causes:
            return causes[0]
    return None


def _tests_bits(rule: Rule, bits: _Bits) -> bool:
    return maker(rule.chain) not in KUBE and any(asked.mask & bits.masquerade for asked in marks_asked(rule))


def _whole(subject: Subject, uses: Sequence[_Use], bits: _Bits) -> Iterator[Hit]:
    """Programs that set bits of their own with a mask, but look for them in the whole mark, on the way of marked traffic."""
    nat, filter_ = subject.table("nat"), subject.table("filter")
    if nat is None or filter_ is None:
        return
    said: set[tuple[str, ...]] = set()
    own = {
        (maker(use.rule.chain), use.sets.value) for use in uses if use.sets is not None and use.sets.value and not use.sets.mask & bits.both
    }
    met: frozenset[int] | None = None
    for use in uses:
        marks = [mark for mark in use.tests if mark.mask & bits.masquerade and not mark.value & bits.both]
        if use.table is not filter_ or use.owner in said or not any((maker(use.rule.chain), mark.value) in own for mark in marks):
            continue
        if met is None:
            met = MarkedTraffic(subject, nat, bits.masquerade).met(filter_, "FORWARD", whatever_mark=True)
        if use.rule.index not in met:
            continue
        said.add(use.owner)
        drops = any(
            _refuses(rule) and maker(rule.chain) == maker(use.rule.chain) is not None for rule in map(filter_.rules.__getitem__, met)
        )
        what = message(
            "chain {chain} looks for {mark} in the whole mark: it does not know its own packets once kube-proxy has marked them",
            chain=use.rule.chain,
            mark=str(marks[0]),
        )
        yield Hit(use.rule.line, what, (*use.owner, "whole mark"), WARNING if drops else INFO, word="--mark")


def _refuses(rule: Rule) -> bool:
    effect = binding.effect(rule)
    return effect is Verdict.DROP or isinstance(effect, Reject)


CHECK = Check(
    "KP408",
    "mark-bits-shared",
    WARNING,
    _look,
    message("give the other program other bits of the mark, and let its rules name only these in their masks"),
    (KUBE_PROXY, COMPLETE, WHOLE_TABLES),
    also=(ERROR, INFO),
)
