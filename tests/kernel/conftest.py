"""The network namespace in which the kernel is asked."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def _called(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, check=False, capture_output=True, timeout=60)


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> Iterator[str]:
    """A network namespace of its own, removed at the end; the rules of this machine are not touched. A module says its `TOOLS`."""
    tools: tuple[str, ...] = request.module.TOOLS
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing or tools)}")
    name = f"iptexplain-{secrets.token_hex(4)}"
    try:
        made = _called("ip", "netns", "add", name)
        if made.returncode:
            pytest.skip(f"no network namespace can be made here: {made.stderr.decode(errors='replace').strip()}")
        yield name
    finally:
        _called("ip", "netns", "delete", name)
