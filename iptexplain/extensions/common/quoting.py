"""How iptables-save quotes text: each option in its own way, and most of them not at all.

The words of other options are printed bare, whatever they hold (interface and chain names, names of sets and lists).
"""

from __future__ import annotations

import re

_HARMLESS = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r"([\\\"'])")


def if_needed(text: str) -> str:
    r"""In double quotes unless it is letters, digits, `_` and `-` alone (libxtables/xtables.c, `xtables_save_string`).

    >>> if_needed("cali-1"), if_needed("it's")
    ('cali-1', '"it\\\'s"')
    """
    return text if _HARMLESS.fullmatch(text) else '"' + _ESCAPED.sub(r"\\\1", text) + '"'


def always(text: str) -> str:
    """In double quotes, nothing escaped."""
    return f'"{text}"'
