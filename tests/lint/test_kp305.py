"""KP305: an endpoint that stands twice."""

from __future__ import annotations

from tests.lint.linted import said, sound

LAST = '-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.166.130:80" -j KUBE-SEP-QZQ6SCLOCLOPP2FJ\n'


def test_it_catches_two_rules_to_one_chain() -> None:
    (found,) = said(sound().replace(LAST, LAST.replace("QZQ6SCLOCLOPP2FJ", "E4DERYY2XOMCBE7I")), "KP305")

    assert found.startswith("KP305 warning ")
    assert found.endswith(
        "default/nginx has the endpoint 192.168.166.129:80 twice in KUBE-SVC-2CMXP7HKUVJN7L6M: it gets the connections of two endpoints"
    )


def test_it_catches_two_chains_that_send_packets_to_one_address() -> None:
    (found,) = said(sound().replace("--to-destination 192.168.166.130:80", "--to-destination 192.168.104.1:80"), "KP305")

    assert found.endswith(
        "default/nginx has the endpoint 192.168.104.1:80 twice in KUBE-SVC-2CMXP7HKUVJN7L6M: it gets the connections of two endpoints"
    )


def test_it_is_silent_on_sound_dumps_with_and_without_session_affinity() -> None:
    assert not said(sound(), "KP305")
    assert "--rcheck" in sound("external-access")
    assert not said(sound("external-access"), "KP305")
