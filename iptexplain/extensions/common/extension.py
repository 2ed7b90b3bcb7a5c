"""The form that all extensions have: options as data, a typed value made from them, the options made from the value.

A module of an extension declares a frozen dataclass with one attribute an option, and `OPTIONS`, in the order in which iptables-save
prints them. Reading and saving follow from that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Self, TypeVar

from iptexplain.model.matching import Constraint

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.model.matching import Branch, Field

T = TypeVar("T")


class Given(NamedTuple, Generic[T]):
    """A value that an option gives, and whether `!` stands before the option."""

    value: T
    negated: bool = False


class Option(NamedTuple):
    """One option: its keyword, the attribute of the typed value, and how its words become that value.

    `parse` None: a flag without words, whose attribute is a bool (or, if `negatable`, a `Given`). `field` is what of the packet the option
    limits to its value; None if it does something else. `write` gives the saved form of the value. Several options may give one attribute;
    the first of them is the one that iptables-save writes.
    """

    keyword: str
    attribute: str
    parse: Callable[..., Any] | None = None
    negatable: bool = False
    field: Field | None = None
    write: Callable[[Any], str] = str


class Words(NamedTuple):
    """An option as it stands in a rule: keyword, negation, values without quotes."""

    keyword: str
    negated: bool
    values: tuple[str, ...]


class Extension:
    """The base of all typed matches and targets."""

    __slots__ = ()

    OPTIONS: ClassVar[tuple[Option, ...]] = ()

    @classmethod
    def read(cls, options: tuple[Words, ...]) -> Self:
        """The typed value of the options in a rule. Raises ValueError for a value that cannot be read, KeyError for an unknown option."""
        known = {option.keyword: option for option in cls.OPTIONS}
        given: dict[str, object] = {}
        for keyword, negated, values in options:
            option = known[keyword]
            if option.attribute in given:
                raise ValueError(keyword)  # said twice: iptables refuses that, and nobody knows which would count
            value = option.parse(*values) if option.parse is not None else True
            given[option.attribute] = Given(value, negated) if option.negatable else value
        return cls(**given)

    def save(self) -> tuple[Words, ...]:
        """The options that say this value, in the order of iptables-save, unquoted."""
        out = []
        first = {option.attribute: option for option in reversed(self.OPTIONS)}
        for option in (option for option in self.OPTIONS if first[option.attribute] is option):
            value = getattr(self, option.attribute)
            if value is None or value is False:
                continue
            negated = option.negatable and value.negated
            if option.negatable:
                value = value.value
            out.append(Words(option.keyword, negated, () if option.parse is None else tuple(option.write(value).split(" "))))
        return tuple(out)

    def constraints(self) -> tuple[Constraint, ...]:
        """What it demands of the packet: one constraint for each option that has a field."""
        return tuple(
            Constraint(option.field, None if option.parse is None else given.value, given.negated)
            for option in self.OPTIONS
            if option.field is not None and (given := getattr(self, option.attribute)) is not None
        )

    def decide(self) -> tuple[Branch, ...]:
        """How it may turn out beyond its constraints."""
        return ()
