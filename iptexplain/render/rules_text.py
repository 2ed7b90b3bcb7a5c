"""The list of all checks of lint, for people; the page of a check is Markdown as it is (`lint.check.Page.text`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.render.layout import columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.lint.check import Check, Page


def table(checks: Iterable[tuple[Check, Page]]) -> list[str]:
    """One line a check: code, severity, name, and what is wrong."""
    rows = [(check.code, check.severity, check.name, page.title) for check, page in checks]
    return columns(rows)
