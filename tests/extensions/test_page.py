from __future__ import annotations

import subprocess
import sys

from iptexplain.extensions import binding
from tests.checkout import ROOT

PAGE = (ROOT / "docs" / "extensions.md").read_text("utf-8")


def test_the_page_of_the_docs_is_fresh() -> None:
    done = subprocess.run([sys.executable, "tools/extensions.py", "--check"], cwd=ROOT, check=False)

    assert done.returncode == 0, "an extension or the grammar has changed: run tools/extensions.py"


def test_every_match_and_target_has_a_section_with_an_example() -> None:
    sections = PAGE.split("\n### ")[1:]
    names = [section.split("\n", 1)[0] for section in sections]

    assert ["base options", *(name for name in (*binding.MATCHES, *binding.TARGETS) if name)] == names
    assert all("```" in section for section in sections)
    assert all("| option |" in section or "No options." in section for section in sections)
