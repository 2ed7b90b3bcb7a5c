"""A Service's chain belongs to another Service, or to another protocol, than the rule that leads to it says.

## What it does

The name of a Service's chain (`KUBE-SVC-…`, `KUBE-EXT-…`, `KUBE-FW-…`) ends with a hash of the Service's name and protocol. This check
works the hash out again from the comment of the rule that leads to the chain, and looks for those that do not fit. Where the hash is that
of a Service that many clusters have, it says which. Where the name fits, the hash also proves the protocol: it is an error if the rule
takes packets of another one alone.

## Why it matters

Whoever reads the rules goes by the comments. A comment that does not fit was changed by hand, in most cases to hide names before a dump was
passed on; or the rule was pointed to another Service's chain, and then the address answers with that one.

A rule for UDP in front of the chain of a TCP port is met by no connection to that port: clients get no answer from the address.

## Example

```
-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "my/dns cluster IP" -m udp --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU
```

## Use instead

Work with an unchanged dump. If the node itself has such a rule, restart kube-proxy.

## Limits

Rules without a comment are not looked at. Which of the two is wrong, the comment or the chain, the dump does not tell. Rules that take
every protocol, or all but one, are passed over.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.naming import proof, said_names
from iptexplain.lint.common.protocol import protocol_of
from iptexplain.lint.common.uncounted import uncounted
from iptexplain.lint.finding import ERROR, WARNING, Hit
from iptexplain.owners.kube_proxy.names import PROTOCOLS, service_hash, spellings
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.common.naming import Proven, Said
    from iptexplain.lint.subject import Subject

_WELL_KNOWN = (
    "default/kubernetes:https",
    "kube-system/kube-dns:dns",
    "kube-system/kube-dns:dns-tcp",
    "kube-system/kube-dns:metrics",
    "kube-system/coredns:dns",
    "kube-system/coredns:dns-tcp",
    "kube-system/metrics-server:https",
    "kube-system/metrics-server",
    "default/nginx",
)
"""Service ports that many clusters have."""


def _look(subject: Subject) -> Iterator[Hit]:
    judged: dict[tuple[str, str], Proven | None] = {}
    for said in said_names(subject):
        key = said.hash, said.name
        if key not in judged:
            judged[key] = proof(said.hash, said.name)
            if judged[key] is None:
                yield _hit(said)
        proven, asked = judged[key], protocol_of(said.rule.shape, said.rule.values)
        if proven is not None and asked not in {None, proven.protocol}:
            what = message(
                "this rule takes {asked} packets alone, but {name} is a {protocol} port: no connection reaches the Service by it",
                asked=asked,
                name=said.name,
                protocol=proven.protocol,
            )
            yield Hit(said.rule.line, what, (said.hash, said.name, uncounted(said.rule)), ERROR, word="-p")


def _hit(said: Said) -> Hit:
    known = _by_hash().get(said.hash)
    if known is None:
        what = message(
            "the comment says {name}, which does not fit the hash in {chain}:"
            " either the name was changed, or another Service answers these connections",
            chain=said.chain,
            name=said.name,
        )
    else:
        what = message(
            "{chain} is the chain of {known}, not of {name}:"
            " either the name in the comment was changed, or {known} answers connections to {name}",
            chain=said.chain,
            known=known,
            name=said.name,
        )
    return Hit(said.rule.line, what, (said.hash, said.name), word=said.name)


@cache
def _by_hash() -> dict[str, str]:
    return {service_hash(spelt, one): name for name in _WELL_KNOWN for spelt in spellings(name) for one in PROTOCOLS}


CHECK = Check(
    "KP308",
    "service-of-another-name",
    WARNING,
    _look,
    message("work with an unchanged dump; if the node itself has this rule, restart kube-proxy"),
    (KUBE_PROXY,),
    also=(ERROR,),
)
