"""A bar on the terminal for work that a person waits for. Drawn by rich, which typer brings along; imported when a bar is drawn."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE = 0.5
"""Nothing is drawn for work that is done within so many seconds."""

_EACH = 0.1
"""The bar is drawn again at most once in so many seconds."""


@contextmanager
def bar(what: str, *, shown: bool) -> Iterator[Callable[[float], None]]:
    """Gives a function that is told which part of the work is done, 0 to 1, and draws it on standard error. It is gone at the end.

    `shown` False draws nothing: no terminal, or nobody wants it.
    """
    if not shown:
        yield lambda _: None
        return
    drawn = _Bar(what)
    try:
        yield drawn.tell
    finally:
        drawn.end()


class _Bar:
    """One bar; rich is imported when it is first drawn."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next = monotonic() + _PATIENCE
        self._end: Callable[[], None] = lambda: None
        self._draw: Callable[[float], None] | None = None

    def tell(self, part: float) -> None:
        """Draws the bar if it is time to."""
        now = monotonic()
        if now < self._next:
            return
        self._next = now + _EACH
        if self._draw is None:
            self._begin()
        if self._draw is not None:
            self._draw(part)

    def _begin(self) -> None:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import Progress

        progress = Progress(console=Console(stderr=True), transient=True, auto_refresh=False)
        task = progress.add_task(escape(self._what), total=1.0)  # a file may be named like markup
        progress.start()
        self._end = progress.stop
        self._draw = lambda part: progress.update(task, completed=part, refresh=True)

    def end(self) -> None:
        """Takes the bar away."""
        self._end()
