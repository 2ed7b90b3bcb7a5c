"""REJECT: drop the packet and tell its sender.

Man page iptables-extensions(8), REJECT; kernel net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.model.matching import Reject
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_ANSWERS = {
    4: {
        "icmp-net-unreachable": "net-unreach",
        "icmp-host-unreachable": "host-unreach",
        "icmp-proto-unreachable": "proto-unreach",
        "icmp-port-unreachable": "port-unreach",
        "icmp-net-prohibited": "net-prohib",
        "icmp-host-prohibited": "host-prohib",
        "tcp-reset": "tcp-rst",
        "icmp-admin-prohibited": "admin-prohib",
    },
    6: {
        "icmp6-no-route": "no-route",
        "icmp6-adm-prohibited": "adm-prohibited",
        "icmp6-addr-unreachable": "addr-unreach",
        "icmp6-port-unreachable": "port-unreach",
        "tcp-reset": "tcp-reset",
        "icmp6-policy-fail": "policy-fail",
        "icmp6-reject-route": "reject-route",
    },
}
"""The answers of each family and their short names, in the order in which iptables compares an abbreviation with them."""
_DEFAULT = {4: "icmp-port-unreachable", 6: "icmp6-port-unreachable"}


def _named(text: str, family: int) -> str | None:
    """The answer that a name or the beginning of one means."""
    return next((name for name, short in _ANSWERS[family].items() if name.startswith(text) or short.startswith(text)), None)


def full_name(answer: str, family: int) -> str:
    """The answer of a rule by its full name in a family (4 or 6); "" is the default of the family."""
    return (_named(answer, family) or answer) if answer else _DEFAULT[family]


def _answer(text: str) -> str:
    """The full name, unless that depends on the family. Raises ValueError for what no family knows."""
    said = text.lower()
    if any(said in known for known in _ANSWERS.values()):
        return said
    found = {name for family in _ANSWERS if (name := _named(said, family)) is not None}
    if not found:
        raise ValueError(text)
    return found.pop() if len(found) == 1 else said


class RejectTarget(Extension):
    """The answer, "" for the default of the family; iptables-save always prints it."""

    NAME: ClassVar[str] = "REJECT"

    answer: str = ""

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--reject-with", "answer", _answer),)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """By its full name in the family."""
        return (Words("--reject-with", negated=False, values=(full_name(self.answer, to.family),)),)

    def effect(self) -> Reject:
        """The end of the packet."""
        return Reject(self.answer)

    def action(self) -> Message:
        """What the sender hears; where that depends on the family, the word of the rule."""
        found = {full_name(self.answer, family) for family in _ANSWERS if not self.answer or _named(self.answer, family) is not None}
        errors = {_ERRORS.get(answer) for answer in found}
        if found == {"tcp-reset"}:
            return message("drop and answer with a TCP reset")
        error = errors.pop() if len(errors) == 1 else None
        if error is None:
            return message('drop and answer with the ICMP error that "{answer}" stands for', answer=self.answer)
        protocols = {"ICMPv6" if answer.startswith("icmp6") else "ICMP" for answer in found}
        if len(protocols) > 1:
            return message('drop and answer "{error}"', error=message(error))
        (protocol,) = protocols
        return message('drop and answer "{error}" ({protocol})', error=message(error), protocol=protocol)


_ERRORS = {
    "icmp-net-unreachable": N_("network unreachable"),
    "icmp-host-unreachable": N_("host unreachable"),
    "icmp-proto-unreachable": N_("protocol unreachable"),
    "icmp-port-unreachable": N_("port unreachable"),
    "icmp-net-prohibited": N_("network prohibited"),
    "icmp-host-prohibited": N_("host prohibited"),
    "icmp-admin-prohibited": N_("prohibited by the administrator"),
    "icmp6-no-route": N_("no route to the destination"),
    "icmp6-adm-prohibited": N_("prohibited by the administrator"),
    "icmp6-addr-unreachable": N_("address unreachable"),
    "icmp6-port-unreachable": N_("port unreachable"),
    "icmp6-policy-fail": N_("source address against the policy"),
    "icmp6-reject-route": N_("route rejected"),
}
"""What the ICMP errors say."""

EXTENSION = RejectTarget
