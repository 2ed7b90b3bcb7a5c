"""Two subjects of one node: what they are called in sentences, and lines of the second one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.finding import Related

if TYPE_CHECKING:
    from iptexplain.lint.subject import Subject
    from iptexplain.source import Message

_OPPOSITE = {"nft": "legacy", "legacy": "nft"}


def programs(subject: Subject, other: Subject) -> tuple[str, str]:
    """What the two backends of a node are called: `iptables-nft` and `iptables-legacy`, by files where the dumps do not tell."""
    own, others = subject.dump.backend, other.dump.backend
    own = own or _OPPOSITE.get(others or "")
    others = others or _OPPOSITE.get(own or "")
    tool = "ip6tables" if "ipv6" in {subject.dump.family, other.dump.family} else "iptables"
    if own is None or others is None:
        return subject.ruleset.source.name, other.ruleset.source.name
    return f"{tool}-{own}", f"{tool}-{others}"


def there(subject: Subject, other: Subject, line: int, what: Message) -> Related:
    """A line of the second dump, which may stand in another file."""
    return Related(line, what, None if other.ruleset is subject.ruleset else other.ruleset.source.name)
