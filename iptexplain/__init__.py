r"""iptexplain reads iptables-save dumps and says what they mean.

    >>> import iptexplain
    >>> ruleset = iptexplain.load(b"*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")
    >>> [table.name for table in ruleset.dumps[0].tables]
    ['nat']

`load` reads a file or bytes into a `Ruleset`; `services` works out its Services. `load_names`, `load_ipset` and `load_ipvs` read what may
be given to `services` beside it. Everything they return is values of `iptexplain.model`
and `iptexplain.analysis`. Names are imported when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from iptexplain._version import __version__

if TYPE_CHECKING:
    from iptexplain.analysis.services import services
    from iptexplain.api import load, load_ipset, load_ipvs, load_names
    from iptexplain.errors import IptexplainError
    from iptexplain.model.ruleset import Ruleset

__all__ = ["IptexplainError", "Ruleset", "__version__", "load", "load_ipset", "load_ipvs", "load_names", "services"]

_HOMES = {
    "IptexplainError": "iptexplain.errors",
    "Ruleset": "iptexplain.model.ruleset",
    "load": "iptexplain.api",
    "load_ipset": "iptexplain.api",
    "load_ipvs": "iptexplain.api",
    "load_names": "iptexplain.api",
    "services": "iptexplain.analysis.services",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
