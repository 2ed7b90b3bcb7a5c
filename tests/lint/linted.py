"""Helpers of the tests of checks: what one check, or all, say of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.api import load
from iptexplain.lint.registry import CODES, check
from iptexplain.lint.runner import lint
from tests.checkout import ROOT

if TYPE_CHECKING:
    from iptexplain.lint.finding import Finding

CLASSIC = ROOT / "samples/kube-proxy/classic-nginx.save"
"""A healthy dump: kube-proxy 1.27 or later, two Services."""


def findings(text: str | bytes, *codes: str) -> tuple[Finding, ...]:
    """What some checks (all, if none is named) say of a text."""
    raw = text if isinstance(text, bytes) else text.encode()
    return lint(load(raw), [check(code) for code in codes or CODES]).findings


def said(text: str | bytes, *codes: str) -> list[str]:
    """The same as lines: `CODE severity line: sentence`."""
    return [f"{one.check.code} {one.severity} {one.place.line}: {one.place.message.english()}" for one in findings(text, *codes)]


def sound(name: str = "classic-nginx") -> str:
    """A healthy dump of the samples."""
    return (ROOT / f"samples/kube-proxy/{name}.save").read_text("utf-8")
