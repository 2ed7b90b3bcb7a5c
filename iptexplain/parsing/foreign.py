"""What an input is that holds no dump: recognised by its beginning, so that the error can say what to run instead."""

from __future__ import annotations

import re

from iptexplain.source import Message, message

_RUN = "run iptables-save (as root) and give its output"

_LOOKS = (
    (r"\s*\Z", "it is empty; an empty nft ruleset prints nothing, otherwise iptables-save failed: was it run as root?"),
    ("[\x89\udc89]PNG|GIF8|\udcff\udcd8|%PDF|PK\x03\x04|\x7fELF|[^\n]{0,4000}\x00", "this is a binary file; " + _RUN),
    (r"(?is)\s*<(?:!doctype|html|\?xml|head|body)", "this is an HTML or XML page; " + _RUN),
    (
        r"(?s).{0,4000}?^[ \t]+(?:\*(?:nat|filter|mangle|raw)$|-A \S)",
        "its lines begin with blanks, which iptables-save never prints; take them away",
    ),
    (
        r"(?s).{0,4000}?^Chain \S+ \((?:policy|\d+ references)",
        "this is the output of iptables -L, which leaves half of each rule out; " + _RUN,
    ),
    (r"(?s).{0,4000}?^\s*table (?:ip|ip6|inet|arp|bridge|netdev) \S+ \{", "this is the output of nft list ruleset; " + _RUN),
    (r"NAMESPACE +NAME +|NAME +(?:TYPE|READY|CLUSTER-IP) +", "this is the output of kubectl get; " + _RUN),
    (r"\s*[\[{]", "this looks like JSON; " + _RUN),
    (r"(?s).{0,4000}?^\s*(?:sudo )?ip6?tables ", "these are iptables commands, not what they leave behind; " + _RUN),
)


def hint(text: str) -> Message:
    """What the text looks like, and what to do."""
    for expression, sentence in _LOOKS:
        if re.match(expression, text[:8000], re.MULTILINE):
            return message(sentence)
    return message("no table (*nat) and no rule (-A …) was found; " + _RUN)
