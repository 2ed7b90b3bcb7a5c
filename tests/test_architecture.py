"""ARCHITECTURE.md names every module, so that a newcomer finds each idea by its file."""

from __future__ import annotations

import pytest

from tests.checkout import ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
LISTED_BY_FOLDER = ("extensions/", "cli/", "render/", "owners/", "lint/checks/", "lint/common/")
"""Folders that the page describes as a whole."""

MODULES = sorted(
    str(path.relative_to(ROOT / "iptexplain"))
    for path in (ROOT / "iptexplain").rglob("*.py")
    if not path.name.startswith("_") and not str(path.relative_to(ROOT / "iptexplain")).startswith(LISTED_BY_FOLDER)
)


@pytest.mark.parametrize("module", MODULES)
def test_the_map_names_the_module(module: str) -> None:
    assert f"{module.rpartition('/')[2]}`" in TEXT
