"""The addresses of the Pods, as kube-proxy's own rules name them, and what Pods send to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.lint.common.endpoints import endpoint_chains
from iptexplain.lint.common.partial import Partial
from iptexplain.model.address import Network
from iptexplain.model.matching import Constraint, Field, Translate
from iptexplain.model.values import Interface, Mark, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.shape import Shape

NEW = Constraint(Field.STATE, Words(("NEW",)))
"""What is known of the first packet of a connection."""

_OF_DOCKER = ("docker", "br-")
"""How bridges of Docker begin."""


def pod_network(subject: Subject) -> Network | None:
    """The network of the Pods: what kube-proxy tells them by, else what it accepts answers for in KUBE-FORWARD (up to 1.17)."""
    proxy = subject.proxy
    if proxy is not None and proxy.local_detector is not None:
        return proxy.local_detector.network
    table = subject.table("filter")
    for rule in table.rules_of("KUBE-FORWARD") if table is not None else ():
        for test in binding.tests(rule):
            for field, wanted, negated in test.constraints:
                if field is Field.SOURCE and not negated and isinstance(wanted, Network):
                    return wanted
    return None


def between_pods(subject: Subject, source: Network, destination: Network | None = None) -> Partial:
    """The first packet of a connection from one Pod to another, without Services: so it does not have kube-proxy's mark.

    Bridges of Docker whose network is another one do not see it.
    """
    mark = subject.proxy.masquerade_mark if subject.proxy is not None else None
    bits = mark.mask if mark is not None else 0
    to = destination or source
    others = [bridge for network, bridge in subject.once(_of_docker) if not network.meets(source) and not network.meets(to)]
    past = [Constraint(field, bridge, negated=True) for bridge in others for field in (Field.IN, Field.OUT)]
    return Partial((Constraint(Field.SOURCE, source), Constraint(Field.DESTINATION, to), NEW, *past), marked=Mark(0, bits))


def endpoints_in(subject: Subject, network: Network, most: int) -> list[Network]:
    """The addresses of endpoints of Services that are in a network, each once and as a network of its own; at most so many."""
    found: dict[Network, None] = {}
    nat = subject.table("nat")
    for chain in endpoint_chains(subject) if nat is not None else ():
        effect = binding.effect(nat.rules[chain.places[chain.dnat[0]]]) if nat is not None and len(chain.dnat) == 1 else None
        if isinstance(effect, Translate) and effect.to is not None and effect.to.first is not None and network.holds(effect.to.first):
            found[Network.of(effect.to.first)] = None
            if len(found) == most:
                break
    return list(found)


def _of_docker(subject: Subject) -> Sequence[tuple[Network, Interface]]:
    """The networks of Docker and their bridges, as its masquerade rules name them: `-s 172.17.0.0/16 ! -o docker0`."""
    found = []
    for rule in subject.rules("nat", _masquerades):
        asked = [one for test in binding.tests(rule) for one in test.constraints]
        networks = [one.wanted for one in asked if one.field is Field.SOURCE and not one.negated and isinstance(one.wanted, Network)]
        bridges = [one.wanted for one in asked if one.field is Field.OUT and one.negated and isinstance(one.wanted, Interface)]
        found += [(network, bridge) for network in networks for bridge in bridges if bridge.name.startswith(_OF_DOCKER)]
    return found


def _masquerades(shape: Shape) -> bool:
    return shape.target is not None and shape.target.name == "MASQUERADE"
