"""Values of many lines at once are the values of each line."""

from __future__ import annotations

import random

import pytest

from iptexplain.parsing.reader import read

FORMS = (
    "-A {chain} -s 10.0.0.{number}/32 -j KUBE-MARK-MASQ",
    "-A {chain} -p tcp -m tcp -j DNAT --to-destination 10.0.0.{number}:80",
    '-A {chain} -m comment --comment "number {number}" -j ACCEPT',
    "-A {chain}",
    "-A {chain} -m tomorrow --a {number}",
    "",
    "# {number}",
)
"""One of them is blank, one no rule, one holds a match that the grammar does not know."""


def text_of(order: list[int], *, accent: bool) -> str:
    lines = [FORMS[form].format(chain=f"C{number // 3}", number=number % 250) for number, form in enumerate(order)]
    end = "-A Y -m comment --comment é -j DROP\n" if accent else ""
    return "*nat\n" + "".join(f"{line}\n" for line in lines) + end + "COMMIT\n"


ORDERS = {
    "one form": [0] * 5_000,
    "two forms in turn": [0, 1] * 2_500,
    "runs and gaps": [*[0, 1] * 40, 2, 3, *[2] * 33, 4, *[0, 1, 2, 3] * 50, *[3, 3, 1] * 100, 0] * 8,
    "no order": random.Random(1).choices(range(5), k=6_000),  # noqa: S311 - the same each time, not secret
    "with blank lines and comments": random.Random(2).choices(range(7), k=6_000),  # noqa: S311 - the same each time, not secret
}


@pytest.mark.parametrize("accent", [False, True])
@pytest.mark.parametrize("name", ORDERS)
def test_values_of_many_lines_at_once_are_those_of_each_line(name: str, accent: bool) -> None:  # noqa: FBT001 - a column
    text = text_of(ORDERS[name], accent=accent)
    ruleset = read("-", text.encode())
    lines, rules = ruleset.lines, ruleset.dumps[0].tables[0].rules
    expected = [rules.values(place) for place in range(len(rules))]

    assert all("is shown as unknown" in problem.message.english() for problem in ruleset.problems)
    assert "".join(lines.write()) == text
    assert expected == rules.values_of(range(len(rules)))
    assert expected == [rule.values for rule in rules]
    assert expected[7:900] == rules.values_of(range(7, 900))
    assert [number + 1 for number, line in enumerate(text.split("\n")) if line.startswith("-A")] == [rule.line for rule in rules]


@pytest.mark.parametrize("wanted", [None, (), (1,), (0, 3), (0, 1, 2, 3, 4, 5)])
@pytest.mark.parametrize("count", [1, 31, 32, 2_000])
def test_values_of_many_blocks_are_those_of_each_block(count: int, wanted: tuple[int, ...] | None) -> None:
    rules = read("-", text_of(ORDERS["two forms in turn"], accent=False).encode()).dumps[0].tables[0].rules
    each = [tuple(value for place in (at, at + 1) for value in rules.values(place)) for at in range(0, 2 * count, 2)]
    expected = each if wanted is None else [tuple(values[slot] for slot in wanted) for values in each]

    assert expected == rules.blocks(range(2), count, wanted)
    assert expected == [rules.block(range(at, at + 2), wanted) for at in range(0, 2 * count, 2)]


def test_the_start_of_a_line_is_found_in_any_order() -> None:
    text = text_of(ORDERS["no order"], accent=True)
    lines = read("-", text.encode()).lines
    starts = [0]
    for line in text.split("\n")[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    numbers = list(range(1, len(starts) + 1))
    random.Random(3).shuffle(numbers)  # noqa: S311 - the same each time, not secret

    assert [starts[number - 1] for number in numbers] == [lines.start(number) for number in numbers]
