"""The form that all extensions have: options as data, a typed value made from them, the options made from the value.

A module of an extension declares a subclass of `Extension` with one attribute an option, and `OPTIONS`, in the order in which iptables-save
prints them. Reading and saving follow from that.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar, dataclass_transform

from iptexplain.model.matching import Constraint
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.model.matching import Branch, Field

T = TypeVar("T")


class Given(typing.NamedTuple, Generic[T]):
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


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Extension:
    """The base of all typed matches and targets: a frozen value with the attributes that its class annotates.

    It behaves like a frozen dataclass. It is none, because the source that `dataclasses` makes for a class takes half a millisecond to
    compile, and the rules of a common dump need about ten of these classes.
    """

    OPTIONS: ClassVar[tuple[Option, ...]] = ()
    FIELDS: ClassVar[tuple[str, ...]] = ()
    """The names of the attributes, in order."""

    def __init_subclass__(cls) -> None:
        cls.FIELDS = tuple([name for name in cls.__annotations__ if name != "OPTIONS"])

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
