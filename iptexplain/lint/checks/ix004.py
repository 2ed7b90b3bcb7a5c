"""There are rules of the other backend, and they are not in the dump.

## What it does

Looks for the line with which iptables-save warns that there are tables of iptables-legacy (or of iptables-nft) too.

## Why it matters

Linux has two places for rules of iptables, and obeys both. A dump shows one of them. With the other one missing, the dump may look
sound and packets still be dropped or sent elsewhere: kube-proxy and a firewall often write to different places
(kubernetes/kubernetes#109811).

## Example

```
# Warning: iptables-legacy tables present, use iptables-legacy-save to see them
```

## Use instead

Both: `(iptables-nft-save; iptables-legacy-save) > node.save`.

## Limits

The warning goes to the terminal, not into a file, unless the command has `2>&1`. It also comes where the other tables are there but
empty. It is not repeated here if the input holds a dump of the other backend.
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

_WARNING = re.compile(r"^[ \t]*# Warning: ((ip6?tables)-(legacy|nft)) tables present", re.MULTILINE)


def _look(subject: Subject) -> Iterator[Hit]:
    told = set()
    for line, found in remarks(subject, " tables present", _WARNING):
        tool, program, backend = found.groups()
        families = {None, "ipv6" if program == "ip6tables" else "ipv4"}
        if tool in told or any(dump.backend == backend and dump.family in families for dump in subject.ruleset.dumps):
            continue
        told.add(tool)
        yield Hit(line, message("there are tables of {tool} too: their rules are not in this dump", tool=tool), (tool,), word=tool)


CHECK = Check(
    "IX004",
    "other-backend-missing",
    WARNING,
    _look,
    message("save both, with iptables-nft-save and iptables-legacy-save, and look at both"),
)
