"""KP311: a Service that is refused although it has endpoints."""

from __future__ import annotations

from tests.lint.linted import said, sound

REFUSED = (
    '-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "default/nginx has no endpoints" -m tcp --dport 80'
    " -j REJECT --reject-with icmp-port-unreachable\n"
)
CHAIN = "-A KUBE-SVC-2CMXP7HKUVJN7L6M "


FORWARD = "-A KUBE-FORWARD -m conntrack --ctstate INVALID"
"""The first rule of filter's KUBE-FORWARD."""


def _with(rule: str) -> str:
    return sound().replace(FORWARD, rule + FORWARD)


def test_it_catches_a_service_that_both_tables_tell_otherwise() -> None:
    (found,) = said(_with(REFUSED), "KP311")

    assert found.startswith("KP311 error ")
    assert found.endswith("default/nginx is refused as one without endpoints, and nat sends it to endpoints")


def test_it_catches_the_same_at_a_node_port() -> None:
    served = '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/nginx" -m tcp --dport 30080 -j KUBE-SVC-2CMXP7HKUVJN7L6M\n'
    refused = (
        '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/nginx has no endpoints" -m addrtype --dst-type LOCAL'
        " -m tcp --dport 30080 -j REJECT --reject-with icmp-port-unreachable\n"
    )
    text = _with(refused).replace("-A KUBE-POSTROUTING", f"{served}-A KUBE-POSTROUTING", 1)

    assert [line.split()[1] for line in said(text, "KP311")] == ["error"]
    assert not said(text.replace(served, served.replace("30080", "30081")), "KP311")


def test_it_is_silent_on_sound_dumps_with_services_without_endpoints() -> None:
    assert "has no endpoints" in sound("local-policies")
    assert not said(sound("local-policies"), "KP311")
    assert not said(sound(), "KP311")


def test_it_is_silent_on_other_places_other_services_and_chains_without_endpoints() -> None:
    empty = "".join(line for line in _with(REFUSED).splitlines(keepends=True) if not line.startswith(CHAIN))

    assert not said(_with(REFUSED.replace("--dport 80", "--dport 81")), "KP311")
    assert not said(_with(REFUSED.replace("default/nginx", "other/web")), "KP311")
    assert not said(
        _with(REFUSED.replace("no endpoints", "no local endpoints").replace("REJECT --reject-with icmp-port-unreachable", "DROP")), "KP311"
    )
    assert not said(empty, "KP311")
