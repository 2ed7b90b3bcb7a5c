"""KP508: a port that the firewall closes is open all the same, since Docker has published it."""

from __future__ import annotations

import pytest

from tests.lint.linted import said

DNAT = "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 5432 -j DNAT --to-destination 172.17.0.2:5433\n"
ACCEPT = "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 5433 -j ACCEPT\n"
CLOSED = "-A INPUT -p tcp -m tcp --dport 5432 -j DROP\n"
SAID = "tcp port 5432 is open to everyone through Docker, though INPUT drops it: the traffic goes to container 172.17.0.2:5433"


def _node(*, inside: str = CLOSED, policy: str = "ACCEPT", user: str = "", dnat: str = DNAT, more: str = "") -> str:
    return (
        f"{more}*filter\n:INPUT {policy} [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\n"
        ":DOCKER-ISOLATION-STAGE-1 - [0:0]\n:DOCKER-ISOLATION-STAGE-2 - [0:0]\n"
        "-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
        f"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n{inside}-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-ISOLATION-STAGE-1\n"
        "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -o docker0 -j DOCKER\n"
        "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT\n-A FORWARD -i docker0 -o docker0 -j ACCEPT\n"
        f"{ACCEPT}-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2\n"
        "-A DOCKER-ISOLATION-STAGE-1 -i br-0a1b ! -o br-0a1b -j DOCKER-ISOLATION-STAGE-2\n-A DOCKER-ISOLATION-STAGE-1 -j RETURN\n"
        f"-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP\n-A DOCKER-ISOLATION-STAGE-2 -o br-0a1b -j DROP\n{user}-A DOCKER-USER -j RETURN\n"
        "COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n"
        f"-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n"
        f"-A DOCKER -i docker0 -j RETURN\n{dnat}COMMIT\n"
    )


def _sentences(text: str) -> list[str]:
    return [line.split(" ", 2)[1] + line.split(":", 1)[1] for line in said(text, "KP508")]


@pytest.mark.parametrize(
    "text",
    [
        _node(),
        _node(inside="-A INPUT -j MINE\n-A MINE -p tcp -m multiport --dports 5432,6379 -j REJECT --reject-with icmp-port-unreachable\n"),
        _node(dnat=DNAT.replace("-A DOCKER", "-A DOCKER -d 192.0.2.7/32")),
        _node(more="*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP\nCOMMIT\n"),
        _node(user="-A DOCKER-USER -p tcp -m tcp --dport 80 -j DROP\n"),
    ],
)
def test_it_catches_a_port_that_a_rule_closes_and_docker_opens(text: str) -> None:
    assert _sentences(text) == [f"warning {SAID}"]


def test_it_is_an_info_where_the_port_is_dropped_with_everything_else() -> None:
    assert _sentences(_node(inside="", policy="DROP")) == [f"info {SAID}"]
    assert _sentences(_node(inside="-A INPUT -j DROP\n")) == [f"info {SAID}"]


@pytest.mark.parametrize(
    "text",
    [
        _node(inside=""),
        _node(inside=CLOSED.replace("-j", "! -s 10.0.0.0/8 -j")),
        _node(inside="-A INPUT -p tcp -m tcp --dport 5433 -j DROP\n"),
        _node(inside="-A INPUT -p udp -m udp --dport 5432 -j DROP\n"),
        _node(dnat=DNAT.replace("-A DOCKER", "-A DOCKER -d 127.0.0.1/32")),
        _node(dnat=DNAT.replace("--dport 5432", "--dport 5432:5440")),
        _node(dnat=DNAT.replace("-p tcp -m tcp --dport 5432 ", "")),
        _node(dnat=DNAT.replace("-m tcp", "-m unheard --of 7 -m tcp")),
        _node(dnat="-A DOCKER -p tcp -m tcp --dport 5432 -j REDIRECT --to-ports 80\n"),
        _node().replace(ACCEPT, ""),
        _node(user="-A DOCKER-USER ! -s 10.0.0.0/8 -i eth0 -j DROP\n"),
        _node(user="-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 5432 -j DROP\n"),
        _node(user="-A DOCKER-USER -m set --match-set bad src -j DROP\n"),
        _node(more="*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 5432 -j DROP\nCOMMIT\n"),
        _node(more="*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --dport 5433 -j DROP\nCOMMIT\n"),
        _node().replace("-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n", ""),
        _node().rpartition("COMMIT")[0],
        "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n",
    ],
)
def test_it_is_silent_where_it_is_not_closed_or_not_open_to_everyone(text: str) -> None:
    assert not _sentences(text)
