"""Arriving packets are sent to an address of the node's loopback.

## What it does

Looks for `DNAT` to an address in 127.0.0.0/8 in chains of nat that `PREROUTING` leads to.

## Why it matters

The kernel throws away packets that arrive by an interface and are for 127.0.0.0/8, without a word. Such a rule works only if the sysctl
`net.ipv4.conf.<interface>.route_localnet` is 1. Then services that listen on 127.0.0.1 alone, and count on it that nobody else reaches
them, may be reached by neighbours in the network too (CVE-2020-8558).

## Example

```
-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 127.0.0.1:80
```

## Use instead

`-j REDIRECT --to-ports 80` and a service that listens on the node's address. If the rule has to stay: `sysctl
net.ipv4.conf.eth0.route_localnet=1`, and rules that drop packets for 127.0.0.0/8 that arrive from elsewhere.

## Limits

The sysctl is not in the dump, so nobody can tell here whether the rule works. Rules that only packets of the node itself meet (`OUTPUT`)
need no sysctl and are passed over, as are those of containers' DNS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.check import Check
from iptexplain.lint.common.wiring import reached
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.address import Network
from iptexplain.model.matching import Translate
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject

_LOOPBACK = Network.parse("127.0.0.0/8")

_WRITTEN = re.compile(r"--to\S*[ =]127\.")
"""What a dump with such a rule has in it: a quick look at the text spares one at every DNAT rule."""


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    if nat is None or _WRITTEN.search(subject.ruleset.lines.source.text) is None:
        return
    found = []
    for rule in subject.rules("nat", lambda shape: shape.target is not None and shape.target.name == "DNAT"):
        effect = binding.effect(rule) if "127." in rule.text else None
        to = effect.to if isinstance(effect, Translate) else None
        if to is not None and to.first is not None and _LOOPBACK.holds(to.first):
            found.append((rule, to))
    arriving = reached(subject, "nat", "PREROUTING") if found else ()
    for rule, to in found:
        if rule.chain in arriving:
            what = message("chain {chain} sends arriving packets to {to}, which needs the sysctl route_localnet", chain=rule.chain, to=to)
            yield Hit(rule.line, what, ("nat", rule.chain, str(to)), word=str(to))


CHECK = Check(
    "IT711",
    "dnat-to-loopback",
    INFO,
    _look,
    message("set net.ipv4.conf.<interface>.route_localnet=1, or let the service listen on an address of the node"),
)
