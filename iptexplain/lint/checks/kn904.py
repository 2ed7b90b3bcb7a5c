"""The addresses of Pods overlap another network of the node.

## What it does

Compares the networks of the node's interfaces with each other and with the range of Pods that kube-proxy was told (`--cluster-cidr`, as
its rules show it):

- a warning where a bridge of Docker, or an interface to the outside, has its network inside of that of the Pods' bridge on this node
  (`cni0`, `cbr0`, `weave`, `kube-bridge`);
- information where a bridge of Docker shares addresses with the whole range of Pods, or where the node's own address lies in it although
  an overlay network (Flannel, Calico) keeps Pods apart.

## Why it matters

A packet goes to the smallest network that holds its address. If Docker or the network of the nodes has the addresses of Pods, packets to
these Pods go there: they do not answer from this node. And what comes from such an address counts as sent by a Pod, so that kube-proxy
does not masquerade it, and answers may not find their way.

## Example

```
inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0
```

while kube-proxy's rules say

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M ! -s 172.17.0.0/16 -d 10.109.35.24/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
```

## Use instead

Another network for Docker (`bip` and `default-address-pools` in `/etc/docker/daemon.json`), or another range for Pods than that of the
nodes. The range of Pods cannot be changed in a running cluster without new nodes.

## Limits

Where clouds give Pods addresses of the nodes' own network (Azure CNI, AWS VPC CNI), that is as it should be; there is no overlay then,
and nothing is said. Docker's bridge may itself be that of the Pods: then nothing is said, unless another interface of Pods is there.
Routes are not looked at: a route to a smaller network may lead the packets to their Pods all the same, which is why an overlap with the
whole range is information. Nothing is known of the range where kube-proxy goes by interfaces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.lint.check import ADDRESSES, KUBE_PROXY, Check
from iptexplain.lint.finding import INFO, WARNING, Hit
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.lint.subject import Subject
    from iptexplain.model.address import Address, Network
    from iptexplain.model.node import Link

_BRIDGE = re.compile(r"cni0|cbr0|weave|kube-bridge")
_OVERLAY = re.compile(r"flannel(\.|-v6\.)\d+|flannel\.ipip|flannel-wg(-v6)?|vxlan(-v6)?\.calico|tunl0|wireguard\.cali")
_DOCKER = re.compile(r"docker0|br-[0-9a-f]{12}")
_OUTSIDE = re.compile(r"(eth|bond|wl|ww|ib|eno|enp|ens|enx)[0-9a-z]*(\.\d+)?")
"""Names of interfaces: the Pods' bridges, tunnels to the Pods of other nodes, Docker's bridges, and what leads out of the node."""


class _Own(NamedTuple):
    """An address of an interface."""

    link: str
    address: Address
    network: Network


def _look(subject: Subject) -> Iterator[Hit]:
    detector = subject.proxy.local_detector if subject.proxy is not None else None
    pods = detector.network if detector is not None else None
    if pods is None or subject.beside.links is None:
        return
    links = subject.beside.links
    bridges, overlays = ([own for own in _addresses(links, name) if pods.holds(own.address)] for name in (_BRIDGE, _OVERLAY))
    docker, outside = (_addresses(links, name) for name in (_DOCKER, _OUTSIDE))
    line = _line(subject)
    told = set()
    for own in (*docker, *outside):
        bridge = next((one for one in bridges if one.network.covers(own.network)), None)
        if bridge is not None and own.link not in told:
            told.add(own.link)
            fields = {"link": own.link, "network": own.network, "bridge": bridge.link, "pods": bridge.network}
            what = message(
                "{link} has {network}, which are addresses of Pods ({bridge} has {pods}): packets to these Pods do not arrive", **fields
            )
            yield Hit(line, what, (own.link, str(own.network)))
    for own in docker:
        is_other = own.link != "docker0" or bridges or overlays
        if is_other and own.link not in told and pods.meets(own.network):
            told.add(own.link)
            what = message(
                "{link} has {network}, which overlaps the range of Pods {pods}: packets to Pods with such addresses may not arrive",
                link=own.link,
                network=own.network,
                pods=pods,
            )
            yield Hit(line, what, (own.link, str(own.network)), INFO)
    for own in outside if overlays else ():
        if own.link not in told and pods.holds(own.address):
            told.add(own.link)
            what = message(
                "the node's address {address} ({link}) lies in the range of Pods {pods}:"
                " kube-proxy takes what it sends for a Pod's, and answers may get lost",
                address=own.address,
                link=own.link,
                pods=pods,
            )
            yield Hit(line, what, (own.link, str(own.network)), INFO)


def _addresses(links: Mapping[str, Link], name: re.Pattern[str]) -> list[_Own]:
    """The addresses of the interfaces of some names."""
    found = (link for link in links.values() if name.fullmatch(link.name))
    return [_Own(link.name, assigned.address, assigned.network) for link in found for assigned in link.addresses]


def _line(subject: Subject) -> int:
    """The line of a rule that has the range of Pods, 0 if there is none."""
    nat = subject.table("nat")
    detector = subject.proxy.local_detector if subject.proxy is not None else None
    if nat is None or detector is None:
        return 0
    chains = (layout.SERVICES, *(chain for chain in nat.by_chain if chain.startswith(layout.OF_SERVICE)))
    places = (place for chain in chains for place in nat.places_of(chain))
    return next((nat.rules.line(place) for place in places if f"-s {detector.value}" in nat.rules[place].text), 0)


CHECK = Check(
    "KN904",
    "pod-range-overlaps-network",
    WARNING,
    _look,
    message("give Docker, or the Pods, a range of addresses that no other network of the node has"),
    (KUBE_PROXY, ADDRESSES),
    also=(INFO,),
)
