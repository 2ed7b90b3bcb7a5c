"""Inputs for tests, made of a few lines or of a file of the repository."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from iptexplain.parsing.decode import decode
from tests.checkout import ROOT

if TYPE_CHECKING:
    from iptexplain.source import Source


def source(*lines: str, name: str = "input") -> Source:
    """The text of these lines."""
    return decode(name, BytesIO("\n".join(lines).encode("utf-8", "surrogateescape")))


def file(path: str) -> Source:
    """The text of a file, by its path from the top of the repository."""
    return decode(path, BytesIO((ROOT / path).read_bytes()))
