"""What a match asks, in words: phrases that one sentence on a rule is made of, and the place of each in that sentence.

In English a sentence is "{what} from {from} to {to}, {if}, {if}: {action}"; other languages have another order. So a phrase is a template
with fields, and it says which place it is for.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from iptexplain.model.matching import Constraint
    from iptexplain.source import Message


class Part(Enum):
    """A place in the sentence on a rule, and what fits in there."""

    WHAT = "what"  # a noun for packets: "TCP", "everything but TCP"
    FROM = "from"  # what can stand behind "from": "10.0.0.0/8", "outside 10.0.0.0/8", "port 53", "this node's addresses"
    TO = "to"  # what can stand behind "to", like that
    IF = "if"  # anything else, behind a comma: "coming in by eth0", "connection state NEW", "at most 5 a second"


class Phrase(NamedTuple):
    """A part of a sentence. `constraint` is what it says, where a sentence may say that with others together: an address and its port."""

    part: Part
    text: Message
    constraint: Constraint | None = None
