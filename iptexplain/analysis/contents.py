"""What a dump holds, without asking what it means: tables, chains, rules, and whose chains these are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.model.ruleset import BUILT_IN
from iptexplain.named import NamedTuple
from iptexplain.owners.makers import maker

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Dump


class Part(NamedTuple):
    """One table's chains of one maker. `maker` None: nobody known; `built_in`: the kernel's own chains."""

    table: str
    maker: str | None
    built_in: bool
    chains: int
    rules: int


def contents(dump: Dump) -> tuple[Part, ...]:
    """The parts of a dump, in its order of tables, built-in chains first, then the makers with most rules."""
    found = []
    for table in dump.tables:
        chains: Counter[tuple[bool, str | None]] = Counter()
        rules: Counter[tuple[bool, str | None]] = Counter()
        for chain in {**dict.fromkeys(table.chains), **dict.fromkeys(table.by_chain)}:
            key = (chain in BUILT_IN, maker(chain))
            chains[key] += 1
            rules[key] += len(table.by_chain.get(chain, ()))
        order = sorted(chains, key=lambda key: (not key[0], -rules[key], key[1] or ""))
        found += [Part(table.name, key[1], key[0], chains[key], rules[key]) for key in order]
    return tuple(found)


def others_filter(dump: Dump) -> bool:
    """Does the filter table hold rules or policies that are not kube-proxy's (or kubelet's), so that they have a say too."""
    table = dump.table("filter")
    if table is None:
        return False
    if any(chain.policy not in {None, "ACCEPT"} for chain in table.chains.values()):
        return True
    foreign = (name for name in table.by_chain if not name.startswith(_KUBE) and name not in BUILT_IN)
    return next(foreign, None) is not None or any(
        not (rule.target_name or _KUBE).startswith(_KUBE) for name in BUILT_IN if name in table.by_chain for rule in table.rules_of(name)
    )


_KUBE = "KUBE-"
"""How the names of kube-proxy's and kubelet's chains begin."""
