"""What all JSON documents share: how they are written, and the parts about inputs and warnings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from iptexplain._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iptexplain.model.ruleset import Dump, Ruleset
    from iptexplain.source import Problem

Json = dict[str, Any]


_dumps = json.JSONEncoder(separators=(",", ":")).encode
string = json.encoder.encode_basestring_ascii
"""A string as JSON text."""


def write(document: Json | list[Json]) -> str:
    """A document as JSON text. Bytes that were no UTF-8 are lone surrogates, escaped; so is everything beyond ASCII."""
    return _dumps(document) + "\n"


def spliced(before: Json, texts: Mapping[str, str]) -> str:
    """An object as JSON text: some members, and behind them others whose values are JSON text already."""
    return "".join([_dumps(before)[:-1], *(f",{string(key)}:{text}" for key, text in texts.items()), "}"])


def head(kind: str) -> Json:
    """How every document begins."""
    return {"schema": f"iptexplain.{kind}/1", "tool": {"name": "iptexplain", "version": __version__}}


def inputs(rulesets: Sequence[Ruleset]) -> list[Json]:
    """The inputs and the dumps in them."""
    return [{"file": r.source.name, "sha256": r.source.sha256, "dumps": [_dump(dump) for dump in r.dumps]} for r in rulesets]


def _dump(dump: Dump) -> Json:
    return {
        "family": dump.family,
        "backend": dump.backend,
        "iptables_version": dump.version,
        "tables": [table.name for table in dump.tables],
        "lines": dump.lines,
        "chains": sum(len(table.chains) for table in dump.tables),
        "rules": sum(len(table.rules) for table in dump.tables),
        "complete": dump.complete,
    }


def warnings(problems: Iterable[Problem]) -> list[Json]:
    """What was not understood or was repaired."""
    return [{"file": p.file, "line": p.line, "message": p.message.english()} for p in problems]
