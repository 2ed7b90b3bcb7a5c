"""Does a table hold the kernel's own chains, as every table of iptables-save does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.ruleset import BUILT_IN_OF

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Table


def has_built_in(table: Table | None) -> bool:
    """Is one of the built-in chains declared. Without any it is an excerpt, or what kube-proxy's log shows it feed to iptables-restore."""
    return table is not None and any(chain in table.chains for chain in BUILT_IN_OF.get(table.name, table.chains))
