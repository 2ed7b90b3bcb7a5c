"""Names of Services that the hashes in the names of chains prove, or do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import PROTOCOLS, SERVICE_CHAIN, ServicePortName, service_hash, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule


class Proven(NamedTuple):
    """A Service port as it was hashed, and its protocol."""

    spelt: str
    protocol: str


class Said(NamedTuple):
    """What a rule in a top chain of nat says: the Service port of its comment, and the hash in the name of the chain that it leads to."""

    rule: Rule
    chain: str
    hash: str
    name: str


def said_names(subject: Subject) -> Iterator[Said]:
    """The names that rules in the top chains of nat give to chains of Services."""
    nat = subject.table("nat")
    for table, top in layout.TOP_CHAINS if nat is not None else ():
        for rule in nat.rules_of(top) if nat is not None and table == "nat" else ():
            target = SERVICE_CHAIN.match(rule.target_name or "")
            name = layout.place(table, top, comment(rule), target[1]).service_port if target else None
            if target and name is not None and ServicePortName.parse(name) is not None:
                yield Said(rule, target[0], target[2], name)


def proof(hash_: str, name: str) -> Proven | None:
    """How a name was hashed so that this came out, None if it was not this name."""
    found = (Proven(spelt, protocol) for spelt in spellings(name) for protocol in PROTOCOLS if service_hash(spelt, protocol) == hash_)
    return next(found, None)
