"""Which Service a chain works for, as findings call it."""

from __future__ import annotations

import re

import pytest

from iptexplain.api import load
from iptexplain.lint.common.whose import service_at, service_of, service_of_endpoint
from iptexplain.lint.subject import Subject
from tests.lint.linted import sound

CHAIN, ENDPOINT = "KUBE-SVC-2CMXP7HKUVJN7L6M", "KUBE-SEP-HZVZGM4N576VDS2S"
LEADS = (
    '-A KUBE-SERVICES -d 10.0.0.9/32 -p tcp -m comment --comment "my/secret cluster IP" -m tcp --dport 80 -j KUBE-SVC-2CMXP7HKUVJN7L6M\n'
)
TOP = re.compile(r"-A KUBE-SERVICES -d 10\.109\.35\.24/32 .*\n")


def subject(text: str) -> Subject:
    whole = load(text.encode())
    return Subject(whole, whole.dumps[0])


def named(text: str, chain: str = CHAIN) -> str:
    return service_of(subject(text), chain)


def named_of_endpoint(text: str) -> str:
    name = service_of_endpoint(subject(text), ENDPOINT)
    return name if isinstance(name, str) else name.english()


def test_a_chain_is_called_as_the_top_chains_say() -> None:
    assert named(sound()) == "default/nginx"
    assert named(sound(), "KUBE-EXT-2CMXP7HKUVJN7L6M") == "default/nginx"
    assert named(sound().replace("default/nginx", "default/nginx:")) == "default/nginx"


@pytest.mark.parametrize("rules", ["{wrong}{right}", "{right}{wrong}"])
def test_of_two_names_the_one_counts_that_the_hash_proves(rules: str) -> None:
    right = TOP.findall(sound())[0]

    assert named(sound().replace(right, rules.format(wrong=LEADS, right=right))) == "default/nginx"


def test_else_the_comments_in_the_chain_tell_or_the_hash_is_its_name() -> None:
    unnamed = TOP.sub("", sound())

    assert named(unnamed) == "default/nginx"
    assert named(re.sub(r' -m comment --comment "[^"]*"', "", unnamed)) == CHAIN
    assert named("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n") == CHAIN


def test_an_endpoint_is_called_after_the_service_that_leads_there() -> None:
    alone = "".join(line for line in sound().splitlines(keepends=True) if f"-j {ENDPOINT}" not in line)

    assert named_of_endpoint(sound()) == "default/nginx"
    assert named_of_endpoint(sound().replace("default/nginx", "x")) == CHAIN
    assert named_of_endpoint(alone) == "default/nginx"
    assert named_of_endpoint(alone.replace("default/nginx", "x")) == "a Service that no comment names"


def test_a_rule_that_refuses_tells_the_service_in_its_comment() -> None:
    rule = '-A KUBE-SERVICES -d 10.0.0.9/32 -p tcp -m comment --comment "{}" -j REJECT\n'
    told = {}
    for comment in ("shop/web: has no endpoints", "no name"):
        table = subject(f"*filter\n:KUBE-SERVICES - [0:0]\n{rule.format(comment)}COMMIT\n").table("filter")
        assert table is not None
        told[comment] = service_at(table.rules[0])

    assert told == {"shop/web: has no endpoints": "shop/web", "no name": None}
