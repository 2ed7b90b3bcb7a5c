"""What an input is that holds no dump: recognised by its beginning, so that the error can say what to run instead."""

from __future__ import annotations

import re

from iptexplain.source import Message, message

_MOST = 8000
"""So many characters are looked at."""


def hint(text: str) -> Message:
    """What the text looks like, and what to do."""
    from iptexplain.parsing.looks import LOOKS, MAGIC

    for sentence, begin in MAGIC:
        if text.startswith(begin.decode("utf-8", "surrogateescape")):
            return message(sentence)
    head = text.lstrip(" \t\r\n")[:_MOST]
    for sentence, *expressions in LOOKS:
        if any(re.search(expression, head, re.MULTILINE) for expression in expressions):
            return message(sentence)
    return message("no table (*nat) and no rule (-A …) was found; run iptables-save (as root) and give its output")
