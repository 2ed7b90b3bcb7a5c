"""Writes the catalogues in iptexplain/locale anew: what there is to translate, and for each language what is translated already.

Run it from a checkout after a change of a sentence: `python tools/translations.py`; with `--check` it only says whether the files are what
it would write. `--add CODE` begins a language. `--split N FOLDER` writes what is not translated as N files of JSON, `--merge FILE…` takes
them back with a `text` for each `id` (both for the language of `--lang`).

What is translated: the templates of `message` and those marked `N_`, the help of options and commands. It is found in the syntax of the
modules, so a template stands there literally. No line numbers, no dates: the same sentences make the same bytes.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import sys
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from iptexplain.cli.help import paragraphs  # noqa: E402 - the checkout has to be on the path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOMAIN = "iptexplain"
FOLDER = ROOT / "iptexplain" / "locale"
_LEAD = "# Written by tools/translations.py: translate here, and run it.\n"
_FIELD = re.compile(r"\{[^{}]*\}")


class _Catalog(Catalog):
    """A catalogue whose header says the language and nothing that changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The lines of the header."""
        language = [("Language", str(self.locale_identifier))] if self.locale_identifier else []
        return [*language, ("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")]

    @property
    def header_comment(self) -> str:
        """Who writes the file."""
        return _LEAD.rstrip("\n")


# ---- what there is to translate ------------------------------------------------------------------------------------------


def templates() -> dict[str, list[str]]:
    """Each text to translate, and the modules where it stands, in the order of these."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "iptexplain").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for text in _texts(ast.parse(path.read_text("utf-8"))):
            if text and not _FIELD.fullmatch(text) and name not in found.setdefault(text, []):
                found[text].append(name)
    return found


def _texts(tree: ast.Module) -> Iterator[str]:
    """The texts of a module, as they stand in it."""
    for node in sorted(
        (one for one in ast.walk(tree) if isinstance(one, ast.stmt | ast.expr)), key=lambda one: (one.lineno, one.col_offset)
    ):
        match node:
            case ast.Call(func=ast.Name(id="message" | "N_"), args=[first, *_]):
                yield from _literals(first)
            case ast.Call(func=ast.Attribute(attr="Option" | "Argument"), keywords=keywords):
                yield from (text for one in keywords if one.arg == "help" for text in _literals(one.value))
            case ast.FunctionDef(decorator_list=decorators) if any(".command(" in ast.unparse(one) for one in decorators):
                yield from (text for text, _ in paragraphs(ast.get_docstring(node) or ""))
            case ast.Assign(targets=[ast.Name(id="_HELP")], value=ast.Constant(value=str(text))):
                yield from (paragraph for paragraph, _ in paragraphs(cleandoc(text)))


def _literals(node: ast.expr) -> Iterator[str]:
    """The text that an expression is, or the two that it chooses from."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _literals(one)
            yield from _literals(other)


# ---- the files ---------------------------------------------------------------------------------------------------------


def languages() -> list[str]:
    """The languages that have a folder."""
    return sorted(path.parent.name for path in FOLDER.glob("*/LC_MESSAGES"))


def _po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def translations(language: str) -> dict[str, str]:
    """What is translated into a language; what is only a guess (fuzzy) does not count."""
    path = _po(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id and one.string and not one.fuzzy}


def files(changed: Mapping[str, str] | None = None, language: str = "") -> dict[Path, bytes]:
    """The content of each file; `changed` are further translations into a language."""
    found = templates()
    made = {FOLDER / f"{DOMAIN}.pot": _text(_catalogue(found, {}, ""))}
    for one in languages():
        known = translations(one) | (dict(changed or {}) if one == language else {})
        catalogue = _catalogue(found, known, one)
        made[_po(one)] = _text(catalogue)
        packed = io.BytesIO()
        write_mo(packed, catalogue)
        made[_po(one).with_suffix(".mo")] = packed.getvalue()
    return made


def _catalogue(found: Mapping[str, list[str]], known: Mapping[str, str], language: str) -> Catalog:
    made = _Catalog(locale=language or None, domain=DOMAIN, fuzzy=False)
    for text, modules in sorted(found.items(), key=lambda entry: entry[1][0]):
        added = made.add(text, known.get(text, ""), auto_comments=modules[:3])
        added.flags.discard("python-format")  # `33 % of` looks like one
    return made


def _text(catalogue: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(written, catalogue, width=0, omit_header=False)
    return written.getvalue()


# ---- the command -------------------------------------------------------------------------------------------------------


def _split(count: int, folder: Path, language: str) -> None:
    """Writes what is not translated as so many files of about the same size."""
    known = translations(language)
    left = [{"id": text, "where": modules[0]} for text, modules in templates().items() if text not in known]
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-len(left) // count)
    for number in range(count):
        part = left[number * size : (number + 1) * size]
        (folder / f"{number + 1}.json").write_text(json.dumps(part, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _merged(paths: list[Path]) -> dict[str, str]:
    """What translators have written; what nobody asked for is refused."""
    entries = [entry for path in paths for entry in json.loads(path.read_text("utf-8"))]
    found = {entry["id"]: entry["text"] for entry in entries if entry.get("text")}
    unknown = found.keys() - templates().keys()
    if unknown:
        sys.exit("no such text:\n" + "\n".join(sorted(unknown)))
    return found


def main() -> int:
    """Writes or checks the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say whether the files are fresh")
    parser.add_argument("--add", metavar="CODE", help="begin a language")
    parser.add_argument("--split", nargs=2, metavar=("N", "FOLDER"), help="write what is not translated as N files of JSON")
    parser.add_argument("--merge", nargs="+", metavar="FILE", type=Path, help="take them back, with a `text` for each `id`")
    parser.add_argument("--lang", metavar="CODE", default="ja", help="the language of --split and --merge")
    asked = parser.parse_args()
    if asked.split:
        _split(int(asked.split[0]), Path(asked.split[1]), asked.lang)
        return 0
    if asked.add:
        _po(asked.add).parent.mkdir(parents=True, exist_ok=True)
    made = files(_merged(asked.merge) if asked.merge else None, asked.lang)
    stale = [path for path, data in made.items() if not path.exists() or path.read_bytes() != data]
    if asked.check:
        sys.stdout.write("".join(f"{path.relative_to(ROOT)} is not what tools/translations.py writes\n" for path in stale))
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made[path])
    for language in languages():
        known = translations(language)
        missing = sum(text not in known for text in templates())
        sys.stdout.write(f"{language}: {missing} texts are not translated\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
