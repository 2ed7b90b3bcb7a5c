from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from iptexplain.parsing import grammar, table
from iptexplain.parsing import shapes as shapes_module
from iptexplain.parsing.shapes import Shapes, shape_of
from tests.checkout import ROOT
from tests.dumps import saved_lines
from tests.parsing.examples import examples
from tests.parsing.mutations import Plain, differences, fast_readings, mutated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from iptexplain.model.shape import Shape

MUTATIONS = 35_000
LINES = saved_lines()
EXAMPLE_LINES = [example.line for example in examples()]


def with_other_values(lines: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """Lines with one value replaced by a keyword or by something near it: where keywords and values compete."""
    draw = random.Random(seed)  # noqa: S311 - a test wants the same numbers again, not secret ones
    words = sorted(grammar.keywords().values())
    changes = (str, lambda word: word + "x", lambda word: word[:-1], lambda word: f'"{word}"', lambda word: word + '"')
    shapes = [(shape_of(line), line) for line in lines]
    for _ in range(count):
        shape, line = draw.choice(shapes)
        if not shape.slots:
            continue
        found = shape.matcher.match(line + "\n")
        assert found is not None
        values = list(found.groups())
        values[draw.randrange(len(values))] = draw.choice(changes)(draw.choice(words))
        yield shape.write(tuple(values))


# ---- the law -------------------------------------------------------------------------------------------------------------


def test_every_saved_line_is_read_as_lark_reads_it() -> None:
    assert differences(LINES) == []


def test_every_saved_line_is_read_as_lark_reads_it_with_the_shipped_table() -> None:
    assert differences(LINES, start=table.shapes) == []


def test_every_saved_line_is_accepted() -> None:
    assert None not in fast_readings([line for line in LINES if line], Shapes())


def test_mutated_lines_are_read_as_lark_reads_them() -> None:
    assert differences(mutated(LINES, MUTATIONS, seed=1), known=LINES) == []


def test_mutated_examples_of_all_extensions_are_read_as_lark_reads_them() -> None:
    assert differences(mutated(EXAMPLE_LINES, 5_000, seed=2), known=EXAMPLE_LINES, start=table.shapes) == []


def test_keywords_in_the_place_of_values_are_read_as_lark_reads_them() -> None:
    lines = [*EXAMPLE_LINES, *LINES[:: len(LINES) // 50]]

    assert differences(with_other_values(lines, 10_000, seed=3), known=lines) == []


def test_the_mutations_are_accepted_and_refused_in_good_measure() -> None:
    plain = Plain()
    accepted = sum(plain.read(line) is not None for line in mutated(LINES, 1_000, seed=4))

    assert 300 < accepted < 700


def test_a_wrong_shape_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law is worth something only if it can fail: here what guards values against keywords is taken away."""
    monkeypatch.setattr(grammar, "rivals", lambda _state, _terminal: ((), ()))
    monkeypatch.setattr(shapes_module, "_slot", shapes_module._slot.__wrapped__)  # noqa: SLF001 - what it has found before must not count here
    line = "-A X -j ACCEPT"
    found = differences([line], known=["-A X -j KUBE-SVC-2CMXP7HKUVJN7L6M"])

    assert [line] == [difference.line for difference in found]


# ---- shapes --------------------------------------------------------------------------------------------------------------


def shapes_of(*lines: str, shapes: Shapes | None = None) -> list[Shape]:
    known = Shapes() if shapes is None else shapes
    text = "".join(f"{line}\n" for line in lines)
    out, start = [], 0
    for line in lines:
        out.append(known.of(text, start, start + len(line)))
        start += len(line) + 1
    return out


def test_lines_of_one_form_have_one_shape() -> None:
    one, other = shapes_of("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "-A X -p udp -m tcp --dport 8000:8010 -j ACCEPT")

    assert one is other


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("-A X -j ACCEPT", "-A X -j DROP"),
        ("-A X -j ACCEPT", "-A X -j ACCEPTED"),
        ("-A X -j ACCEPT", "-A X -g ACCEPT"),
        ("-A X -j ACCEPT", "-A X  -j ACCEPT"),
        ("-A X -j ACCEPT", "-A X -j ACCEPT "),
        ("-A X -j ACCEPT", "-A X\t-j ACCEPT"),
        ("-A X -j ACCEPT", "[0:0] -A X -j ACCEPT"),
        ("-A X -s 1.1.1.1 -j ACCEPT", "-A X ! -s 1.1.1.1 -j ACCEPT"),
        ("-A X -m tcp --sport 1", "-A X -m tcp --dport 1"),
        ("-A X -m tcp --dport 1", "-A X -m udp --dport 1"),
        ("-A X -m tomorrow 1", "-A X -m tomorrow 1 2"),
        ("-A X -m recent", "-A X -m recent [unsupported revision]"),
    ],
)
def test_lines_of_two_forms_have_two_shapes(line: str, other: str) -> None:
    one, two, three = shapes_of(line, other, line)

    assert one is not two
    assert one is three


def test_a_line_is_read_as_if_it_were_alone() -> None:
    lines = ["-A X", "-j ACCEPT", '-A X -m comment --comment "a', 'b"', "-A X -j ACCEPT"]

    assert [reading is not None for reading in fast_readings(lines, Shapes())] == [True, False, False, False, True]


def test_a_known_shape_does_not_accept_what_lark_refuses() -> None:
    shapes = Shapes()
    shapes_of("-A X -m comment --comment abc -j ACCEPT", shapes=shapes)

    with pytest.raises(grammar.SyntaxProblem):
        shapes_of('-A X -m comment --comment "a"b -j ACCEPT', shapes=shapes)


def test_a_shape_writes_what_it_has_read() -> None:
    line = '[12:720] -A X  ! -s 10.0.0.0/8\t-m comment --comment "a \\"b\\"" -j KUBE-SVC-2CMXP7HKUVJN7L6M '
    (reading,) = fast_readings([line], Shapes())

    assert reading is not None
    assert line == shape_of(line).write(reading.values)
    assert reading.values == ("[12:720]", "X", "10.0.0.0/8", '"a \\"b\\""', "KUBE-SVC-2CMXP7HKUVJN7L6M")


# ---- the shipped table ---------------------------------------------------------------------------------------------------


def test_the_shipped_table_is_fresh() -> None:
    done = subprocess.run([sys.executable, "tools/shapes.py", "--check"], cwd=ROOT, check=False)

    assert done.returncode == 0, "the grammar or the samples have changed: run tools/shapes.py"


def test_the_shipped_table_reads_every_saved_line_without_lark() -> None:
    program = (
        "import sys\n"
        "from iptexplain.parsing.reader import read\n"
        "for name in sys.argv[1:]:\n"
        "    assert not read(name, open(name, 'rb').read()).problems, name\n"
        "print('lark' in sys.modules)\n"
    )
    files = sorted(ROOT.glob("samples/**/*.save"))
    done = subprocess.run([sys.executable, "-c", program, *files], cwd=ROOT, check=True, capture_output=True, text=True)

    assert files
    assert done.stdout == "False\n"


def copied(folder: Path) -> None:
    for path in grammar.folder().glob("*.lark"):
        (folder / path.name).write_bytes(path.read_bytes())


def knows(shapes: Shapes, line: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Does it read the line without deriving it."""
    with monkeypatch.context() as patch:
        patch.setattr(grammar, "derive", lambda line: pytest.fail(f"derived {line!r}"))
        try:
            shapes_of(line, shapes=shapes)
        except pytest.fail.Exception:
            return False
    return True


def test_the_digest_is_that_of_the_files_and_not_of_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = grammar.digest()
    copied(tmp_path)
    monkeypatch.setattr(grammar, "folder", lambda: tmp_path)

    assert before == grammar.digest()


@pytest.mark.parametrize("name", ["iptables_save.lark", "matches.lark", "targets.lark", "terminals.lark"])
def test_a_changed_grammar_makes_the_table_useless(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert knows(table.shapes(), "-A X -j ACCEPT", monkeypatch)

    copied(tmp_path)
    (tmp_path / name).write_text((tmp_path / name).read_text("utf-8") + "\n// changed\n", "utf-8")
    monkeypatch.setattr(grammar, "folder", lambda: tmp_path)

    assert not knows(table.shapes(), "-A X -j ACCEPT", monkeypatch)


def test_a_table_is_built_from_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    text = table.build(["*nat", "-A X -j ACCEPT", "-A Y -j ACCEPT"])

    assert text.endswith("}\n")
    assert text.isascii()
    assert text == table.build(["*nat", "-A X -j ACCEPT", "-A Z -j ACCEPT"])
    assert knows(table.shapes(), "*raw", monkeypatch)


def test_a_line_that_is_none_cannot_be_put_into_a_table() -> None:
    with pytest.raises(grammar.SyntaxProblem):
        table.build(["-A X -jACCEPT"])
