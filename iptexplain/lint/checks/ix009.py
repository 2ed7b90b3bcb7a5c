"""A table exists that the dump does not hold.

## What it does

Looks for the line with which iptables-save says that it cannot print a table, because a program other than iptables has put things
into it.

## Why it matters

Packets meet the rules of that table, but the dump says nothing of them. Whatever is told of such packets may be wrong. If the table is
nat, nothing of kube-proxy's Services can be seen.

## Example

```
# Table `nat' is incompatible, use 'nft' tool.
```

## Use instead

`nft list table ip nat` (`ip6` for IPv6) shows the table. Find out which program writes to it; programs of nftables should use
tables of their own names.

## Limits

The line for tables that iptables-save prints in part ("contains incompatible base-chains") is not looked for. What `nft` prints is not
read here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.lint.check import Check
from iptexplain.lint.common.remarks import remarks
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject

_PART = "' is incompatible, use 'nft' tool"
_LINE = re.compile(rf"^[ \t]*(?:# |ip6?tables[^\n:]*: )[Tt]able `([^'\n]+){_PART}", re.MULTILINE)


def _look(subject: Subject) -> Iterator[Hit]:
    for line, found in remarks(subject, _PART, _LINE):
        what = message("table {table} exists but is not in the dump: iptables-save cannot print it", table=found[1])
        yield Hit(line, what, (found[1],), word=f"`{found[1]}'")


CHECK = Check("IX009", "table-not-printed", WARNING, _look, message("look at the table with nft list table, and find out who writes to it"))
