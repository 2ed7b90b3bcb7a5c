"""Do the built-in chains lead to the chains of kube-proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.common.builtin import has_built_in
from iptexplain.lint.finding import Hit, Related
from iptexplain.model.ruleset import ChainName
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.source import Message


def reached(subject: Subject, table: str, start: str) -> frozenset[str]:
    """The chains that rules lead to from a chain, directly or through others; the chain itself is among them."""
    callers = subject.jumps(table)
    called: dict[str, list[str]] = {}
    for chain, rules in callers.items():
        for rule in rules:
            called.setdefault(rule.chain, []).append(chain)
    found = {start}
    waiting = [start]
    while waiting:
        for chain in called.get(waiting.pop(), ()):
            if chain not in found:
                found.add(chain)
                waiting.append(chain)
    return frozenset(found)


def not_led_to(subject: Subject, start: str, chain: str, what: Message) -> Iterator[Hit]:
    """A hit if a chain of nat has rules, but nothing leads to it from the built-in chain `start`."""
    nat = subject.table("nat")
    if nat is None or not has_built_in(nat) or not nat.places_of(chain) or chain in reached(subject, "nat", start):
        return
    declared = nat.chains.get(ChainName(start))
    rules = Related(nat.rules.line(nat.places_of(chain)[0]), message("the rules that are not reached"))
    yield Hit(declared.line if declared is not None else nat.line, what, (start, chain), related=(rules,))
