"""The view of a dump without kube-proxy: what it holds, and whose chains these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.contents import contents
from iptexplain.render.layout import columns
from iptexplain.render.words import say
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.contents import Part
    from iptexplain.model.ruleset import Dump


def lines(dump: Dump) -> Iterator[str]:
    """A sentence and a table."""
    yield say(message("No rule of kube-proxy's for Services is in this dump. It holds:"))
    yield ""
    header = [say(message(text)) for text in (N_("TABLE"), N_("CHAINS OF"), N_("CHAINS"), N_("RULES"))]
    yield from columns([(part.table, _owner(part), str(part.chains), str(part.rules)) for part in contents(dump)], header=header)


def _owner(part: Part) -> str:
    if part.built_in:
        return say(message("the kernel (built in)"))
    return part.maker or say(message("somebody else"))
