"""The view of a dump in ipvs mode without the sets: which sets its rules look up, and what to give for the Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.membership import set_lines
from iptexplain.owners.kube_proxy.ipvs_sets import holds
from iptexplain.render.layout import columns, columns_of, fold
from iptexplain.render.safe import plain
from iptexplain.render.words import say
from iptexplain.source import N_, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.model.ruleset import Dump

_WHAT = message(
    "In ipvs mode the rules do not say where Services listen and who answers: run `ipset save` and `ipvsadm -Sn` on the node too, and give "
    "what they print with --ipset FILE and --ipvs FILE. These rules look up:"
)


_BESIDE = 6
"""The room beside a title for what separates the columns (tabulate wants two blanks more for a title)."""
_NARROWEST = 18
"""A column of sentences narrower than this is unreadable."""


def lines(dump: Dump, width: int) -> Iterator[str]:
    """A sentence and a table."""
    yield from fold(say(_WHAT), width)
    yield ""
    header = [say(message(text)) for text in (N_("SET"), N_("LINE"), N_("HOLDS"))]
    rows = [(plain(name), str(line), say(holds(name) or verbatim("?"))) for name, line in asked(dump)]
    name_room = max(map(columns_of, (header[0] + "  ", *(name for name, _, _ in rows))))
    left = width - name_room - columns_of(header[1]) - _BESIDE
    if left >= _NARROWEST:
        cells = [
            (name if n == 0 else "", line if n == 0 else "", text) for name, line, said in rows for n, text in enumerate(fold(said, left))
        ]
        yield from columns(cells, header=header)
        return
    for name, line, said in rows:
        yield from fold(say(message("{set}, line {line}: {holds}", set=name, line=line, holds=said)), width)


def asked(dump: Dump) -> list[tuple[str, int]]:
    """The sets that rules look up, with the first line that does, sorted by line."""
    tables = [table for table in map(dump.table, ("nat", "filter")) if table is not None]
    return sorted(set_lines(tables).items(), key=lambda one: one[1])
