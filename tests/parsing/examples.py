"""What the grammar files of saved lines say of themselves: the lines of text above their rules, the extensions and their options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iptexplain.parsing import grammar

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXAMPLE = re.compile(r"// ((?:-[A-Za-z]|!|\*|:|\[|#|COMMIT).*)")
_RULE = re.compile(r"\??([a-z0-9_]+)(?:\{[^}]*\})?\s*:")
_EXTENSION = re.compile(r'([a-z0-9_]+)_(match|target)\s*:\s*_(?:match|bare|target|plain)\{"([^"]+)"')
_OPTION = re.compile(r'[:|]\s*(NOT\? )?"(--?[\w-]+)"((?: [A-Z_]+[*?]?)*)\s*-> option$')


class Example(NamedTuple):
    """A line of text above a grammar rule."""

    file: str
    rule: str
    text: str

    @property
    def line(self) -> str:
        """The text as a whole line: a match, a target or base options get the beginning of a rule."""
        if self.text.startswith(("-A ", "*", ":", "#", "[", "COMMIT")):
            return self.text
        return f"-A X {self.text}"


class Extension(NamedTuple):
    """A match or a target that the grammar knows."""

    kind: str
    name: str
    rule: str


class OptionLine(NamedTuple):
    """One option of an extension; `owner` is the rule that it stands in, without its ending."""

    owner: str
    negatable: bool
    keyword: str
    terminals: tuple[str, ...]


LOOSE = "iptables_restore.lark"
"""The grammar of what iptables-restore also takes; its examples are no saved lines."""


def loose_examples() -> list[str]:
    """The examples of the grammar of hand-written lines."""
    return [found[1] for line in (grammar.folder() / LOOSE).read_text("utf-8").splitlines() if (found := _EXAMPLE.match(line))]


def _lines() -> Iterator[tuple[str, str]]:
    for path in sorted(grammar.folder().glob("*.lark")):
        if path.name == LOOSE:
            continue
        for line in path.read_text("utf-8").splitlines():
            yield path.name, line


def examples() -> list[Example]:
    """The examples of all grammar files, in their order."""
    found, waiting = [], []
    for file, line in _lines():
        example, rule = _EXAMPLE.match(line), _RULE.match(line)
        if example:
            waiting.append(example[1])
        elif rule:
            found += [Example(file, rule[1], text) for text in waiting]
            waiting = []
        elif waiting:
            message = f"{file}: {waiting[-1]!r} is above no rule"
            raise ValueError(message)
    return found


def extensions() -> list[Extension]:
    """The matches and targets that the grammar knows, by the rule that reads them."""
    found = [_EXTENSION.match(line) for _, line in _lines()]
    return [Extension(m[2], m[3], f"{m[1]}_{m[2]}") for m in found if m]


def options() -> list[OptionLine]:
    """The options of all extensions, and the base options (owner `base`)."""
    found, owner = [], ""
    for _, line in _lines():
        rule = _RULE.match(line)
        if rule:
            owner = rule[1]
        option = _OPTION.search(line)
        if option:
            whose = owner.removesuffix("_option")
            terminals = tuple(word.rstrip("?") for word in option[3].split() if not word.endswith("*"))
            found.append(OptionLine(whose, bool(option[1]), option[2], terminals))
    return found


def listed(rule: str) -> set[str]:
    """The words in quotes of one rule: `_match_name` and `_target_name` list the names that may be `[unsupported revision]`."""
    found, inside = set(), False
    for _, line in _lines():
        begins = _RULE.match(line)
        if begins:
            inside = begins[1] == rule
        if inside:
            found |= set(re.findall(r'"([^"\[]+)"', line)) - {"-m", "-j", "revision]"}
    return found
