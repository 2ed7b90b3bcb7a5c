"""IX006: a destination of 0.0.0.0:0."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound


@pytest.mark.parametrize("nowhere", [":0 --persistent", "0.0.0.0:0", "0.0.0.0"])  # noqa: S104 - nobody binds to it
def test_it_catches_rules_that_send_packets_to_nowhere(nowhere: str) -> None:
    broken = sound().replace("--to-destination 192.168.104.1:80", f"--to-destination {nowhere}")

    (found,) = said(broken, "IX006")
    assert found.startswith("IX006 error ")


@pytest.mark.parametrize("somewhere", [":8080", "10.0.0.1", "10.0.0.1-10.0.0.9", "10.0.0.1:80"])
def test_it_is_silent_on_real_destinations(somewhere: str) -> None:
    assert not said(sound().replace("--to-destination 192.168.104.1:80", f"--to-destination {somewhere}"), "IX006")


def test_it_catches_a_rule_that_was_written_by_hand() -> None:
    assert said("*nat\n-A OUTPUT -p tcp -j DNAT --to-dest 0.0.0.0:0\nCOMMIT\n", "IX006")
