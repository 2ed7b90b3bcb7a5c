"""Which Service ports somebody means who writes a name, a part of one, or a name with a protocol."""

from __future__ import annotations

import pytest

from iptexplain.analysis.named_service import meant

KNOWN = [
    ("shop/web:http", "TCP"),
    ("shop/web:https", "TCP"),
    ("shop/web-admin:http", "TCP"),
    ("kube-system/kube-dns:dns", "UDP"),
    ("kube-system/kube-dns:dns", "TCP"),
    ("net/tcp:x", "TCP"),
    ("shop/plain", None),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shop/web:http", ["shop/web:http/TCP"]),
        ("shop/web", ["shop/web:http/TCP", "shop/web:https/TCP"]),
        ("shop/we", ["shop/web-admin:http/TCP", "shop/web:http/TCP", "shop/web:https/TCP"]),
        ("web:http", ["shop/web:http/TCP", "shop/web:https/TCP"]),
        ("kube-system/kube-dns:dns", ["kube-system/kube-dns:dns/TCP", "kube-system/kube-dns:dns/UDP"]),
        ("kube-system/kube-dns:dns/UDP", ["kube-system/kube-dns:dns/UDP"]),
        ("kube-system/kube-dns/udp", ["kube-system/kube-dns:dns/UDP"]),
        ("stem/kube-dns/TCP", ["kube-system/kube-dns:dns/TCP"]),
        ("shop/web:http/UDP", []),
        ("shop/web:http/XYZ", []),
        ("shop/plain/SCTP", ["shop/plain/None"]),
        ("net/tcp", ["net/tcp:x/TCP"]),
        ("shop/tcp", []),
        ("nobody", []),
    ],
)
def test_a_full_name_is_meant_alone_and_else_a_part_of_one(text: str, expected: list[str]) -> None:
    assert sorted(f"{name}/{protocol}" for name, protocol in meant(text, KNOWN)) == expected


def test_an_empty_text_means_all() -> None:
    assert meant("", KNOWN) == set(KNOWN)
