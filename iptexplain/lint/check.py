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
OTHERS_COMPLETE = "the others complete"
SETS = "sets"
ADDRESSES = "addresses"

NEEDS: dict[str, Message] = {
    COUNTERS: message("the dump has no counters (iptables-save -c writes them)"),
    KUBE_PROXY: message("nothing of kube-proxy's iptables mode is in the dump"),
    COMPLETE: message("the dump is cut off, or lines of it could not be read, and what is missing may be among these"),
    WHOLE_TABLES: message("there are rule lines alone, without their tables, and what is missing may just have been left out"),
    OTHER_BACKEND: message("the rules of the other backend are not given (--legacy FILE)"),
    OTHER_FAMILY: message("the IPv6 rules of the node are not given (--ip6 FILE)"),
    OTHERS_COMPLETE: message("the rules beside the dump are cut off, or no whole tables"),
    SETS: message("the sets that rules name are not given (--ipset FILE)"),
    ADDRESSES: message("the addresses of the node are not given (--ip-addr FILE)"),
}
"""What a check may need of a dump or beside it, and why it cannot look where that is missing:"
" the end of a sentence, or a line of a list."""

SECTIONS = ("What it does", "Why it matters", "Example", "Use instead", "Limits")
"""The sections of a check's page."""


class Check(NamedTuple):
    """One check. `name` names the problem; `needs` are keys of `NEEDS`; `help` says in one sentence what to do.

    `severity` is that of its hits which say no other; `also` are the others, the gravest first.
    """

    code: str
    name: str
    severity: str
    look: Callable[[Subject], Iterable[Hit]]
    help: Message
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

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
        reasons = "".join(f"\n- {NEEDS[need].english()}" for need in check.needs)
        severity = f"Severity: {check.severity}{', in some cases ' if check.also else ''}{' or '.join(check.also)}."
        parts: list[Any] = [f"# {check.code} {check.name}", self.title, severity]
        parts += [f"It cannot look if:\n{reasons}"] if reasons else []
        parts += [f"## {name}\n\n{text}" for name, text in self.sections.items()]
        return "\n\n".join(parts) + "\n"
