"""The Service port that a chain of kube-proxy works for, as findings call it.

It goes by comments alone. So it costs little, and it also names the Service of rules that work no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.common.naming import proof, said_names
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule
    from iptexplain.source import Message

_DIGITS = 16
"""Letters and digits of a hash."""


def service_of(subject: Subject, chain: str) -> str:
    """What the Service port of a Service's chain in nat is called, as `served.called` would: by its hash if no comment names it."""
    hash_ = chain[-_DIGITS:]
    return subject.once(_by_hash).get(hash_) or _commented(subject, chain) or f"KUBE-SVC-{hash_}"


def service_of_endpoint(subject: Subject, chain: str) -> str | Message:
    """The same for the chain of an endpoint: the first Service port that leads to it."""
    leading = (rule.chain for rule in subject.jumps("nat").get(chain, ()) if SERVICE_CHAIN.match(rule.chain))
    caller = next(leading, None)
    if caller is not None:
        return service_of(subject, caller)
    return _commented(subject, chain) or message("a Service that no comment names")


def service_at(rule: Rule) -> str | None:
    """What the Service port is called that a rule in `KUBE-SERVICES` of filter refuses, None if its comment names none."""
    name = layout.named_in(binding.comment(rule) or "")
    return None if name is None else name.removesuffix(":")


def _by_hash(subject: Subject) -> dict[str, str]:
    """The names that the top chains tell; of two for one hash the one that the hash proves."""
    found: dict[str, str] = {}
    for said in said_names(subject):
        before = found.setdefault(said.hash, said.name)
        if before != said.name and proof(said.hash, before) is None:
            found[said.hash] = said.name
    return {hash_: name.removesuffix(":") for hash_, name in found.items()}


def _commented(subject: Subject, chain: str) -> str | None:
    """The name in the comments of a chain's own rules."""
    nat = subject.table("nat")
    names = (layout.named_in(binding.comment(rule) or "") for rule in (nat.rules_of(chain) if nat is not None else ()))
    found = next((name for name in names if name is not None), None)
    return None if found is None else found.removesuffix(":")
