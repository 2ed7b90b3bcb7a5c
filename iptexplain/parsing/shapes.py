"""One derivation per shape: Lark reads the first line of each form, and that derivation is turned into a regular expression.

A dump of a million lines has a few dozen forms of line: the same sequence of options with other values. So when a line comes that no
known shape matches, Lark derives it, and the derivation becomes a `Shape`:

* a keyword stays as it is, and so do the blanks between the words;
* a value of terminal T becomes `(?!A|B)(?>T)`, where A and B are the terminals that the contextual scanner prefers to T in the parser
  state before that token.

**Why a line that matches has the same derivation.** The contextual scanner looks at the state of the parser and at the text at the current
place, and takes the first terminal in its order that matches there. `(?!A|B)` says that no preferred terminal matches; the atomic
group takes the same match that the scanner would take, without a way back. So the scanner finds the same terminals at the same places, by
induction from the beginning of the line. An LALR parser sees nothing but terminals; so its path, and with it the derivation, is the same.

**What this needs** is checked when the grammar is built (`grammar.check_terminals`): no terminal begins with a blank, so the blanks are
the scanner's own; no terminal can hold a newline or look at what is around it, so a line in a text is read as if it were alone.

A line that matches no known shape goes to Lark. A change of the grammar changes nothing here: every shape is derived anew.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from iptexplain.model.shape import ClauseShape, OptionShape, Shape, Slot
from iptexplain.parsing import grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    _Leaf = Any
    """A lark Token."""
    _Node = Any
    """A lark Tree; its children are trees and tokens, which only their attributes tell apart."""

MOST_WORDS = 1000
"""iptables-restore takes 255 words a line. Deriving thousands of them takes seconds, and there is nothing to be learnt from it."""

TOO_LONG = "TOO_LONG"
"""What `SyntaxProblem.expected` holds for such a line."""

_MOST_REFUSED = 1000
"""So many refused lines are remembered: what is wrong is often wrong many times over."""

_LONGEST = 4096
"""Characters of a hint, and of the keywords and blanks of a shape, that are kept: hostile lines have megabytes of them."""

_MOST_ALIKE = 200
"""So many shapes are tried for a hint; what comes after them is derived anew, which takes no longer."""

_QUOTED = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?')


def hint(line: str) -> str:
    """Where to look for the shape of a line: the words that look like options.

    Lines of one shape nearly always have the same hint. It only saves time: what it finds is matched, what it misses is derived.
    """
    if '"' in line:
        line = _QUOTED.sub('"', line)
    return " ".join([word for word in line.split(" ") if word[:1] in "-!"])[:_LONGEST] if line[:1] in "-[" else line[:1]


class Shapes:
    """The shapes known so far.

    `stored` gives shapes derived earlier from the same grammar, for a hint; `starts` is an expression for how lines may begin.
    """

    def __init__(self, starts: str = "", stored: Callable[[str], Iterable[Shape]] = lambda _: ()) -> None:
        """See the class."""
        self._starts = re.compile(starts) if starts else None
        self._stored = stored
        self._by_hint: dict[str, list[Shape]] = {}
        self._refused: dict[str, grammar.SyntaxProblem] = {}
        self._by_form: dict[tuple[object, ...], Shape] = {}

    def __len__(self) -> int:
        """How much there is to remember: shapes, or places to look for them."""
        return max(len(self._by_form), len(self._by_hint))

    def forget_refused(self) -> None:
        """Forgets lines that were refused: they come again within one input, hardly in another."""
        self._refused.clear()

    def _add(self, shape: Shape, key: str) -> Shape:
        """Enters a shape under a hint; equal shapes are made one. One that is too long to be kept is given back as it is."""
        if sum(map(len, shape.pieces)) > _LONGEST:
            return shape
        shape = self._by_form.setdefault((shape.pieces, shape.slots), shape)
        known = self._by_hint[key]
        if shape not in known:
            known.insert(0, shape)
            del known[_MOST_ALIKE:]
        return shape

    def _known(self, key: str) -> list[Shape]:
        """The shapes under a hint, those of the table included."""
        known = self._by_hint.get(key)
        if known is None:
            known = self._by_hint[key] = []
            for shape in self._stored(key):
                self._add(shape, key)
        return known

    def of(self, text: str, start: int, end: int) -> Shape:
        """The shape of the line from `start` to its newline at `end`; derives it if need be. Raises `SyntaxProblem`."""
        line = text[start:end]
        key = hint(line)
        for shape in self._known(key):
            if shape.values(text, start) is not None:
                return shape
        if self._starts is not None and not self._starts.match(line):
            raise grammar.SyntaxProblem(0, len(line), frozenset())
        if line.count(" ") + line.count("\t") > MOST_WORDS and line[:1] != "#" and len(_QUOTED.sub('"', line).split()) > MOST_WORDS:
            raise grammar.SyntaxProblem(0, len(line), frozenset({TOO_LONG}))
        refused = self._refused.get(line)
        if refused is not None:
            raise refused.alone()
        try:
            return self._add(shape_of(line), key)
        except grammar.SyntaxProblem as problem:
            refused = problem.alone()
        if len(self._refused) < _MOST_REFUSED:
            self._refused[line] = refused
        raise refused.alone()


def shape_of(line: str) -> Shape:
    """The shape of a line (without its newline), by derivation. Raises `SyntaxProblem`."""
    tokens, tree = grammar.derive(line)
    pieces: list[str] = []
    slots: list[Slot] = []
    begin = 0
    slot_at: dict[int, int] = {}
    keywords = grammar.keywords()
    for token in tokens:
        if token.terminal not in keywords:
            pieces.append(line[begin : token.start])
            slot_at[token.start] = len(slots)
            slots.append(_slot(token.state, token.terminal))
            begin = token.end
    pieces.append(line[begin:])
    kind = tree.children[0]
    return _Structure(slot_at).shape(kind, tuple(pieces), tuple(slots))


@cache
def _slot(state: int, terminal: str) -> Slot:
    """The place of a value, read in a state of the parser, with the expression that repeats what the scanner does there."""
    whole, before = grammar.rivals(state, terminal)
    expression = re.sub(r"\((?!\?)", "(?:", grammar.expression_of(terminal))
    refused = ""
    if whole:
        refused += f"(?!(?:{alternatives([str(t.pattern.value) for t in whole])})(?![^ \\t\\n]))"
    if before:
        refused += "(?!" + "|".join(t.pattern.to_regexp() for t in before) + ")"
    return Slot(grammar.plain_name(terminal), f"{refused}(?>{expression})")


def alternatives(words: Sequence[str]) -> str:
    """An expression for one of the words, with common beginnings written once: sre tries alternatives one after the other."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(set(words)):
        by_first.setdefault(word[:1], []).append(word[1:])
    parts = []
    for first, rests in by_first.items():
        if not first:
            parts.append("")
        elif len(rests) == 1:
            parts.append(re.escape(first + rests[0]))
        else:
            parts.append(re.escape(first) + "(?:" + alternatives(rests) + ")")
    # the empty word last: a longer one is tried first
    return "|".join(sorted(parts, key=lambda part: (not part, part)))


class _Structure:
    """Turns the tree over a line into the structure of its shape."""

    def __init__(self, slot_at: dict[int, int]) -> None:
        self._slot_at = slot_at

    def _name(self, token: _Leaf) -> str | int:
        return self._slot_at.get(token.start_pos, str(token))

    def _slots(self, tokens: Iterable[_Leaf]) -> tuple[int, ...]:
        return tuple(self._slot_at[token.start_pos] for token in tokens)

    def shape(self, tree: _Node, pieces: tuple[str, ...], slots: tuple[Slot, ...]) -> Shape:
        """The shape of a line; `tree` is the node of its kind."""
        names = [slot.terminal for slot in slots]
        kind = grammar.plain_name(str(tree.data))
        chain = names.index("CHAIN_NAME") if "CHAIN_NAME" in names else None
        counters = names.index("COUNTERS") if "COUNTERS" in names else None
        clauses = self._clauses(tree) if kind == "rule" else ()
        return Shape(kind, pieces, slots, chain, counters, clauses)

    def _clauses(self, tree: _Node) -> tuple[ClauseShape, ...]:
        out: list[ClauseShape] = []
        parts = [child for child in tree.children if not hasattr(child, "type")]
        base = tuple(self._option(part) for part in parts if part.data == "option")
        if base:
            out.append(ClauseShape("base", "", base))
        out += [self._clause(part) for part in parts if part.data != "option"]
        return tuple(out)

    def _option(self, tree: _Node) -> OptionShape:
        tokens = list(tree.children)
        negated = str(tokens[0]) == "!"
        keyword, *values = tokens[1:] if negated else tokens
        unknown = grammar.plain_name(str(tree.data)) == "unknown_option"
        return OptionShape(self._name(keyword), negated, self._slots(values), unknown)

    def _clause(self, tree: _Node) -> ClauseShape:
        lead, name, *rest = tree.children
        kind = {"-m": "match", "-j": "jump", "-g": "goto"}[str(lead)]
        if not hasattr(name, "type"):
            (name,) = name.children
        match grammar.plain_name(str(tree.data)):
            case "unknown_match":
                return ClauseShape(kind, self._name(name), (), self._slots(rest), unknown=True)
            case "unsupported_match" | "unsupported_target":
                return ClauseShape(kind, self._name(name), (), unsupported=True)
            case "jump":
                return ClauseShape(kind, self._name(name), (), self._slots(rest), unknown=bool(rest))
            case _:
                return ClauseShape(kind, self._name(name), tuple(self._option(part) for part in rest))
