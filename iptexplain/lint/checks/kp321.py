"""A Service takes the traffic to a public address.

## What it does

Looks for rules of external IPs (`spec.externalIPs` of a Service) whose address is a public one.

## Why it matters

Whoever may make Services can name any address there. All traffic from this cluster to that address then goes to the Pods of
the Service: that way a user can read or answer what others send to an address on the internet (CVE-2020-8554,
kubernetes/kubernetes#97076, kubernetes/kubernetes#22650).

## Example

```
-A KUBE-SERVICES -d 8.8.8.8/32 -p udp -m comment --comment "team-a/dns external IP" -m udp --dport 53 -j KUBE-EXT-2CMXP7HKUVJN7L6M
```

## Use instead

If the address does not belong to the cluster, take it out of the Service. The admission plugin `DenyServiceExternalIPs` keeps new ones
out.

## Limits

The dump does not tell who owns an address: a public address of your own is right there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment, comment_slot
from iptexplain.lint.check import Check
from iptexplain.lint.common.demands import demands
from iptexplain.lint.finding import INFO, Hit
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule

_BEHIND = " external IP"

_NOT_PUBLIC = tuple(
    Network.parse(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_PUBLIC_6 = Network.parse("2000::/3")
_EXAMPLES_6 = Network.parse("2001:db8::/32")


def _look(subject: Subject) -> Iterator[Hit]:
    nat = subject.table("nat")
    seen: set[tuple[str, str]] = set()
    for rule in nat.rules_of(layout.SERVICES) if nat is not None else ():
        slot = comment_slot(rule.shape)
        if slot is None or _BEHIND not in rule.values[slot]:
            continue
        said = comment(rule) or ""
        address = _address(rule) if said.endswith(_BEHIND) else None
        if address is None or not _is_public(address) or (said, str(address)) in seen:
            continue
        seen.add((said, str(address)))
        shown = str(address.single)
        what = message("{service} takes the traffic to the public address {address}", service=said.removesuffix(_BEHIND), address=shown)
        yield Hit(rule.line, what, (said.removesuffix(_BEHIND), shown), word=shown)


def _address(rule: Rule) -> Network | None:
    """The single address that packets of a rule go to, None if it is not just one."""
    asked = (one.wanted for one in demands(rule) or () if one.field is Field.DESTINATION and not one.negated)
    found = next(asked, None)
    return found if isinstance(found, Network) and found.single is not None else None


def _is_public(address: Network) -> bool:
    if address.family == _PUBLIC_6.family:
        return _PUBLIC_6.covers(address) and not _EXAMPLES_6.covers(address)
    return not any(network.covers(address) for network in _NOT_PUBLIC)


CHECK = Check(
    "KP321",
    "external-ip-is-public",
    INFO,
    _look,
    message("make sure that the address is the cluster's own: else the Service takes what others send to it"),
)
