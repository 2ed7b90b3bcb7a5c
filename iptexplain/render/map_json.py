"""What stands for what in anonymised inputs, for their owner (schemas/map.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render import documents

if TYPE_CHECKING:
    from iptexplain.anonymize.disguise import Disguise

_KINDS = {
    "ns": "namespaces",
    "svc": "services",
    "port": "port_names",
    "chain": "chains",
    "part": "parts_of_chains",
    "if": "interfaces",
    "set": "sets",
    "list": "lists",
    "account": "accounts",
    "hardware": "hardware_addresses",
    "comment": "comments",
    "log": "log_prefixes",
    "program": "programs",
    "value": "values",
}
"""The members of the document, by the kinds of pseudonyms (`iptexplain.anonymize.disguise`)."""


def document(disguise: Disguise) -> str:
    """The JSON text: for each kind the pairs of an original and what stands for it, sorted."""
    addresses = {str(original): str(other) for original, other in disguise.addresses.seen()}
    kinds = {name: dict(sorted(disguise.pseudonyms.kind(kind).items())) for kind, name in _KINDS.items()}
    pairs = {
        name: [{"original": one, "pseudonym": other} for one, other in known.items()]
        for name, known in {"addresses": addresses, **kinds}.items()
    }
    return documents.write({**documents.head("map"), **pairs})
