"""The language that people are told things in: which one, and its catalogue.

A catalogue is a folder under `iptexplain/locale`, as gettext has it: `ja/LC_MESSAGES/iptexplain.mo`, which `tools/translations.py` writes.
English is the language of the templates themselves and has none: nothing is imported and nothing looked up for it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iptexplain.source import Message

ENGLISH = "en"


class _Used:
    """What is used now: `catalogue` gives a template in the language, None is English."""

    catalogue: Callable[[str], str] | None = None


def use(code: str) -> None:
    """From here on everything is told in this language: English, or one that is `available`."""
    _Used.catalogue = None if code == ENGLISH else _catalogue(code)


def is_english() -> bool:
    """Is English used."""
    return _Used.catalogue is None


def translated(template: str) -> str:
    """The template in the language that is used; as it is where the catalogue lacks it."""
    return template if _Used.catalogue is None or not template else _Used.catalogue(template)


def told(what: Message) -> str:
    """A sentence in the language that is used."""
    return what.english() if _Used.catalogue is None else what.told(translated)


def available() -> tuple[str, ...]:
    """The codes of all languages there are, English first."""
    from importlib.resources import files

    folder = files("iptexplain") / "locale"
    return (ENGLISH, *sorted(entry.name for entry in folder.iterdir() if (entry / "LC_MESSAGES").is_dir()))


def wanted(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for: LANGUAGE, LC_ALL, LC_MESSAGES or LANG, the first that says something, as in gettext.

    LANGUAGE is a list, and does not count where the locale is C (gettext manual, "The LANGUAGE variable"). What there is no catalogue for
    is English.
    """
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    if _bare(locale) in {"C", "POSIX"}:
        return ENGLISH
    asked = environment.get("LANGUAGE") or locale
    if not asked:
        return ENGLISH
    return next((code for one in asked.split(":") if (code := known(one)) is not None), ENGLISH)


def known(name: str) -> str | None:
    """The language of a locale (`ja`, `ja_JP.UTF-8`, `ja-JP`) as the catalogues call it, None if there is none."""
    bare = _bare(name)
    if bare.partition("_")[0] == ENGLISH:
        return ENGLISH
    codes = available()
    return next((one for one in _forms(bare) if one in codes), None)


def _bare(locale: str) -> str:
    """A locale without its encoding and its variant."""
    return locale.partition(".")[0].partition("@")[0].replace("-", "_")


def _forms(bare: str) -> Iterator[str]:
    """A language with its country, then without."""
    language, _, country = bare.partition("_")
    if country:
        yield f"{language.lower()}_{country.upper()}"
    yield language.lower()


def unknown(name: str) -> Message:
    """What to say of a language that there is no catalogue for."""
    return message("there is no language {name}; there are {codes}", name=name, codes=", ".join(available()))


@cache
def _catalogue(code: str) -> Callable[[str], str]:
    from gettext import GNUTranslations
    from importlib.resources import files

    with (files("iptexplain") / "locale" / code / "LC_MESSAGES" / "iptexplain.mo").open("rb") as file:
        return GNUTranslations(file).gettext
