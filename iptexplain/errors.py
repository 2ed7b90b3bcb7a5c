"""What can go wrong, one class for each thing that the reader can do about it.

Exceptions carry fields; their text is a `Message`, so that it can be shown in the reader's language. What concerns a part of an input
and leaves the rest readable is a `source.Problem`, not an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.source import Message, Problem


class IptexplainError(Exception):
    """The root of all errors that iptexplain raises on purpose."""

    def __init__(self, what: Message) -> None:
        """`what` is the sentence for the user."""
        super().__init__(what)
        self.message = what

    def __str__(self) -> str:
        return self.message.english()


class UnreadableInputError(IptexplainError):
    """A file that cannot be opened or unpacked. Remedy: another path, or the right permissions."""


class NotADumpError(IptexplainError):
    """An input without a single table or rule. Remedy: the output of iptables-save; `hint` says what the input looks like instead."""

    def __init__(self, file: str, hint: Message, problems: Sequence[Problem] = ()) -> None:
        """`problems` are the first lines that were not understood."""
        super().__init__(message("{file}: {hint}", file=file, hint=hint))
        self.file = file
        self.hint = hint
        self.problems = tuple(problems)


class UsageError(IptexplainError):
    """A question that cannot be asked this way. Remedy: other words on the command line or in the call."""


class TooManyCasesError(IptexplainError):
    """Open questions lead to more cases than anybody could look at. Remedy: say more of the node, or of the packet."""


class InstallationError(IptexplainError):
    """A part of iptexplain itself is missing or does not fit. Remedy: install it anew."""


class MissingProgramError(IptexplainError):
    """Something that others make is needed for one output, and not there. Remedy: install it, as the sentence says, or another format."""
