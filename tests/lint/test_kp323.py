"""KP323: the rules do not say which Service they belong to."""

from __future__ import annotations

import re

from tests.lint.linted import said, sound

_OF_ENDPOINTS = re.compile(
    r'^(-A KUBE-(?:SEP-\w+ .*?|SVC-\w+ ))-m comment --comment "[^"]*" (.*-j (?:KUBE-SEP-\w+|KUBE-MARK-MASQ|DNAT.*))$', re.MULTILINE
)


def bare(text: str) -> str:
    """The text as kube-proxy writes it with more than 1000 endpoints."""
    return _OF_ENDPOINTS.sub(lambda found: found[0] if "cluster IP" in found[0] else found[1] + found[2], text)


def test_it_tells_a_dump_of_a_large_cluster() -> None:
    (found,) = said(bare(sound()), "KP323")
    assert found.startswith("KP323 info ")
    assert "has left out the comments of rules for endpoints" in found
    assert found.endswith(": searching the dump for the name of a Service does not find the rules of its endpoints")


def test_it_tells_service_ports_that_nothing_names() -> None:
    text = re.sub(r' -m comment --comment "default/nginx[^"]*"', "", sound())
    (found,) = [one for one in said(text, "KP323") if "no comment" in one]
    assert found.endswith(
        "no comment says whose chain KUBE-SVC-2CMXP7HKUVJN7L6M is: searching the dump for the name of its Service finds nothing"
    )

    text = re.sub(r' -m comment --comment "shop/[^"]*"', "", sound("external-access"))
    assert any("no comment says whose " in one for one in said(text, "KP323"))


def test_it_is_silent_where_the_rules_have_their_comments() -> None:
    assert not said(sound(), "KP323")
    assert not said(sound("external-access"), "KP323")
