r"""iptexplain reads iptables-save dumps and says what they mean.

    >>> import iptexplain
    >>> ruleset = iptexplain.load(b"*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")
    >>> [table.name for table in ruleset.dumps[0].tables]
    ['nat']

`load` reads a file or bytes into a `Ruleset`; `services` works out its Services. `load_names`, `load_ipset` and `load_ipvs` read what may
be given to `services` beside it. A `Tracer` traces packets (`make_packet`, `load_packets`) through one dump; `load_node`, `load_ip_addr`
and `load_ip_route` read what is known of the node. `sentences` says each rule in words. `findings` tells what is wrong, with what else is
known of the node in `Beside`. Everything they return is values of `iptexplain.model`, `iptexplain.analysis` and
`iptexplain.lint`. Names are imported when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from iptexplain._version import __version__

if TYPE_CHECKING:
    from iptexplain.analysis.explain.sentence import sentences
    from iptexplain.analysis.services import services
    from iptexplain.analysis.trace.tracer import Tracer
    from iptexplain.api import load, load_ip_addr, load_ip_route, load_ipset, load_ipvs, load_names, load_node, load_packets
    from iptexplain.errors import IptexplainError
    from iptexplain.inputs.packets import make_packet
    from iptexplain.lint.beside import Beside
    from iptexplain.lint.runner import findings
    from iptexplain.model.ruleset import Ruleset

__all__ = [
    "Beside",
    "IptexplainError",
    "Ruleset",
    "Tracer",
    "__version__",
    "findings",
    "load",
    "load_ip_addr",
    "load_ip_route",
    "load_ipset",
    "load_ipvs",
    "load_names",
    "load_node",
    "load_packets",
    "make_packet",
    "sentences",
    "services",
]

_HOMES = {
    "Beside": "iptexplain.lint.beside",
    "IptexplainError": "iptexplain.errors",
    "Ruleset": "iptexplain.model.ruleset",
    "Tracer": "iptexplain.analysis.trace.tracer",
    "findings": "iptexplain.lint.runner",
    "load": "iptexplain.api",
    "load_ip_addr": "iptexplain.api",
    "load_ip_route": "iptexplain.api",
    "load_ipset": "iptexplain.api",
    "load_ipvs": "iptexplain.api",
    "load_names": "iptexplain.api",
    "load_node": "iptexplain.api",
    "load_packets": "iptexplain.api",
    "make_packet": "iptexplain.inputs.packets",
    "sentences": "iptexplain.analysis.explain.sentence",
    "services": "iptexplain.analysis.services",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
