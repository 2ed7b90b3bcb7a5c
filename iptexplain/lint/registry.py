"""All checks, in the order of their codes. A check is in the table or it does not exist; its module is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.lint.check import Page
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.lint.check import Check

CODES = (
    "IT701",
    "IT702",
    "IT703",
    "IT704",
    "IT705",
    "IT706",
    "IT707",
    "IT708",
    "IT709",
    "IT710",
    "IT711",
    "IT712",
    "IX001",
    "IX003",
    "IX004",
    "IX005",
    "IX006",
    "IX007",
    "IX009",
    "KN901",
    "KN902",
    "KN903",
    "KN904",
    "KN905",
    "KN906",
    "KN907",
    "KN908",
    "KN910",
    "KP101",
    "KP102",
    "KP103",
    "KP104",
    "KP105",
    "KP106",
    "KP107",
    "KP108",
    "KP109",
    "KP110",
    "KP111",
    "KP201",
    "KP202",
    "KP203",
    "KP204",
    "KP205",
    "KP206",
    "KP207",
    "KP208",
    "KP301",
    "KP302",
    "KP303",
    "KP304",
    "KP305",
    "KP306",
    "KP307",
    "KP308",
    "KP309",
    "KP310",
    "KP311",
    "KP312",
    "KP313",
    "KP314",
    "KP315",
    "KP316",
    "KP318",
    "KP319",
    "KP320",
    "KP321",
    "KP322",
    "KP323",
    "KP401",
    "KP402",
    "KP403",
    "KP404",
    "KP405",
    "KP406",
    "KP407",
    "KP408",
    "KP409",
    "KP410",
    "KP411",
    "KP412",
    "KP501",
    "KP502",
    "KP503",
    "KP504",
    "KP505",
    "KP506",
    "KP507",
    "KP508",
    "KP509",
    "KP510",
    "KP601",
    "KP602",
    "KP603",
    "KP604",
    "KP605",
    "KP606",
    "KP607",
    "KP608",
    "KP609",
    "KP610",
    "KP611",
    "KP612",
)
"""The codes; the module of each is `lint.checks` + its code in small letters."""


def check(code: str) -> Check:
    """The check of a code. Raises KeyError for one that there is not."""
    if code not in CODES:
        raise KeyError(code)
    found: Check = import_module(f"iptexplain.lint.checks.{code.lower()}").CHECK
    return found


def page(code: str) -> Page:
    """The page of a check. Raises KeyError for a code that there is not."""
    check(code)
    return Page.parse(import_module(f"iptexplain.lint.checks.{code.lower()}").__doc__ or "")


def selected(select: str | Iterable[str] = (), ignore: str | Iterable[str] = ()) -> list[Check]:
    """The checks whose code begins with one of `select` (all if there is none) and with none of `ignore`.

    Each is a word, or several with commas between them; small letters will do. Raises `UsageError` for a word that no code begins with, and
    if no check is left.
    """
    wanted, unwanted = _words(select) or ("",), _words(ignore)
    for word in (*wanted, *unwanted):
        if not any(code.startswith(word) for code in CODES):
            raise UsageError(message("no check has a code that begins with {word!r}: iptexplain rule lists all", word=word))
    found = [check(code) for code in CODES if code.startswith(wanted) and not code.startswith(unwanted or ("-",))]
    if not found:
        raise UsageError(message("no check is left: all that are selected are ignored too"))
    return found


def _words(said: str | Iterable[str]) -> tuple[str, ...]:
    each = (said,) if isinstance(said, str) else said
    return tuple([word.strip().upper() for one in each for word in one.split(",") if word.strip()])
