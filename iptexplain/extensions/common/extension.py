"""The form that all extensions have: options as data, a typed value made from them, the options made from the value.

A module of an extension declares a subclass of `Extension` with one attribute an option, and `OPTIONS`, in the order in which iptables-save
prints them. Reading and saving follow from that; so do the page of the extension in the docs, and what iptables-restore also takes.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar, dataclass_transform

from iptexplain.model.content import Content
from iptexplain.model.matching import Constraint, Opaque, Question, either
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.model.matching import Branch, Effect, Field
    from iptexplain.model.phrase import Phrase
    from iptexplain.source import Message

T = TypeVar("T")


class Given(typing.NamedTuple, Generic[T]):
    """A value that an option gives, and whether `!` stands before the option."""

    value: T
    negated: bool = False


class Option(NamedTuple):
    """One option: its keyword, the attribute of the typed value, and how its words become that value.

    `parse` None: a flag without words, whose attribute is a bool (or, if `negatable`, a `Given`). `field` is what of the packet the option
    limits to its value; None if it does something else. `write` gives the saved form of the value, one word or a tuple of them, and `quote`
    how iptables-save prints such a word. `words` is how many words `parse` takes: none for a flag that stands for a value; `optional` says
    that the word may be missing. Several options may give one attribute: the first of them is the one that iptables-save writes, the others
    are what iptables-restore also takes. `also` are other spellings of the keyword. `content` is what somebody may have chosen in the first
    word, the other words are plain.
    """

    keyword: str
    attribute: str
    parse: Callable[..., Any] | None = None
    negatable: bool = False
    field: Field | None = None
    write: Callable[[Any], str | tuple[str, ...]] = str
    also: tuple[str, ...] = ()
    quote: Callable[[str], str] = str
    words: int = 1
    optional: bool = False
    content: Content = Content.PLAIN

    @property
    def arity(self) -> int:
        """How many words follow the keyword."""
        return 0 if self.parse is None else self.words


class Words(NamedTuple):
    """An option as it stands in a rule: keyword, negation, values without quotes."""

    keyword: str
    negated: bool
    values: tuple[str, ...]


LOSSLESS = "lossless"
"""The backend of a dialect in which nothing is left out that one of the backends would leave out."""


class Dialect(NamedTuple):
    """Whose spelling is wanted: iptables-save 1.8.9 of a family (4 or 6) and a backend (`nft`, `legacy` or `LOSSLESS`)."""

    family: int = 4
    backend: str = "nft"


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Extension:
    """The base of all typed matches and targets: a frozen value with the attributes that its class annotates.

    It behaves like a frozen dataclass. It is none, because the source that `dataclasses` makes for a class takes half a millisecond to
    compile, and the rules of a common dump need about ten of these classes.
    """

    NAME: ClassVar[str] = ""
    """What stands behind `-m` or `-j`."""
    OPTIONS: ClassVar[tuple[Option, ...]] = ()
    FIELDS: ClassVar[tuple[str, ...]] = ()
    """The names of the attributes, in order."""
    GOES_ON: ClassVar[bool] = False
    """Of a target whose effect is not followed (`Opaque`): does the packet go on to the next rule all the same."""
    WHOLE: ClassVar[Field | None] = None
    """What of the packet the match, as one value with a method `holds`, limits where it has options that limit no field of their own."""

    def __init_subclass__(cls) -> None:
        cls.FIELDS = tuple([name for name in cls.__dict__.get("__annotations__", ()) if not name.isupper()])  # noqa: RUF063 - inspect takes long to import

    def __init__(self, **given: object) -> None:
        """Attributes that are not given have the value that the class gives them. Raises TypeError, and what `check` raises."""
        missing = [name for name in self.FIELDS if name not in given and not hasattr(self, name)]
        unknown = [name for name in given if name not in self.FIELDS]
        if missing or unknown:
            raise TypeError(missing, unknown)
        self.__dict__.update(given)
        self.check()

    def check(self) -> None:
        """Raises ValueError if attributes do not go together."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(name)

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(name)

    def _values(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self.FIELDS])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        said = (f"{name}={getattr(self, name)!r}" for name in self.FIELDS)
        return f"{type(self).__name__}({', '.join(said)})"

    def __str__(self) -> str:
        return f"-m {self.NAME} {self.written()}".rstrip()

    @classmethod
    def read(cls, options: tuple[Words, ...]) -> Self:
        """The typed value of the options in a rule. Raises ValueError for a value that cannot be read, KeyError for an unknown option."""
        known = cls.keywords()
        given: dict[str, object] = {}
        for keyword, negated, values in options:
            option = known[keyword]
            if option.attribute in given or (negated and not option.negatable):
                raise ValueError(keyword)  # said twice: iptables refuses that, and nobody knows which would count
            value = option.parse(*values) if option.parse is not None else True
            given[option.attribute] = Given(value, negated) if option.negatable else value
        return cls(**given)

    @classmethod
    def keywords(cls) -> dict[str, Option]:
        """The options by all spellings of their keywords."""
        return {keyword: option for option in reversed(cls.OPTIONS) for keyword in (option.keyword, *option.also)}

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """The options that say this value, in the order of iptables-save, unquoted."""
        del to  # few extensions are saved in another way by the backends, or have a default that depends on the family
        out = []
        first = {option.attribute: option for option in reversed(self.OPTIONS)}
        for option in (option for option in self.OPTIONS if first[option.attribute] is option):
            value = getattr(self, option.attribute)
            if value is None or value is False:
                continue
            negated = option.negatable and value.negated
            if option.negatable:
                value = value.value
            words = () if option.parse is None else option.write(value)
            out.append(Words(option.keyword, negated, words if isinstance(words, tuple) else (words,)))
        return tuple(out)

    def vanishes(self, to: Dialect) -> bool:
        """Does iptables-save leave out the whole match, since it asks nothing."""
        del to
        return False

    def written(self, to: Dialect = Dialect()) -> str:  # noqa: B008 - an immutable value
        """Its options as iptables-save prints them, without its name."""
        known = self.keywords()
        out = []
        for keyword, negated, values in self.save(to):
            out += [*(["!"] if negated else []), keyword, *map(known[keyword].quote, values)]
        return " ".join(out)

    def constraints(self) -> tuple[Constraint, ...]:
        """What it demands of the packet: one constraint for each option that has a field, or one that is the match as a whole."""
        if self.WHOLE is not None and not self._plain():
            return (Constraint(self.WHOLE, self),)
        return tuple(
            Constraint(option.field, None if option.parse is None else given.value, given.negated)
            if option.negatable
            else Constraint(option.field, given)
            for option in self.OPTIONS
            if option.field is not None and (given := getattr(self, option.attribute)) is not None
        )

    def decide(self) -> tuple[Branch, ...]:
        """How a match may turn out beyond its constraints: what they do not cover is a question, in the words of the rule."""
        if self.WHOLE is not None or self._plain():
            return ()
        return either(self.question())

    def question(self) -> Question:
        """Whether a packet matches, asked in the words of the rule."""
        return Question(self.NAME, message("the packet matches {text}", text=str(self)))

    def _plain(self) -> bool:
        """Does every option that is said limit a field of its own."""
        covered = {option.keyword for option in self.OPTIONS if option.field is not None}
        saved = self.save()
        return bool(saved) and all(words.keyword in covered for words in saved)

    def holds(self, value: Any, /) -> bool | None:  # noqa: ANN401 - what is compared depends on the field
        """Does a packet match, by the value of the field that the match limits as a whole; None if that takes more than the match knows."""
        del value
        return None

    def effect(self) -> Effect:
        """What a target does to a packet; not known where its class does not say."""
        return Opaque(self.NAME)

    def phrases(self) -> tuple[Phrase, ...]:
        """What a match asks, in words, each for a place in the sentence on a rule; its own text where its class has no words."""
        from iptexplain.extensions.common import phrases

        return phrases.of(self)

    def action(self) -> Message:
        """What a target does, in words, as an order: `set mark bit 0x4000`; its own text where its class has no words."""
        return message("do {text}", text=f"{self.NAME} {self.written()}".rstrip())

    def action_in(self, chain: str) -> Message:
        """What it does in a rule of a chain, where the chain tells more than the options."""
        del chain
        return self.action()
