"""The parser that is shipped, so that a line of a new form does not have to wait until one is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lark

from iptexplain.parsing import grammar
from tests.dumps import saved_lines
from tests.parsing.examples import examples
from tests.parsing.mutations import mutated

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LINES = [example.line for example in examples()]


def readings(parser: lark.Lark, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """How a parser reads many lines, good ones and bad ones."""
    found: list[object] = []
    with monkeypatch.context() as patch:
        patch.setattr(grammar, "parser", lambda: parser)
        for line in [*LINES, *mutated([*LINES, *saved_lines()], 2_000, seed=5)]:
            try:
                derived = grammar.derive(line)
            except grammar.SyntaxProblem as problem:
                found.append((problem.offset, problem.length))
            else:
                found.append(
                    ([(token.start, token.end) for token in derived.tokens], [str(tree.data) for tree in derived.tree.iter_subtrees()])
                )
    return found


def test_the_stored_parser_is_that_of_the_grammar() -> None:
    stamp = grammar._FILE.read_bytes().split(b"\n", 1)[0].decode()  # noqa: SLF001 - what is shipped is the point

    assert stamp.split()[0] == grammar.digest(), "the grammar has changed: run tools/shapes.py"


def test_the_stored_parser_reads_as_one_that_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parser").write_bytes(grammar.packed())  # what is shipped may be of another lark
    monkeypatch.setattr(grammar, "_FILE", tmp_path / "parser")
    stored = grammar._stored()  # noqa: SLF001 - as above
    assert stored is not None

    assert readings(grammar.built(), monkeypatch) == readings(stored, monkeypatch)


def test_a_parser_of_another_grammar_or_lark_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "_FILE", tmp_path / "parser")
    assert grammar._stored() is None  # noqa: SLF001 - as above

    for stamp in (f"{grammar.digest()} lark 0.1", f"0000 lark {lark.__version__}", ""):
        (tmp_path / "parser").write_bytes(stamp.encode() + b"\nno parser")

        assert grammar._stored() is None  # noqa: SLF001 - as above
