"""Colour and emphasis for terminals. Without colour every function gives its text back as it is."""

from __future__ import annotations

from iptexplain.named import NamedTuple


class Style(NamedTuple):
    """How to emphasise; `colour` False leaves all text plain."""

    colour: bool = False

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text

    def title(self, text: str) -> str:
        """What a block is about."""
        return self._wrap("1", text)

    def quiet(self, text: str) -> str:
        """What is there for those who look for it."""
        return self._wrap("2", text)

    def care(self, text: str) -> str:
        """What people trip over."""
        return self._wrap("33", text)

    def bad(self, text: str) -> str:
        """Where traffic ends."""
        return self._wrap("31", text)
