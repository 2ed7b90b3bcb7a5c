from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from iptexplain.render import schemas
from tests.command import FIXTURES, SAMPLES, Json, here, printed, rules_in, run, services_by_command, services_in, services_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = (*SAMPLES, *FIXTURES)

ODD = {
    "rule lines alone": "-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA\n",
    "no kube-proxy": "*filter\n:INPUT DROP [5:300]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
    "cut": "*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA\n-A KUBE-",
    "unknown match, unknown target, unsupported revision": (
        "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m weird --odd 1 -j STRANGE --more 2\n"
        "-A PREROUTING -m set [unsupported revision] -g KUBE-SERVICES\n-A PREROUTING\nCOMMIT\n"
    ),
    "bytes that are no UTF-8": '*nat\n:A - [0:0]\n-A A -m comment --comment "\udcff" -j RETURN\nCOMMIT\n',
    "a line that is not understood": "*nat\n:A - [0:0]\nwhat is this\nCOMMIT\n",
    "only filter": (
        '*filter\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -d 10.0.0.1/32 -p udp -m comment --comment "a/b has no endpoints"'
        " -m udp --dport 5 -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n"
    ),
}


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schemas.schema(kind)))


def faults(kind: str, document: Json) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(kind).iter_errors(document)]


def parts(schema: Any, place: str = "$") -> Iterator[tuple[str, Json]]:  # noqa: ANN401 - any JSON value
    """Everything in a schema that describes a value: properties, items and definitions."""
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            if isinstance(part, dict):
                yield f"{place}.{name}", part
                yield from parts(part, f"{place}.{name}")
    if "items" in schema:
        yield f"{place}[]", schema["items"]
        yield from parts(schema["items"], f"{place}[]")


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_a_schema_is_one_itself(kind: str) -> None:
    Draft202012Validator.check_schema(json.loads(schemas.schema(kind)))


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_the_command_prints_the_schema_that_is_shipped(kind: str) -> None:
    done = printed("schema", kind)

    assert (done.status, done.out, done.err) == (0, schemas.schema(kind), "")


def test_a_schema_that_is_not_there_is_wrong_usage_and_those_that_are_get_named() -> None:
    done = run("schema", "nonsense")

    assert (done.status, done.out) == (2, "")
    assert all(kind in done.err for kind in schemas.KINDS)


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_every_key_is_described_and_every_object_is_closed(kind: str) -> None:
    schema = json.loads(schemas.schema(kind))
    every = list(parts(schema))
    open_objects = [place for place, part in every if part.get("type") == "object" and part.get("additionalProperties") is not False]

    assert schema["title"]
    assert schema["description"]
    assert [place for place, part in every if not part.get("description") and "$ref" not in part] == []
    assert open_objects == []


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_every_document_names_its_kind(kind: str) -> None:
    schema = json.loads(schemas.schema(kind))

    assert schema["properties"]["schema"]["const"] == f"iptexplain.{kind}/1"


@pytest.mark.parametrize("file", FILES)
def test_the_services_of_every_dump_follow_the_schema(file: str) -> None:
    assert faults("services", services_in(file)) == []


@pytest.mark.parametrize("file", FILES)
def test_the_rules_of_every_dump_follow_the_schema(file: str) -> None:
    assert faults("ast", rules_in(file)) == []


@pytest.mark.parametrize("name", ODD)
def test_the_services_of_an_odd_dump_follow_the_schema(name: str) -> None:
    assert faults("services", services_of(ODD[name])) == []


@pytest.mark.parametrize("name", ODD)
def test_the_rules_of_an_odd_dump_follow_the_schema(name: str) -> None:
    done = here("parse", "-f", "json", stdin=ODD[name].encode("utf-8", "surrogateescape"))

    assert faults("ast", json.loads(done.out)) == []


def test_the_command_prints_the_documents_that_were_checked() -> None:
    for file in (SAMPLES[0], SAMPLES[-1]):
        assert services_by_command(file) == services_in(file)
        assert json.loads(printed("parse", "-f", "json", file).out) == rules_in(file)


def test_a_document_of_several_inputs_follows_the_schema() -> None:
    document = services_by_command(*SAMPLES)

    assert faults("services", document) == []
    assert [entry["file"] for entry in document["inputs"]] == list(SAMPLES)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"surprise": 1}, "$"),
        ({"schema": "iptexplain.services/2"}, "$.schema"),
        ({"service_ports": [{}]}, "$.service_ports[0]"),
        ({"proxy": None}, "$.proxy"),
    ],
)
def test_what_is_not_promised_is_found(change: Json, place: str) -> None:
    wrong = services_in(SAMPLES[0]) | change

    assert {error.split(":")[0] for error in faults("services", wrong)} == {place}


@pytest.mark.parametrize(
    "answer",
    [
        {"action": "teleport", "endpoint_set": None, "masquerade": False},
        {"action": "reject", "endpoint_set": "cluster", "masquerade": False},
        {"action": "drop", "endpoint_set": None, "masquerade": True},
        {"action": "dnat", "endpoint_set": "cluster", "masquerade": "perhaps"},
        {"action": "dnat", "endpoint_set": "cluster"},
        {"action": "none", "endpoint_set": None, "masquerade": False, "effect": "none"},
        {"action": "unknown", "endpoint_set": None, "masquerade": False},
        {"action": "none", "endpoint_set": None, "masquerade": False, "depends_on": ["the weather"]},
        {"action": "dnat", "endpoint_set": "cluster", "masquerade": False, "falls_through": 0},
    ],
)
def test_an_answer_that_makes_no_sense_is_found(answer: Json) -> None:
    schema = json.loads(schemas.schema("services"))
    one = Draft202012Validator({"$ref": "#/$defs/answer", "$defs": schema["$defs"]})

    assert not one.is_valid(answer)
