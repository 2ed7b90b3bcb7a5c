"""A rule names a set that does not exist.

## What it does

Looks for rules with `--match-set`, or with the target SET, that name a set which `ipset save` does not show.

## Why it matters

Sets are lists of addresses and ports that the kernel keeps beside the rules. The kernel takes no rule that names a set which is not
there, so on a node with these sets the dump cannot be loaded: `iptables-restore` refuses the whole table, also all other rules in it.
This happens at boot, when rules are restored before the sets are.

The kernel does not let a set go while a rule names it, either. So if both files are from a running node, they are not from the same node,
or not from the same moment, or one of them is from inside a container.

## Example

```
-A INPUT -m set --match-set blocked src -j DROP
```

with an `ipset save` that has no line `create blocked …`.

## Use instead

Restore the sets first (`ipset restore < FILE`), then the rules; or save both on the same node, one after the other.

## Limits

Whether the set is of the type that the rule needs is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import unquote
from iptexplain.lint.check import SETS, Check
from iptexplain.lint.finding import ERROR, Hit, Related
from iptexplain.model.shape import per_shape
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule
    from iptexplain.model.shape import Shape

_EXTENSIONS = frozenset({"set", "SET"})
_NAMING = frozenset({"--match-set", "--set", "--add-set", "--del-set", "--map-set"})


@per_shape
def _names(shape: Shape) -> tuple[int, ...]:
    """The slots in which rules of a shape name sets."""
    options = (option for clause in shape.clauses if clause.name in _EXTENSIONS for option in clause.options)
    return tuple(option.values[0] for option in options if option.name in _NAMING and option.values)


def _look(subject: Subject) -> Iterator[Hit]:
    sets = subject.beside.sets
    for table in subject.dump.tables if sets is not None else ():
        missing: dict[str, list[Rule]] = {}
        for rule in subject.rules(table.name, lambda shape: bool(_names(shape))):
            for name in dict.fromkeys(unquote(rule.values[slot]) for slot in _names(rule.shape)):
                if sets is not None and name not in sets.sets:
                    missing.setdefault(name, []).append(rule)
        for name, rules in missing.items():
            what = message(
                "there is no set {name}: with these sets the kernel refuses all of table {table} (rules that name the set: {count})",
                name=name,
                table=table.name,
                count=len(rules),
            )
            more = tuple(Related(rule.line, message("names it too")) for rule in rules[1:4])
            yield Hit(rules[0].line, what, (table.name, name), related=more, word=name)


CHECK = Check(
    "KP610",
    "set-does-not-exist",
    ERROR,
    _look,
    message("restore the sets before the rules; if both files are of a running node, save them again, one right after the other"),
    (SETS,),
)
