"""nfacct: counts the packet in a named object; every packet matches.

Man page iptables-extensions(8), nfacct; kernel net/netfilter/xt_nfacct.c. kube-proxy writes it from 1.31 on.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option


class NfAcct(Extension):
    """The name of the accounting object."""

    name: str = ""

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--nfacct-name", "name", str),)


EXTENSION = NfAcct
