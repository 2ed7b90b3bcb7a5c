"""From a syntax problem to a sentence: what was expected at that place, in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.parsing import grammar
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message

_WORDS = {
    "ADDRESS": "an address such as 10.0.0.0/8",
    "BLANKS": "a blank between two words",
    "CHAIN_NAME": "the name of a chain",
    "COMMENT": "a comment line (#)",
    "COUNTERS": "counters such as [12:720]",
    "ENDPOINT": "an address and port such as 10.0.0.1:80",
    "FLAGS": "TCP flags such as SYN,ACK",
    "INTERFACE": "the name of an interface",
    "MARK": "a mark such as 0x4000/0x4000",
    "MATCH_NAME": "the name of a match",
    "NOT": "!",
    "NUMBER": "a number",
    "POLICY": "a policy (ACCEPT, DROP or -)",
    "PORTS": "a port such as 80 or a range such as 8000:8010",
    "PROBABILITY": "a probability between 0 and 1",
    "PROTOCOL": "a protocol such as tcp",
    "SET_NAME": "the name of an ipset",
    "TABLE_NAME": "the name of a table",
    "TARGET_NAME": "the name of a target or a chain",
    "TEXT": "a word, or text in double quotes",
    "WORD": "a word",
}
_BASE = frozenset({"-s", "-d", "-i", "-o", "-p", "-f"})
_MOST = 6
"""How many alternatives a sentence lists before it becomes unreadable."""


def sentence(line: str, found: grammar.SyntaxProblem) -> Message:
    """What is wrong with a line."""
    word = line[found.offset :].split(" ", 1)[0]
    if word.startswith('"'):
        return message("this text in double quotes has no end on this line")
    if found.offset == 0:
        return message("this is no line of iptables-save: expected *table, :CHAIN, -A CHAIN, COMMIT or a # comment")
    if word in _BASE and line[: found.offset].count(" -m "):
        return message("{option} stands behind a match; iptables-save prints -s -d -i -o -p -f before the first -m", option=word)
    expected = _expected(found.expected)
    if found.offset >= len(line.rstrip()):
        return message("the line ends where {expected} was expected", expected=expected)
    return message("expected {expected}", expected=expected)


def _expected(terminals: frozenset[str]) -> str:
    """The alternatives as one phrase: what kinds of words, and the keywords if they are few."""
    literals = grammar.keywords()
    kinds = sorted({_WORDS.get(grammar.plain_name(t), "") for t in terminals if t not in literals} - {""})
    keywords = sorted(literals[t] for t in terminals if t in literals and not literals[t].startswith("["))
    if any(t.endswith("TARGET_NAME") for t in terminals):
        keywords = []
    options = [k for k in keywords if k not in {"-m", "-j", "-g"}]
    names = keywords if len(keywords) <= _MOST else [*options[:_MOST], "…"] if options else keywords[:_MOST]
    phrases = [*kinds, *names]
    return " or ".join([", ".join(phrases[:-1]), phrases[-1]] if len(phrases) > 1 else phrases) or "the end of the line"
