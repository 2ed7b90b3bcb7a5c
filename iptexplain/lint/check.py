"""What a check is: a code, a name, a severity, what it needs, and how it looks. Its page is the docstring of its module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iptexplain.lint.finding import Hit
    from iptexplain.lint.subject import Subject
    from iptexplain.source import Message

COUNTERS = "counters"
KUBE_PROXY = "kube-proxy"
COMPLETE = "complete"
WHOLE_TABLES = "whole tables"
OTHER_BACKEND = "the other backend"
OTHER_FAMILY = "the other family"
SETS = "sets"
ADDRESSES = "addresses"

NEEDS: dict[str, Message] = {
    COUNTERS: message("needs counters: iptables-save -c"),
    KUBE_PROXY: message("nothing of kube-proxy's iptables mode is in this dump"),
    COMPLETE: message("the dump is cut off: what is missing may stand behind the cut"),
    WHOLE_TABLES: message("rule lines alone: what is missing may just have been left out"),
    OTHER_BACKEND: message("needs the rules of the other backend: --legacy FILE"),
    OTHER_FAMILY: message("needs the IPv6 rules of the node: --ip6 FILE"),
    SETS: message("needs the sets that rules name: --ipset FILE"),
    ADDRESSES: message("needs the addresses of the node: --ip-addr FILE"),
}
"""What a check may need of a dump or beside it, and what is said where that is missing."""

SECTIONS = ("What it does", "Why it matters", "Example", "Use instead", "Limits")
"""The sections of a check's page."""


class Check(NamedTuple):
    """One check. `name` names the problem; `needs` are keys of `NEEDS`; `help` says in one sentence what to do."""

    code: str
    name: str
    severity: str
    look: Callable[[Subject], Iterable[Hit]]
    help: Message
    needs: tuple[str, ...] = ()

    def lacks(self, subject: Subject) -> Message | None:
        """Why the check cannot look at a dump, None if it can."""
        return next((NEEDS[need] for need in self.needs if not subject.has(need)), None)


class Page(NamedTuple):
    """A check's page: a title, and the text of each of the `SECTIONS`."""

    title: str
    sections: dict[str, str]

    @classmethod
    def parse(cls, docstring: str) -> Page:
        """Read the docstring of a check's module. Raises ValueError if a section is missing, empty or not in its place."""
        title, _, rest = docstring.strip().partition("\n\n")
        found: dict[str, str] = {}
        heading = ""
        for line in rest.splitlines():
            if line.startswith("## "):
                heading = line[3:]
                found[heading] = ""
            else:
                found[heading] = found.get(heading, "") + line + "\n"
        found = {name: text.strip() for name, text in found.items()}
        if tuple(found) != SECTIONS or not all(found.values()):
            raise ValueError(title)
        return cls(title, found)

    def text(self, check: Check) -> str:
        """The page in Markdown."""
        needs = [NEEDS[need].english() for need in check.needs]
        parts: list[Any] = [f"# {check.code} {check.name}", self.title, f"Severity: {check.severity}."]
        parts += [f"Not looked for where: {'; '.join(needs)}."] if needs else []
        parts += [f"## {name}\n\n{text}" for name, text in self.sections.items()]
        return "\n\n".join(parts) + "\n"
