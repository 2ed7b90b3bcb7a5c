"""Rules as people write them for iptables-restore, bound to the options that they mean.

Options in any order, long (`--protocol`), glued (`-ptcp`, `--dport=80`), abbreviated (`--dpo`), and without the match that they belong to
(`-p tcp --dport 80`). What a word means depends on the extensions loaded before it, as in iptables itself (iptables/xshared.c `do_parse`,
libxtables/xtables.c `xtables_merge_options`): an exact name wins over an abbreviation, an extension loaded later over one loaded
earlier, and the match of the protocol is loaded when an option is not known without it.

How many words follow an option, and whether `!` may stand before it, say the tables of the extensions.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Words
from iptexplain.named import NamedTuple
from iptexplain.parsing import table
from iptexplain.source import N_, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iptexplain.extensions.common.extension import Extension, Option
    from iptexplain.source import Message

_COMMANDS = {
    "-A": "--append",
    "-I": "--insert",
    "-D": "--delete",
    "-R": "--replace",
    "-N": "--new-chain",
    "-X": "--delete-chain",
    "-P": "--policy",
    "-F": "--flush",
    "-Z": "--zero",
    "-E": "--rename-chain",
    "-C": "--check",
}
_GENERAL = {"-j": "--jump", "-g": "--goto", "-m": "--match", "-c": "--set-counters"}
_FAMILIES = {"-4": "--ipv4", "-6": "--ipv6"}
_IGNORED = {"-n": "--numeric", "-v": "--verbose", "-w": "--wait"}
"""Options that say nothing about the rule."""

_BEFORE = {"-4": 4, "--ipv4": 4, "-6": 6, "--ipv6": 6} | dict.fromkeys((*_IGNORED, *_IGNORED.values()), 0)
"""What may stand before the command: the family, 0 for none."""

MATCH_NAMES = {"icmpv6": "icmp6", "ipv6-icmp": "icmp6", "ipv6-mh": "mh", "mobility-header": "mh"}
"""Other names of matches (libxtables/xtables.c, `xtables_find_match`)."""

_QUOTED = re.compile(r'([^"]*)"(.*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NUMBERS = re.compile(r"([0-9]+),([0-9]+)")
_ADDRESSES = ("-s", "-d")
_TEXTS = frozenset({"--comment", "--log-prefix", "--nflog-prefix"})
"""Options whose value may be several words, in quotes."""

_SHORT = 2
_DIGITS = 18
"""Digits of a place in a chain: no chain is so long, and Python refuses numbers of thousands of digits."""


class LooseProblem(Exception):  # noqa: N818 - an answer of `bind`, turned into a Problem by its caller, never shown as it is
    """The line is no rule either way: where that shows, and what to say about it."""

    def __init__(self, offset: int, length: int, what: Message) -> None:
        """`offset` and `length` in characters of the line."""
        super().__init__(offset, what)
        self.offset = offset
        self.length = length
        self.message = what


class Clause(NamedTuple):
    """The base options (`kind` `base`), a match, or a target (`jump`, `goto`) with its options in the order of the line.

    `rest` are words behind an extension that is not known, as they stand there.
    """

    kind: str
    name: str
    options: tuple[Words, ...]
    rest: tuple[str, ...] = ()

    @property
    def unknown(self) -> bool:
        """Is something in it that no extension knows."""
        if self.rest or (self.kind == "match" and self.extension is None):
            return True
        extension = self.extension
        return extension is not None and not {words.keyword for words in self.options} <= set(extension.keywords())

    @property
    def extension(self) -> type[Extension] | None:
        """The extension that knows this clause, None if none does."""
        match self.kind:
            case "jump":
                return binding.target_extension(self.name)
            case "goto":
                return None
            case _:
                return binding.match_extension(self.name)


class Command(NamedTuple):
    """One line: what to do (`-A`), to which chain, and the clauses of the rule, the base options first.

    `number` is the place of `-I`, `-R` and `-D`, None if none is given; `word` is the policy of `-P` or the new name of `-E`. `warnings`
    say what was understood though iptables does not take it any more. `family` is 4 or 6 where the line is for one of them alone.
    """

    verb: str
    chain: str
    counters: str | None = None
    number: int | None = None
    word: str | None = None
    clauses: tuple[Clause, ...] = ()
    warnings: tuple[Message, ...] = ()
    family: int | None = None


class _Word(NamedTuple):
    """A word of the line: what it says, how it stands there, and where."""

    said: str
    written: str
    start: int


class _Open:
    """A clause while its options are collected."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        self.options: list[Words] = []
        self.rest: list[str] = []
        extension = Clause(kind, name, ()).extension
        self.keywords = extension.keywords() if extension is not None else {}

    def close(self) -> Clause:
        return Clause(self.kind, self.name, tuple(self.options), tuple(self.rest))


@cache
def _expression() -> re.Pattern[str]:
    """The words of a line, out of the grammar: counters, or a word; what is neither is a quote without an end."""
    of = table.words_by_hand()
    return re.compile(f"{of['BLANKS']}|(?P<counters>{of['COUNTERS']})|(?P<word>{of['LOOSE_WORD']})|(?P<open>.)")


def _words(line: str) -> Iterator[_Word]:
    for found in _expression().finditer(line):
        if found["open"] is not None:
            raise LooseProblem(found.start(), len(line) - found.start(), message("this text in double quotes has no end on this line"))
        written = found[0]
        if found.lastgroup is None:
            continue
        quoted = _QUOTED.fullmatch(written)
        yield _Word(written if quoted is None else quoted[1] + _ESCAPE.sub(r"\1", quoted[2]), written, found.start())


def bind(line: str, *, chains: Collection[str] = (), without_quotes: bool = False) -> Command:
    """What a line (without its newline) says. Raises `LooseProblem` if it is no command of iptables-restore.

    `chains` are those that are declared: what stands behind a jump to one of them belongs to the rule, what stands behind a target that
    nobody knows belongs to that. `without_quotes`: bare words behind a remark or a log prefix belong to it, whose quotes have been lost.
    """
    return _Binder(line, chains, without_quotes=without_quotes).command()


class _Binder:
    """Goes over the words of one line."""

    def __init__(self, line: str, chains: Collection[str], *, without_quotes: bool) -> None:
        self.line = line
        self.chains = chains
        self.without_quotes = without_quotes
        self.words = list(_words(line))
        self.at = 0
        self.base = _Open("base", "")
        self.clauses = [self.base]
        self.loaded = [self.base]
        self.target: _Open | None = None
        self.warnings: list[Message] = []
        self.counters: str | None = None
        self.family: int | None = None
        self.protocol_loaded = False
        self.spoke: _Open | None = None
        """The clause of the last option."""
        self.joined = self.quoted = False

    # ---- the line ------------------------------------------------------------------------------------------------------

    def command(self) -> Command:
        if self.words and self.words[0].written[:1] == "[":
            self.counters = self._next(N_("a command")).said
        while self.at < len(self.words) and (before := _BEFORE.get(self.words[self.at].said)) is not None:
            self.family = before or self.family
            self.at += 1
        verb = self._verb()
        needed = verb not in {"-F", "-X", "-Z"}
        chain = self._next(N_("the name of a chain")).said if needed or self.at < len(self.words) else ""
        number = word = None
        if verb in {"-I", "-R", "-D"} and self.at < len(self.words) and self.words[self.at].said.isdecimal():
            number = int(self._next(N_("a number")).said[:_DIGITS])
        if verb in {"-P", "-E"}:
            word = self._next(N_("a policy") if verb == "-P" else N_("the new name of the chain")).said
        while self.at < len(self.words):
            self._option()
        order = [clause for clause in self.clauses if clause.options or clause is not self.base]
        if self.target is not None:
            order.append(self.target)
        closed = tuple(clause.close() for clause in order)
        return Command(verb, chain, self.counters, number, word, closed, tuple(self.warnings), self.family)

    def _verb(self) -> str:
        word = self.words[self.at] if self.at < len(self.words) else _Word("", "", len(self.line))
        for short, long in _COMMANDS.items():
            if word.said in {short, long}:
                self.at += 1
                return short
            if word.said[:_SHORT] == short and word.said[_SHORT:]:  # -AINPUT
                self.words[self.at] = _Word(word.said[_SHORT:], word.written, word.start)
                return short
        raise self._problem(word, message("this is no line of iptables-save: expected *table, :CHAIN, -A CHAIN, COMMIT or a # comment"))

    # ---- options -------------------------------------------------------------------------------------------------------

    def _option(self) -> None:
        word = self._next(N_("an option"))
        negated = word.said == "!"
        if negated:
            word = self._next(N_("an option after !"))
        if word.said.startswith("--") and len(word.said) > _SHORT:
            name, equals, value = word.said.partition("=")
            glued = value if equals else None
            found = self._long(name, word)
        elif word.said.startswith("-") and len(word.said) > 1 and word.said[1] != "-":
            name, glued = word.said[:_SHORT], word.said[_SHORT:] or None
            found = self._short(name, word)
        elif negated or not (self.without_quotes and self._lost_quotes(word)):
            if word.said in binding.VERDICTS or word.said in binding.TARGETS:
                raise self._problem(word, message("-j is missing before {target}", target=word.said))
            raise self._problem(word, message("expected an option such as -p, -m, -j or --dport here"))
        else:
            return
        if isinstance(found, str):
            self._general(found, word, glued, negated=negated)
        elif found is None:
            raise self._problem(word, message("no match and no target of this rule has an option {option}", option=word.said))
        else:
            self._known(*found, word, glued, negated=negated)

    def _lost_quotes(self, word: _Word) -> bool:
        """Words behind a remark or a log prefix belong to it, where the quotes around it have been lost."""
        owner = self.spoke
        last = owner.options[-1] if owner is not None and owner.options else None
        if owner is None or last is None or last.keyword not in _TEXTS:
            return False
        if self.quoted or '"' in word.written or last.values[0].startswith("-"):
            return False
        if not self.joined:
            self.warnings.append(
                message("the quotes around the value of {option} are missing; it is read up to the next option", option=last.keyword)
            )
        self.joined = True
        owner.options[-1] = last._replace(values=(f"{last.values[0]} {word.said}",))
        return True

    def _general(self, name: str, word: _Word, glued: str | None, *, negated: bool) -> None:
        """An option that is no part of an extension."""
        self.spoke = None
        if negated:
            raise self._problem(word, message("! may not stand before {option}", option=name))
        if name in _FAMILIES:
            self.family = int(name[1])
        if name in _FAMILIES or name in _IGNORED:
            return
        if name in _COMMANDS:
            raise self._problem(word, message("a line has one command only, at its beginning"))
        value = glued if glued is not None else self._next(N_("a name after {option}"), option=name).said
        if name == "-c":
            found = _NUMBERS.fullmatch(value)
            self.counters = f"[{found[1]}:{found[2]}]" if found else f"[{value}:{self._next(N_('a number of bytes')).said}]"
        elif name == "-m":
            self._load(_Open("match", MATCH_NAMES.get(value, value)))
            self._rest_of_unknown(self.clauses[-1])
        elif self.target is not None:
            raise self._problem(word, message("a rule has one target only"))
        else:
            self.target = _Open("jump" if name == "-j" else "goto", value)
            self.loaded.append(self.target)
            if value not in self.chains and value not in binding.VERDICTS:
                self._rest_of_unknown(self.target)

    def _rest_of_unknown(self, clause: _Open) -> None:
        """What follows a match or target that nobody knows belongs to it, up to the next `-m`, `-j` or `-g`."""
        if clause.close().extension is not None or clause.kind == "goto":
            return
        while self.at < len(self.words) and self.words[self.at].said not in {"-m", "-j", "-g", "--match", "--jump", "--goto"}:
            clause.rest.append(self._next(N_("a word")).written)

    def _known(self, owner: _Open, option: Option, word: _Word, glued: str | None, *, negated: bool) -> None:
        """An option of an extension, with the words that belong to it, whatever they look like."""
        self.quoted = False
        values = [glued] if glued is not None and option.arity else []
        if glued is not None and not option.arity:
            raise self._problem(word, message("{option} takes no value", option=option.keyword))
        while len(values) < option.arity and not (option.optional and self._begins_an_option()):
            next_ = self._next(N_("a value after {option}"), option=option.keyword)
            value = next_.said
            self.quoted = '"' in next_.written
            if value == "!" and not (values or negated) and option.negatable and not self._begins_an_option():
                self.warnings.append(message("! behind {option} is old; write it before the option", option=option.keyword))
                negated = True
                continue
            values.append(value)
        if negated and not option.negatable:
            raise self._problem(word, message("! may not stand before {option}", option=option.keyword))
        owner.options.append(Words(option.keyword, negated, tuple(values)))
        self.spoke, self.joined = owner, False

    def _begins_an_option(self) -> bool:
        """Does an option come next, or nothing."""
        return self.at >= len(self.words) or self.words[self.at].said[:1] in {"-", "!"}

    # ---- which option a word means -------------------------------------------------------------------------------------

    def _scopes(self) -> Iterator[_Open]:
        """Where to look for an option: base options first, then the extensions, the one loaded last first."""
        yield self.base
        yield from reversed(self.loaded[1:])

    def _short(self, name: str, word: _Word) -> tuple[_Open, Option] | str | None:
        if name == "-t":
            raise self._problem(word, message("-t is for the command line; in a file a line such as *nat names the table"))
        if name in _GENERAL or name in _FAMILIES or name in _IGNORED:
            return name
        option = self.base.keywords.get(name)
        if option is None:
            raise self._problem(word, message("no option is called {option}", option=name))
        return self.base, option

    def _long(self, name: str, word: _Word) -> tuple[_Open, Option] | str | None:
        for scope in self._scopes():
            if name in scope.keywords:
                return scope, scope.keywords[name]
        general = {long: short for short, long in (_COMMANDS | _GENERAL | _FAMILIES | _IGNORED).items()}
        if name in general:
            return general[name]
        meant: dict[str, tuple[_Open, Option] | str] = {}
        for scope in self._scopes():
            for keyword, option in scope.keywords.items():
                if keyword.startswith(name):
                    meant.setdefault(keyword, (scope, option))
        meant.update({long: short for long, short in general.items() if long.startswith(name)})
        found = list(meant.values())
        if found and all(other == found[0] for other in found):
            return found[0]
        if found:
            raise self._problem(word, message("{option} could be {options}", option=name, options=_any_of(sorted(meant))))
        return self._long(name, word) if self._load_protocol() else None

    def _load_protocol(self) -> bool:
        """Loads the match of the protocol (`-p tcp` → `-m tcp`), once; says whether it did."""
        said = [words for words in self.base.options if words.keyword == "-p" and not words.negated]
        if self.protocol_loaded or not said:
            return False
        self.protocol_loaded = True
        protocol = binding.protocol_match(said[-1].values[0])
        name = MATCH_NAMES.get(protocol, protocol)
        if binding.match_extension(name) is None or any(clause.name == name for clause in self.clauses):
            return False
        self._load(_Open("match", name))
        return True

    def _load(self, match: _Open) -> None:
        self.clauses.append(match)
        self.loaded.append(match)

    # ---- words ---------------------------------------------------------------------------------------------------------

    def _next(self, template: str, **fields: object) -> _Word:
        """The next word; the template says what it should be."""
        if self.at >= len(self.words):
            what = message("the line ends where {expected} was expected", expected=message(template, **fields))
            raise LooseProblem(len(self.line.rstrip()), 1, what)
        self.at += 1
        return self.words[self.at - 1]

    @staticmethod
    def _problem(word: _Word, what: Message) -> LooseProblem:
        return LooseProblem(word.start, max(len(word.written), 1), what)


def _any_of(options: Sequence[str]) -> Message:
    """`--set-counters or --source or --src`."""
    first, *rest = options
    return message("{first} or {last}", first=first, last=_any_of(rest)) if rest else verbatim(first)


def each_address(clauses: tuple[Clause, ...]) -> Iterator[tuple[Clause, ...]]:
    """The clauses once for each pair of addresses: `-s 10.0.0.1,10.0.0.2` makes two rules of one line (iptables(8), PARAMETERS)."""
    if not clauses or clauses[0].kind != "base":
        yield clauses
        return
    base, *others = clauses
    for chosen in product(*map(_each, base.options)):
        yield (base._replace(options=chosen), *others)


def rules_of(clauses: tuple[Clause, ...]) -> int:
    """How many rules `each_address` makes."""
    return prod(len(_each(words)) for words in clauses[0].options) if clauses and clauses[0].kind == "base" else 1


def _each(words: Words) -> tuple[Words, ...]:
    """An option for each of its addresses, if it has several. With `!` iptables refuses several."""
    parts = words.values[0].split(",") if words.keyword in _ADDRESSES and not words.negated else []
    return tuple([words._replace(values=(value,)) for value in parts]) if len(parts) > 1 and all(parts) else (words,)
