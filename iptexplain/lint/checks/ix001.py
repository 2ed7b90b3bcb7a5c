"""The dump is cut off: a table has no COMMIT.

## What it does

Looks for a table that does not end with `COMMIT`.

## Why it matters

iptables-save ends every table with `COMMIT`. Without it the output was cut: by a full disk, a broken pipe, a terminal that
scrolled away. Whatever stands behind the cut is missing, so most other checks cannot tell what is wrong.

## Example

```
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -j KUBE-SERVICES
```

## Use instead

The whole output: `iptables-save > node.save`, copied as a file.

## Limits

Rule lines alone, without a `*table` line, are taken as they were pasted; nobody can tell whether lines are missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.finding import ERROR, Hit
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    for table in subject.dump.tables:
        if table.line and not table.committed:
            yield Hit(table.line, message("table {table} has no COMMIT: the dump is cut off", table=table.name), (table.name,))


CHECK = Check("IX001", "dump-cut-off", ERROR, _look, message("save the whole output of iptables-save to a file, and look at that"))
