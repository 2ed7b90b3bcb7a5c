from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Dialect, Extension, Given
from iptexplain.extensions.matches.mark import MarkMatch
from iptexplain.extensions.targets.mark import MarkTarget
from iptexplain.model.matching import Verdict
from iptexplain.model.values import Mark
from iptexplain.parsing import loose
from iptexplain.parsing.canonical import rule_texts
from iptexplain.parsing.loose import LooseProblem
from tests.checkout import PACKAGE
from tests.parsing.examples import extensions, options

if TYPE_CHECKING:
    from iptexplain.model.matching import Effect, Match
    from iptexplain.parsing.loose import Clause

PLACE = Path(__file__).parent


class Row(NamedTuple):
    """A line of a `.t` file: options, what they are saved as, and what they mean; `to` is whose spelling is wanted."""

    folder: str
    options: str
    saved: str
    meaning: tuple[str, ...]
    to: Dialect

    def __str__(self) -> str:
        return f"{self.options} ({self.to.family}, {self.to.backend})"


def rows(folder: str) -> list[Row]:
    """All rows of a folder; see README.md in this folder."""
    found = []
    for path in sorted((PLACE / folder).glob("*.t")):
        to = Dialect()
        for line in path.read_text("utf-8").splitlines():
            if line.startswith(": "):
                family, backend = line[2:].split()
                to = Dialect({"ipv4": 4, "ipv6": 6}[family], backend)
            elif line and not line.startswith("#"):
                said, saved_, *meaning = line.split(";")
                found.append(Row(folder, said, said if saved_ == "=" else saved_, tuple(meaning), to))
    return found


MATCHES, TARGETS = rows("matches"), rows("targets")


def clause_of(said: str) -> Clause:
    """The one clause in the options."""
    (found,) = loose.bind(f"-A X {said}").clauses
    return found


def typed(said: str) -> Any:  # noqa: ANN401 - each extension has its own class
    """The typed value of the one extension in the options."""
    clause = clause_of(said)
    assert clause.extension is not None
    return clause.extension.read(clause.options)


def saved(said: str, to: Dialect) -> str:
    """The options as iptables-save prints them."""
    (line,) = rule_texts("X", (clause_of(said),), to)
    return line.removeprefix("-A X").lstrip()


def sentence(match: Match) -> str:
    """How a match decides: nothing, `yes` or `no`, its chance, or the question that it asks."""
    branches = match.decide()
    if not branches:
        return ""
    first = branches[0]
    if first.weight is not None:
        other = branches[1].weight
        assert other is not None
        assert (1 << first.weight.exponent) == first.weight.numerator + other.numerator
        assert (first.matches, branches[1].matches, len(branches)) == (True, False, 2)
        return f"{first.weight.numerator}/{1 << first.weight.exponent}"
    if first.question is None:
        assert len(branches) == 1
        return ", ".join(["yes" if first.matches else "no", *([] if first.change is None else [described(first.change)])])
    yes, no = branches
    assert yes.question == no.question
    assert (yes.answer, no.answer) == (True, False)
    assert yes.matches is not no.matches
    return ("" if yes.matches else "not: ") + first.question.text.english()


def constraints(match: Match) -> list[str]:
    return [f"{'! ' if negated else ''}{field.name} {wanted}" for field, wanted, negated in match.constraints()]


def described(effect: Effect) -> str:
    """An effect with all its fields, those with a default by name and only where they differ from it."""
    if isinstance(effect, Verdict):
        return effect.value
    default = effect._field_defaults
    said = [str(value) for name, value in zip(effect._fields, effect, strict=True) if name not in default]
    more = [f"{name}={value}" for name, value in zip(effect._fields, effect, strict=True) if name in default and value != default[name]]
    return " ".join([type(effect).__name__, *said, *more])


@pytest.mark.parametrize("row", [row for row in MATCHES + TARGETS if row.saved != "FAIL"], ids=str)
def test_an_extension_is_read_and_saved_back(row: Row) -> None:
    typed(row.options)

    assert row.saved == saved(row.options, row.to)
    assert not row.saved or row.saved == saved(row.saved, row.to)


@pytest.mark.parametrize("row", [row for row in MATCHES + TARGETS if row.saved == "FAIL"], ids=str)
def test_a_value_that_makes_no_sense_is_refused(row: Row) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, LooseProblem)):
        typed(row.options)


MEANINGS = [row for row in MATCHES if row.saved not in {"FAIL", ""} and row.to == Dialect()]


@pytest.mark.parametrize("row", MEANINGS, ids=str)
def test_a_match_says_what_it_demands_of_the_packet(row: Row) -> None:
    said = row.meaning[0] if row.meaning else ""
    expected = sorted(f"! {part[:-2]}" if part.endswith(" !") else part for part in said.split(", ") if part)

    assert expected == sorted(constraints(typed(row.options)))


@pytest.mark.parametrize("row", [row for row in MEANINGS if row.meaning[1:] != ("*",)], ids=str)
def test_a_match_says_how_it_decides(row: Row) -> None:
    expected = row.meaning[1] if row.meaning else f"the packet matches {row.saved}"

    assert expected == sentence(typed(row.options))


@pytest.mark.parametrize("row", [row for row in TARGETS if row.saved != "FAIL" and row.to == Dialect()], ids=str)
def test_a_target_has_an_effect(row: Row) -> None:
    value = typed(row.options)
    expected = row.meaning[0] if row.meaning else f"Opaque {value.NAME}"

    assert expected == described(value.effect())


# ---- the tables, the folders and the grammar -----------------------------------------------------------------------------

TABLES = {"matches": binding.MATCHES, "targets": binding.TARGETS}
MODULES = [
    (folder, path.stem) for folder in TABLES for path in sorted((PACKAGE / "extensions" / folder).glob("*.py")) if path.stem != "__init__"
]


def loaded(folder: str, module: str) -> Any:  # noqa: ANN401 - a module has what it has
    return import_module(f"iptexplain.extensions.{folder}.{module}")


@pytest.mark.parametrize("folder", TABLES)
def test_the_table_names_every_module_of_its_folder(folder: str) -> None:
    assert {module for where, module in MODULES if where == folder} == set(TABLES[folder].values())


@pytest.mark.parametrize(("folder", "kind"), [("matches", "match"), ("targets", "target")])
def test_the_table_names_only_what_the_grammar_knows(folder: str, kind: str) -> None:
    known = {extension.name for extension in extensions() if extension.kind == kind}

    assert set() == set(TABLES[folder]) - {""} - known


@pytest.mark.parametrize(("folder", "module"), MODULES)
def test_an_extension_says_where_it_is_documented_and_what_the_kernel_does(folder: str, module: str) -> None:
    text = loaded(folder, module).__doc__

    assert re.search(r"iptables(-extensions)?\(8\)", text)
    assert re.search(r"\bnet/(netfilter|ipv4/netfilter|ipv6/netfilter)/\w+\.c\b", text)


@pytest.mark.parametrize(("folder", "module"), MODULES)
def test_an_extension_is_a_frozen_value_with_one_attribute_an_option(folder: str, module: str) -> None:
    extension = loaded(folder, module).EXTENSION

    assert issubclass(extension, Extension)
    assert set(extension.FIELDS) == {option.attribute for option in extension.OPTIONS}
    assert len(extension.OPTIONS) == len({option.keyword for option in extension.OPTIONS})


@pytest.mark.parametrize(("folder", "module"), MODULES)
def test_the_options_of_an_extension_are_those_of_the_grammar(folder: str, module: str) -> None:
    kind = {"matches": "match", "targets": "target"}[folder]
    names = [name for name, where in TABLES[folder].items() if where == module]
    for name in names:
        rules = [extension.rule for extension in extensions() if (extension.kind, extension.name) == (kind, name)] or ["base_match"]
        owner = "base" if not name else f"{rules[0].removesuffix(kind)}{kind[0]}"
        expected = {(o.keyword, o.negatable, len(o.terminals)) for o in options() if o.owner == owner}
        all_options = loaded(folder, module).EXTENSION.OPTIONS
        found = {(o.keyword, o.negatable, o.arity) for o in all_options}
        first = {o.attribute: o.keyword for o in reversed(all_options)}

        assert expected <= found
        assert {keyword for keyword, *_ in found - expected}.isdisjoint(first.values()), "what is saved is in the grammar"


def test_a_typed_match_is_a_value() -> None:
    one, same, other = (MarkMatch(mark=Given(Mark(value))) for value in (1, 1, 2))

    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert repr(one) == "MarkMatch(mark=Given(value=Mark(value=1, mask=4294967295), negated=False))"
    with pytest.raises(AttributeError):
        one.mark = Given(Mark(2))  # type: ignore[misc]  # that it is refused is the point
    with pytest.raises(TypeError):
        MarkMatch(colour="red")  # type: ignore[call-arg]  # that it is refused is the point
    with pytest.raises(TypeError):
        MarkTarget()  # type: ignore[call-arg]  # that it is refused is the point
