"""The JSON Schemas of all documents, shipped as files beside this module."""

from __future__ import annotations

from importlib.resources import files

KINDS = ("services", "trace", "explain", "lint", "ast", "map")
"""The documents that have a schema, by the name in their `schema` key."""


def schema(kind: str) -> str:
    """The text of a schema; `kind` is one of `KINDS`."""
    return (files("iptexplain.render") / "schemas" / f"{kind}.json").read_text("utf-8")
