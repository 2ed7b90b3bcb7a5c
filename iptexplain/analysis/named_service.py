"""Which Service ports somebody means who writes a name: all of it, or a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.owners.kube_proxy.names import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

ServiceName = tuple[str, str | None]
"""What a Service port is called: namespace/name:port, or namespace/name without a name of the port; its protocol, None if unknown."""


def meant(text: str, known: Iterable[ServiceName]) -> AbstractSet[ServiceName]:
    """The Service ports that are called just so, or whose Service is; else those whose name holds the text.

    A protocol may stand behind the name, as `iptexplain services -f name` has it: `default/dns:dns/UDP`. Empty if nobody is called so.

    >>> sorted(meant("shop/web:http", [("shop/web:http", "TCP"), ("shop/web:https", "TCP")]))
    [('shop/web:http', 'TCP')]
    """
    names = frozenset(known)
    text = text.removesuffix(":")  # as kube-proxy wrote a name without one of the port, up to 1.18
    name, _, protocol = text.rpartition("/")
    asked: list[ServiceName] = [(text, None)]
    if "/" in name and protocol.upper() in PROTOCOLS:
        asked.append((name, protocol.upper()))
    for called, over in asked:
        exact = {one for one in names if called in {one[0], one[0].partition(":")[0]} and _fits(one, over)}
        if exact:
            return exact
    for called, over in asked:
        part = {one for one in names if called in one[0] and _fits(one, over)}
        if part:
            return part
    return frozenset()


def _fits(one: ServiceName, protocol: str | None) -> bool:
    return protocol is None or one[1] is None or one[1].upper() == protocol
