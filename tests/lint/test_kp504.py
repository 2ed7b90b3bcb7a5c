"""KP504: the firewall drops the health checks of a load balancer."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

JUMP = '-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS\n'
SAID = "INPUT drops health checks at port 32100: load balancers take this node for broken and send it nothing for shop/lb-hcnp:http"


def _closed(*, before: str = "", behind: str = "", jump: str = JUMP) -> str:
    """The sound dump with policy DROP in INPUT of filter, with rules before and behind kube-proxy's jump."""
    text = sound("external-access")
    start, name, rest = text.partition("*filter\n")
    assert name
    rest = rest.replace(":INPUT ACCEPT [0:0]", ":INPUT DROP [0:0]", 1)
    return start + name + rest.replace(JUMP, before + jump + behind, 1)


@pytest.mark.parametrize(
    "text",
    [
        _closed(jump=""),
        _closed(
            jump="-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p icmp -j ACCEPT\n"
        ),
        _closed(jump="-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -p udp -j ACCEPT\n-A INPUT -s 127.0.0.0/8 -j ACCEPT\n"),
        _closed(before="-A INPUT -p tcp -m tcp --dport 32000:33000 -j DROP\n"),
        _closed(before="-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n"),
        _closed(before="-A INPUT -j MINE\n-A MINE -m limit --limit 5/sec -j LOG\n-A MINE -j REJECT --reject-with icmp-port-unreachable\n"),
    ],
)
def test_it_catches_a_policy_or_a_rule_that_drops_health_checks(text: str) -> None:
    (found,) = said(text, "KP504")

    assert found.startswith("KP504 warning ")
    assert found.endswith(SAID)


@pytest.mark.parametrize(
    "text",
    [
        _closed(),
        _closed(before="-A INPUT -p tcp -m tcp --dport 22 -j DROP\n"),
        _closed(before="-A INPUT -s 203.0.113.0/24 -j DROP\n"),
        _closed(before="-A INPUT -m limit --limit 5/sec -j DROP\n"),
        _closed(jump="-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"),
        _closed(jump="-A INPUT -i eth0 -j ACCEPT\n"),
        _closed(jump="-A INPUT -p tcp -m tcp --dport 32100 -j ACCEPT\n"),
        _closed(jump="-A INPUT -p tcp -m multiport --dports 22,32000:32200 -j ACCEPT\n"),
        _closed(jump="-A INPUT -m unheard --of 7 -j ACCEPT\n"),
        sound("external-access"),
        sound("external-access").replace(JUMP, ""),
        sound("external-access").replace(JUMP, "-A INPUT -j MISSING\n"),
    ],
)
def test_it_is_silent_where_somebody_may_ask(text: str) -> None:
    assert not said(text, "KP504")


def test_it_is_silent_without_health_checks_and_on_a_cut_dump() -> None:
    assert not said(sound().replace(":INPUT ACCEPT", ":INPUT DROP"), "KP504")
    assert not said(_closed(jump="").rpartition("COMMIT")[0], "KP504")
