"""A rule sends packets to 0.0.0.0:0.

## What it does

Looks for DNAT rules with `--to-destination :0` or the address 0.0.0.0 (`::`).

## Why it matters

No packet can be sent there. Such a rule was not written: it was read back wrongly, by an iptables of another version than the one
that wrote it, and then saved or restored so. Whoever restores this dump breaks the Service.

## Example

```
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination :0 --persistent
```

## Use instead

Read the rules with the iptables that wrote them: the one in kube-proxy's image, or one of the same version
(kubernetes/kubernetes#114537).

## Limits

None known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import Check
from iptexplain.lint.finding import ERROR, Hit
from iptexplain.model.matching import Translate
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


_MAYBE = re.compile(r"--to-destination (?:0\.0\.0\.0|\[?::\]?[ \n:-]|\S*:0\b)")
"""In texts without such a word no rule has to be looked at: large dumps have a DNAT rule for each endpoint."""


def _look(subject: Subject) -> Iterator[Hit]:
    if _MAYBE.search(subject.ruleset.lines.source.text) is None:
        return
    for table in subject.dump.tables:
        for rule in subject.rules(table.name, lambda shape: shape.target is not None and shape.target.name == "DNAT"):
            effect = binding.effect(rule)
            to = effect.to if isinstance(effect, Translate) else None
            if to is not None and (to.first_port == 0 or (to.first is not None and to.first.value == 0)):
                what = message("chain {chain} sends packets to nowhere ({to})", chain=rule.chain, to=to)
                yield Hit(rule.line, what, (table.name, rule.chain), word="--to-destination")


CHECK = Check(
    "IX006",
    "destination-zero",
    ERROR,
    _look,
    message("save the rules with the iptables that wrote them, and restore nothing from this dump"),
)
