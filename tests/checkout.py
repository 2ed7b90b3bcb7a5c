"""The files of this checkout, for tests that look at the project itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "iptexplain"


def project_files() -> tuple[Path, ...]:
    """The files that git tracks or would add, sorted: what is ignored is nobody's concern.

    Raises `subprocess.CalledProcessError` where this is no git checkout (an unpacked source distribution).
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is wherever PATH has it
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))  # a deleted file stays listed until it is committed


def modules() -> tuple[Path, ...]:
    """The modules of the package, sorted."""
    return tuple(sorted(PACKAGE.rglob("*.py")))
