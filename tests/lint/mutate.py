"""Healthy dumps, broken in one place: each kind of change as a function from a text and a source of chance to another text."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_ADDRESS = re.compile(r"(?:-[sd] |--to-destination )\d+\.\d+\.\d+\.(\d+)")
_PORT = re.compile(r"(?:--dport |--to-destination \d+\.\d+\.\d+\.\d+:)(\d+)")
_MARK = re.compile(r"(?:--mark |--set-xmark |--or-mark )0x([48])0*")
_CHAIN = re.compile(r"^:(KUBE-\S+) ", re.MULTILINE)
_RULE = re.compile(r"^-A KUBE-.*\n|^-A [A-Z]+ .*-j KUBE-.*\n", re.MULTILINE)


def rule_removed(text: str, chance: Random) -> str | None:
    """Without one rule of kube-proxy's."""
    rule = chance.choice(list(_RULE.finditer(text)))
    return text[: rule.start()] + text[rule.end() :]


def rule_moved(text: str, chance: Random) -> str | None:
    """One rule behind the next one of its chain, if that is another one."""
    rules = list(_RULE.finditer(text))
    pairs = [(one, two) for one, two in pairwise(rules) if _movable(one[0], two[0]) and one.end() == two.start()]
    if not pairs:
        return None
    one, two = chance.choice(pairs)
    return text[: one.start()] + two[0] + one[0] + text[two.end() :]


def _movable(one: str, two: str) -> bool:
    return one.split()[1] == two.split()[1] and one != two


def address_changed(text: str, chance: Random) -> str | None:
    """Another last part of one address."""
    return _changed(text, chance, _ADDRESS, lambda old: str((int(old) + 1 + chance.randrange(250)) % 256))


def port_changed(text: str, chance: Random) -> str | None:
    """Another port in one rule."""
    return _changed(text, chance, _PORT, lambda old: str(int(old) + 1 if int(old) < 65_000 else int(old) - 1))


def mark_changed(text: str, chance: Random) -> str | None:
    """Another bit in one mark."""
    return _changed(text, chance, _MARK, lambda old: {"4": "2", "8": "1"}[old])


def chain_dropped(text: str, chance: Random) -> str | None:
    """Without one chain of kube-proxy's: neither declared nor with rules; the rules that lead there stay."""
    name = chance.choice(_CHAIN.findall(text))
    return re.sub(rf"^(?::{re.escape(name)} |-A {re.escape(name)} ).*\n", "", text, flags=re.MULTILINE)


def _changed(text: str, chance: Random, where: re.Pattern[str], new: Callable[[str], str]) -> str | None:
    found = [match for match in where.finditer(text) if text.rfind("\n", 0, match.start()) + 1 in _starts(text)]
    if not found:
        return None
    match = chance.choice(found)
    return text[: match.start(1)] + new(match[1]) + text[match.end(1) :]


def _starts(text: str) -> frozenset[int]:
    """Where rules of kube-proxy's begin."""
    return frozenset(match.start() for match in _RULE.finditer(text))


KINDS: dict[str, Callable[[str, Random], str | None]] = {
    "rule removed": rule_removed,
    "rule moved behind the next": rule_moved,
    "address changed": address_changed,
    "port changed": port_changed,
    "mark changed": mark_changed,
    "chain dropped": chain_dropped,
}
"""Each kind of change."""
