"""What the exit status of every command means."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """0 fine, 1 findings (lint), 2 wrong usage or an input that is no dump, 130 interrupted."""

    FINE = 0
    FINDINGS = 1
    UNUSABLE = 2
    INTERRUPTED = 130
