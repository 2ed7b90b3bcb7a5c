r"""Dumps as they must not be: cut, doubled, quoted in mails, coloured, typed by hand, broken; and what must hold of reading them.

From a checkout: `python -m bench.damage` must find no failure.
"""

from __future__ import annotations

import random
import re
import time
from io import BytesIO
from typing import TYPE_CHECKING

from iptexplain.errors import IptexplainError
from iptexplain.parsing.decode import decode
from iptexplain.parsing.reader import read
from tests.dumps import saved_files
from tests.parsing.mutations import mutated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iptexplain.model.ruleset import Ruleset

    Change = Callable[[random.Random, list[str]], None]

MOST_LINES = 60
"""A dump is a window of so many lines at the most."""

MOST_SECONDS = 1.0
"""No reading may take longer (time of the process, not of the clock)."""

_MOST_CHANGES = 6
_TO_BYTES = 0.3


# ---- lines ---------------------------------------------------------------------------------------------------------------


def _at(draw: random.Random, lines: list[str]) -> int:
    return draw.randrange(len(lines))


def _rules(lines: list[str]) -> list[int]:
    return [at for at, line in enumerate(lines) if line.startswith("-A ")]


def _some(draw: random.Random, lines: list[str]) -> list[int]:
    """Some places: all of them, a stretch, or single ones."""
    begin, end = sorted((_at(draw, lines), _at(draw, lines)))
    return draw.choice((list(range(len(lines))), list(range(begin, end + 1)), [_at(draw, lines)], _rules(lines)))


def _each(change: Callable[[random.Random, str], str]) -> Change:
    """A change of a line, done to some lines."""

    def changed(draw: random.Random, lines: list[str]) -> None:
        for at in _some(draw, lines):
            lines[at] = change(draw, lines[at])

    return changed


def _put(*texts: str) -> Change:
    """Lines that do not belong there."""

    def changed(draw: random.Random, lines: list[str]) -> None:
        lines.insert(draw.choice((0, len(lines), _at(draw, lines))), draw.choice(texts))

    return changed


def _always(*pairs: tuple[str, str]) -> Change:
    """Texts in place of others, in some lines; one of the pairs."""

    def changed(draw: random.Random, lines: list[str]) -> None:
        old, new = draw.choice(pairs)
        for at in _some(draw, lines):
            lines[at] = lines[at].replace(old, new)

    return changed


def _cut(draw: random.Random, lines: list[str]) -> None:
    at = _at(draw, lines)
    lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
    if draw.random() < 0.5:
        del lines[at + 1 :]


def _double(draw: random.Random, lines: list[str]) -> None:
    begin = _at(draw, lines)
    stretch = lines[begin : begin + draw.choice((1, 1, 5, MOST_LINES))]
    at = draw.choice((begin, _at(draw, lines)))
    lines[at:at] = stretch


def _swap(draw: random.Random, lines: list[str]) -> None:
    one, other = _at(draw, lines), _at(draw, lines)
    lines[one], lines[other] = lines[other], lines[one]


def _drop(draw: random.Random, lines: list[str]) -> None:
    at = _at(draw, lines)
    del lines[at : at + draw.choice((1, 1, 2, 10))]
    lines[:] = lines or [""]


def _number(draw: random.Random, lines: list[str]) -> None:
    form = draw.choice(("{n}:{line}", "{n:6}\t{line}", "{n} {line}", "a/rules.v4:{n}:{line}", "rules.v4:{line}", "{n}-{line}"))
    lines[:] = [form.format(n=n, line=line) for n, line in enumerate(lines, 1)]


def _join_by(glue: str) -> Change:
    """Lines that have become one: with CR between them, with their newlines written out, or with nothing."""

    def changed(draw: random.Random, lines: list[str]) -> None:
        begin, end = sorted((_at(draw, lines), _at(draw, lines)))
        if draw.random() < 0.5:
            begin, end = 0, len(lines)
        whole = glue.join(lines[begin : end + 1])
        if glue == r"\n":
            whole = whole.replace('"', '\\"') if draw.random() < 0.5 else whole
            whole = draw.choice(("{}", 'msg="{}"', "Nov 23 node1 x[1]: {}\\n", '{{"log":"{}\\n"}}')).format(whole)
        lines[begin : end + 1] = [whole]

    return changed


def _colour(draw: random.Random, line: str) -> str:
    words = line.split(" ")
    at = draw.randrange(len(words))
    words[at] = draw.choice(("\x1b[01;31m\x1b[K{}\x1b[m\x1b[K", "\x1b[32m{}\x1b[0m", "\x1b]0;t\x07{}", "\x1b[{}")).format(words[at])
    return " ".join(words)


def _lose_quotes(_: random.Random, line: str) -> str:
    return line.replace('"', "")


_HAND = (
    (r" -p (\S+) -m \1 ", r" -p \1 "), (r" -p ", " --protocol "), (r" -p (\S+)", r" -p\1"), (r" -s (\S+)/32", r" --source \1"),
    (r" -d (\S+)/32", r" --dst=\1"), (r" -s (\S+)", r" -s \1,10.9.8.7"), (r" ! (-\S+) (\S+)", r" \1 ! \2"),
    (r" --dport (\S+)", r" --dport=\1"),
    (r" --dports? ", " --dpo "), (r"^-A ", "--append "), (r"^-A ", "-A"), (r"^(-A \S+)(.*) (-j \S+)(.*)$", r"\1 \3\4\2"),
    (r" -j (\S+)", r" --jump \1"), (r" -m (\S+)", r" --match=\1"), (r"$", " # a remark"), (r"^:(\S+) .*$", r"-N \1"),
    (r"^:(\S+) (ACCEPT|DROP) .*$", r"-P \1 \2"), (r" --ctstate (\S+)", r" --ctstate \1,new"), (r"^-A ", "[7:420] -A "), (r"$", " -c 7 420"),
)  # fmt: skip


def _by_hand(draw: random.Random, line: str) -> str:
    pattern, by = draw.choice(_HAND)
    return re.sub(pattern, by, line, count=1)


def _command(draw: random.Random, lines: list[str]) -> None:
    """A rule by another command, or a command among the rules."""
    places = _rules(lines)
    chain = lines[draw.choice(places)].split(" ")[1] if places else "INPUT"
    number = draw.choice(("", " 1", " 2", " 99", " 0"))
    if places and draw.random() < 0.6:
        at = draw.choice(places)
        verb = draw.choice(("-I", "-I", "-D", "-R", "--insert", "--delete", "-C"))
        lines.insert(_at(draw, lines), lines[at].replace(f"-A {chain}", f"{verb} {chain}{number if verb != '-D' else ''}", 1))
    else:
        commands = (
            f"-F {chain}",
            "-F",
            f"-X {chain}",
            "-X",
            "-Z",
            f"-N {chain}",
            f"-P {chain} DROP",
            f"-E {chain} OTHER",
            f"-D {chain}{number}",
        )
        lines.insert(_at(draw, lines), draw.choice(commands))


def _unknown(draw: random.Random, line: str) -> str:
    words = line.split(" ")
    at = draw.randrange(len(words) + 1)
    words[at:at] = draw.choice((["--frobnicate", "7"], ["-m", "frob", "--x", "y"], ["-j", "FROB", "--x"], ["!"], ["--to"], ["-q"], ["-m"]))
    return " ".join(words)


def _huge(draw: random.Random, lines: list[str]) -> None:
    piece = draw.choice(
        ("A", '"', "\\", "x ", "- ", "--", "1,", "! ", "> ", "\x1b[", "&quot;", "\\n", "\xa0", "\u2013", "[0:0] ", "a" * 40 + " ", "#")
    )
    word = piece * (draw.choice((1_000, 20_000, 100_000)) // len(piece))
    at = _at(draw, lines)
    words = lines[at].split(" ")
    words[draw.randrange(len(words))] = word
    lines[at] = draw.choice((" ".join(words), f"{lines[at]} {word}", word))


def _many(draw: random.Random, lines: list[str]) -> None:
    line = draw.choice(
        ("x", "-A X", '"', "-j", "> ", "$ ", "-", "#", ":", "*", "-A X -j", "-A X --dport 1", "-F", "-I X", "*x", "COMMIT", "\x1b[0m")
    )
    at = _at(draw, lines)
    lines[at:at] = [line] * draw.choice((200, 1_500, 5_000))


def _mutate(draw: random.Random, line: str) -> str:
    return next(mutated([line], 1, draw.randrange(1 << 30))).replace("\n", " ")


_CHANGES: tuple[Change, ...] = (
    _cut, _cut, _double, _swap, _drop, _number, _join_by("\r"), _join_by(r"\n"), _join_by(r"\n"), _join_by(""), _join_by(" "),
    _each(_colour), _each(_lose_quotes), _each(_by_hand), _each(_by_hand), _each(_by_hand), _each(_unknown), _each(_mutate), _each(_mutate),
    _command, _command, _command, _huge, _many,
    _always(("\r", ""), ("", "")),
    _each(lambda draw, line: line + draw.choice(("\r", " ", "\t", "  \r", "\x0b", "\x0c", "\x85", "\u2028"))),
    _each(lambda draw, line: draw.choice((" ", "\t", "    ", "\ufeff", "\x00")) + line),
    _each(lambda draw, line: draw.choice(("> ", ">> ", "> > ", ">", "| ", ">  ")) + line),
    _always((" ", "  "), (" ", "\t"), (" ", "\xa0"), (" -", " \u200b-"), ("--", "\u2013"), (" -", " \u2013"), (" -", " \u2212")),
    _always(('"', "\u201c"), ('"', "&quot;"), ('"', '\\"'), ('"', "'"), ('"', '""'), ("&", "&amp;"), ("/", "&#47;")),
    _put("```", "```console", "~~~", "", "---", "some prose here", "# a remark", "  # a remark", "EOF", "*", ":", "-A", "-j ACCEPT", "--"),
    _put("root@node1:~# iptables-save", "$ sudo iptables-save -t nat", "[root@x ~]# ", "$", "root@node1:~# ", "iptables -t nat -A X -j Y"),
    _put("modprobe: FATAL: Module ip_tables not found.", "# Warning: iptables-legacy tables present", "iptables-save v1.8.9: x", "sudo: y"),
    _put("*nat", "*filter", "*raw", "COMMIT", ":X - [0:0]", ":INPUT DROP [1:2]", "# Generated by ip6tables-save v1.8.9 (nf_tables) on x"),
)  # fmt: skip


# ---- bytes ---------------------------------------------------------------------------------------------------------------


def _wrong_bytes(draw: random.Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(draw.choice((1, 1, 3, 30))):
        at = draw.randrange(len(found) + 1)
        found[at : at + draw.choice((0, 1))] = draw.choice(
            (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b"\x1f\x8b", bytes([draw.randrange(256)]))
        )
    return bytes(found)


def _utf16(draw: random.Random, data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode(draw.choice(("utf-16", "utf-16-le", "utf-16-be")))


_ON_BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _wrong_bytes,
    _wrong_bytes,
    _utf16,
    lambda _, data: b"\xef\xbb\xbf" + data,
    lambda _, data: data.replace(b"\n", b"\r\n"),
    lambda _, data: data.replace(b"\n", b"\r"),
    lambda draw, data: data[: draw.randrange(len(data) + 1)],
)


def texts() -> list[list[str]]:
    """The lines of each saved file."""
    return [path.read_text("utf-8").split("\n")[:-1] for path in saved_files()]


def damaged(saved: Sequence[list[str]], seed: int) -> bytes:
    """A damaged dump; the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - a test wants the same numbers again, not secret ones
    lines = draw.choice(saved)
    begin = draw.choice((0, draw.randrange(len(lines))))
    lines = lines[begin : begin + draw.randrange(1, MOST_LINES + 1)]
    for _ in range(draw.randrange(1, _MOST_CHANGES + 1)):
        draw.choice(_CHANGES)(draw, lines)
    data = ("\n".join(lines) + draw.choice(("\n", "\n", "", "\n\n"))).encode("utf-8", "surrogateescape")
    while draw.random() < _TO_BYTES:
        data = draw.choice(_ON_BYTES)(draw, data)
    return data


# ---- what must hold ------------------------------------------------------------------------------------------------------

_TAKES_AWAY = re.compile(r"-(?:[DFXRZEC]|-(?:del|fl|rep|ren|z|ch))")
"""Commands that may take rules and chains away that stand before them, or are carried out without a line of their own."""

_MARKS_OF_A_DUMP = re.compile(r"(?:\[[0-9]+:[0-9]+\] )?-A \S")


def failures(data: bytes) -> list[str]:
    """What is wrong with how some bytes are read; nothing if they are no dump."""
    began = time.process_time()
    try:
        found = read("-", data)
    except IptexplainError:
        return _too_long(began)
    except Exception as error:  # noqa: BLE001 - that is the point
        return [f"{type(error).__name__}: {str(error)[:200]}"]
    return [*_too_long(began), *_lost(found, decode("-", BytesIO(data)).text), *_other_rules(found)]


def _too_long(began: float) -> list[str]:
    took = time.process_time() - began
    return [f"reading took {took:.1f} s"] if took > MOST_SECONDS else []


def _lost(found: Ruleset, text: str) -> Iterator[str]:
    """Lines that were neither read nor spoken of."""
    source, told = found.lines.source, {problem.line for problem in found.problems}
    fields = [(problem.message.template, problem.message.fields) for problem in found.problems]
    further = any("further lines" in template or "more problems" in template for template, _ in fields)
    repaired = sum(int(str(values["count"])) for template, values in fields if "lines: {count}" in template)
    left_out = sum(int(str(values["count"])) - 1 for template, values in fields if "left out (lines: {count})" in template)
    read_ = {source.number(line) for line, mark in enumerate(found.lines.marks, 1) if found.lines.shapes[ord(mark)] is not None}
    blank = {source.number(line) for line, content in enumerate(source.text.split("\n")[:-1], 1) if not content.strip(" \t\r")}
    lost = []
    lines = text.split("\n")
    last_command = max([number for number, line in enumerate(lines, 1) if _TAKES_AWAY.search(line)], default=0)
    for number, line in enumerate(lines, 1):
        if not line.strip(" \t\r") or number in read_ or number in told or number <= last_command:
            continue
        if number in blank and repaired:
            continue
        lost.append(number)
    if len(lost) > left_out and not further:
        yield f"lost: line {lost[0]}, {lines[lost[0] - 1][:200]!r} ({len(lost)} lines)"
    kinds = [found.lines.shapes[ord(mark)] for mark in found.lines.marks]
    rules = sum(shape is not None and shape.kind == "rule" for shape in kinds)
    kept = sum(len(table.rules) for dump in found.dumps for table in dump.tables)
    cut = sum("the dump ends in the middle of this line" in template for template, _ in fields)
    if rules != kept + cut and not (cut and rules == kept):  # the line that is cut may be the declaration of a chain
        yield f"{rules} rules were read, {kept} are in tables"


def _rules_of(found: Ruleset) -> list[tuple[int, str, list[str]]]:
    return [(dump.number, table.name, [rule.text for rule in table.rules]) for dump in found.dumps for table in dump.tables]


def _other_rules(found: Ruleset) -> Iterator[str]:
    """Is the dump that is written read again as the same rules."""
    written = "".join(found.lines.write())
    if not found.lines.source.complete_line:
        written = written[:-1]  # is its last line cut in the middle
    if written[1:2] == "\0":  # looks like UTF-16 without a mark
        return
    try:
        again = read("-", written.encode("utf-8", "surrogateescape"))
    except Exception as error:  # noqa: BLE001 - that is the point
        yield f"written and read again: {type(error).__name__}: {str(error)[:200]}"
        return
    before, after = _rules_of(found), _rules_of(again)
    if before != after:
        if [entry[:2] for entry in before] != [entry[:2] for entry in after]:
            yield f"read again: other tables, {[entry[:2] for entry in before]} and {[entry[:2] for entry in after]}"
            return
        pairs = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
        rules, others = pairs[0][0][2], pairs[0][1][2]
        at = next((at for at, (one, other) in enumerate(zip(rules, others, strict=False)) if one != other), min(len(rules), len(others)))
        yield f"read again: rule {at} of {pairs[0][0][1]}: {rules[at : at + 1]} became {others[at : at + 1]} ({len(rules)}, {len(others)})"
