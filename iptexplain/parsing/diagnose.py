"""From a syntax problem to a sentence: what was expected at that place, in the reader's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.parsing import grammar
from iptexplain.parsing.shapes import MOST_WORDS, TOO_LONG
from iptexplain.source import N_, either_of, message, verbatim

if TYPE_CHECKING:
    from iptexplain.source import Message

_WORDS = {
    "ADDRESS": N_("an address such as 10.0.0.0/8"),
    "BLANKS": N_("a blank between two words"),
    "CHAIN_NAME": N_("the name of a chain"),
    "COMMENT": N_("a comment line (#)"),
    "COUNTERS": N_("counters such as [12:720]"),
    "ENDPOINT": N_("an address and port such as 10.0.0.1:80"),
    "FLAGS": N_("TCP flags such as SYN,ACK"),
    "INTERFACE": N_("the name of an interface"),
    "MARK": N_("a mark such as 0x4000/0x4000"),
    "MATCH_NAME": N_("the name of a match such as comment"),
    "NOT": "!",
    "NUMBER": N_("a number"),
    "POLICY": N_("a policy (ACCEPT, DROP or -)"),
    "PORTS": N_("a port such as 80 or a range such as 8000:8010"),
    "PROBABILITY": N_("a probability between 0 and 1"),
    "PROTOCOL": N_("a protocol such as tcp"),
    "SET_NAME": N_("the name of an ipset"),
    "TABLE_NAME": N_("the name of a table"),
    "TARGET_NAME": N_("the name of a target or a chain"),
    "TEXT": N_("a word, or text in double quotes"),
    "WORD": N_("a word"),
}
_BASE = frozenset({"-s", "-d", "-i", "-o", "-p", "-f"})
_NEXT = ("-m", "-j", "-g")
"""What ends the options of a match."""

_ORDER = ("-s", "-d", "-p", "-i", "-o", "-f")
"""The base options, the best known first."""

_MOST = 6
"""How many alternatives a sentence lists before it becomes unreadable."""

_SOME = 4
"""How many options stand for all, if there are more than `_MOST`."""

_CLOSED = re.compile(r'"(?:[^"\\]|\\.)*"')

_MISTAKES = (
    (r"\[[0-9:]*(?:\s|\Z)", N_("expected counters such as [12:720], then -A CHAIN")),
    (r"(?i:commit)\b", N_("iptables-save writes COMMIT in capitals")),
    (
        r"[+-](?:-A |:\S|\*[a-z]|\[[0-9]|COMMIT|#)|diff --git |(?:---|\+\+\+) \S*/|@@ -",
        N_("this is a line of a diff; give the two dumps themselves"),
    ),
    (r"(?:<{7}|={7}|\|{7}|>{7})(?:\s|\Z)", N_("git left a merge conflict here; resolve it first")),
    (
        r"[\[<(.\s-]{0,9}(?:…|\.{3}|(?i:snip|snipped|truncated|omitted)\b)[\])>.\s-]{0,9}\Z",
        N_("lines were left out here, so rules may be missing"),
    ),
    (r"(?:sudo +)?(?:\S*/)?ip6?tables(?:-legacy|-nft)? +-", N_("this is an iptables command; in a dump the line begins with -A CHAIN")),
    (r"(?:-t|--table)[ =]", N_("the table does not stand here but on a line of its own, such as *nat, before the rules")),
    (r"(?:- ?)?[Aa] +\S+ +[!-]", N_("a rule begins with -A CHAIN")),
    (r"\S+ +(?:ACCEPT|DROP|-) +\[[0-9]+:[0-9]+\]\s*\Z", N_("the line of a chain begins with a colon, such as :INPUT ACCEPT [0:0]")),
    (r"(?:nat|filter|mangle|raw|security)\s*\Z", N_("the line of a table begins with an asterisk, such as *nat")),
    (r"[^\n]* -[jg] [A-Z]", N_("a rule begins with -A CHAIN; the beginning of this one is missing")),
    (r"", N_("this is no line of iptables-save: expected *table, :CHAIN, -A CHAIN, COMMIT or a # comment")),
)
"""How a line looks whose first word is wrong already, and what to say; the last fits all."""

_BLANK_AFTER = {
    "*": N_("no blank may stand between * and the name of the table"),
    ":": N_("no blank may stand between : and the name of the chain"),
}
_NOTHING_AFTER = {
    "*": N_("nothing may stand behind the name of the table"),
    ":": N_("nothing may stand behind the counters of the chain"),
    "C": N_("nothing may stand behind COMMIT"),
}


def _of_all(line: str, found: grammar.SyntaxProblem) -> Message:
    """What is wrong with a line that is refused as a whole."""
    if TOO_LONG in found.expected:
        return message("this line has more than {most} words; iptables-restore takes 255", most=MOST_WORDS)
    return message(next(said for expression, said in _MISTAKES if re.match(expression, line)))


def sentence(line: str, found: grammar.SyntaxProblem) -> Message:
    """What is wrong with a line."""
    rest = line[found.offset :]
    word = rest.split(" ", 1)[0]
    if word.startswith('"') and not _CLOSED.match(rest):
        return message("this text in double quotes has no end on this line")
    if found.offset == 0:
        return _of_all(line, found)
    if found.offset == 1 and rest[:1] in {" ", "\t"} and line[0] in _BLANK_AFTER:
        return message(_BLANK_AFTER[line[0]])
    if not found.expected and line[0] in _NOTHING_AFTER:
        return message(_NOTHING_AFTER[line[0]])
    if word in _BASE and line[: found.offset].count(" -m "):
        return message("{option} stands behind a match; iptables-save prints -s -d -i -o -p -f before the first -m", option=word)
    return _within(line, word, found)


def _within(line: str, word: str, found: grammar.SyntaxProblem) -> Message:
    """What is wrong with a line of which the beginning could be read."""
    literals = grammar.keywords()
    keywords = {literals[t] for t in found.expected if t in literals}
    before = line[: found.offset].split()
    match before:
        case [*_, option, "-m" | "-j" | "-g" as next_] if option.startswith("-") and next_ in keywords:
            return message("the value of {option} is missing before {next}", option=option, next=next_)
    for option in (f"-{word}", f"--{word}"):
        if option in keywords:
            return message("expected {option} in place of {word}", option=option, word=word)
    expected = _expected(found.expected)
    if found.offset >= len(line.rstrip()):
        return message("the line ends where {expected} was expected", expected=expected)
    return message("expected {expected}", expected=expected)


def _expected(terminals: frozenset[str]) -> Message:
    """The alternatives as one phrase: what kinds of words, and the keywords if they are few."""
    literals = grammar.keywords()
    kinds = sorted({_WORDS.get(grammar.plain_name(t), "") for t in terminals if t not in literals} - {""})
    keywords = sorted(literals[t] for t in terminals if t in literals and not literals[t].startswith("["))
    if any(t.endswith(("TARGET_NAME", "MATCH_NAME")) for t in terminals):
        keywords = []
    some = len(keywords) > _MOST
    if some:
        options = sorted(set(keywords) - {"!", *_NEXT}, key=lambda k: (_ORDER.index(k) if k in _ORDER else -1, k))
        keywords = [*options[:_SOME], *[k for k in _NEXT[:2] if k in keywords]]
    phrases = [*(message(kind) if kind[0].isalpha() else verbatim(kind) for kind in kinds), *map(verbatim, keywords)]
    if some:
        phrases[len(kinds)] = message("an option such as {option}", option=keywords[0])
    return either_of(phrases) if phrases else message("the end of the line")
