"""Names that a hash proves, and destinations that the dump has lost and a hash gives back."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iptexplain.analysis.services import services
from iptexplain.api import load, load_names
from iptexplain.owners.kube_proxy.names import endpoint_hash, service_hash
from iptexplain.render import services_json
from tests.analysis.test_fragments import endpoints, named
from tests.analysis.test_odd_services import HOOKED, IP, MASQUERADE, SVC, WORKING, met, nat, sep, stripped, table, unplaced
from tests.command import CLASSIC, FIXTURES, SAMPLES, Json, services_in, whole
from tests.render.test_schemas import faults

if TYPE_CHECKING:
    from collections.abc import Iterable

MINE = tuple(name for name in SAMPLES if name.startswith("samples/kube-proxy/"))
MANY = ("external-access", "ipv6", "local-policies", "mixed-cluster")
OWN = SVC.rpartition("-")[2]


def told(text: str, names: Iterable[str] = ()) -> list[Json]:
    """The Service ports of a text, given a list of Service ports that the cluster has."""
    ruleset = load(text.encode())
    known = load_names("".join(f"{name}\n" for name in names).encode()) if names else None
    document = json.loads(services_json.document([(ruleset, services(ruleset, names=known))]))

    assert faults("services", document) == []
    ports: list[Json] = document["service_ports"]
    return ports


def one(text: str, names: Iterable[str] = ()) -> Json:
    (port,) = told(text, names)
    return port


# ---- names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", MANY)
def test_without_comments_in_nats_kube_services_the_other_rules_of_a_service_name_it(sample: str) -> None:
    name = f"samples/kube-proxy/{sample}.save"
    filter_, mark, nat_ = whole([name]).partition("*nat\n")
    lines = [stripped(line) if line.startswith("-A KUBE-SERVICES ") else line for line in nat_.splitlines(keepends=True)]
    ports = told(filter_ + mark + "".join(lines))

    assert lines != nat_.splitlines(keepends=True)
    assert [named(port) for port in services_in(name)["service_ports"]] == [named(port) for port in ports]


@pytest.mark.parametrize("sample", MANY)
def test_without_any_comment_candidates_name_all_that_have_chains(sample: str) -> None:
    name = f"samples/kube-proxy/{sample}.save"
    every = [port for port in services_in(name)["service_ports"] if port["chains"]]
    names = [port["service_port_name"] for port in services_in(name)["service_ports"]]
    ports = [port for port in told(stripped(whole([name])), names) if port["chains"]]

    assert [(port["service_port_name"], "hash", True, port["hash"]) for port in every] == [named(port) for port in ports]
    assert [port["endpoint_sets"] for port in every] == [port["endpoint_sets"] for port in ports]


@pytest.mark.parametrize("name", ["default/nginx", "default/nginx:", "default/nginx/TCP", "default/nginx/tcp", "default/nginx:/TCP"])
@pytest.mark.parametrize("hashed", ["default/nginx", "default/nginx:"])
def test_a_candidate_names_a_hash_in_either_spelling_of_a_port_without_name(name: str, hashed: str) -> None:
    """Up to Kubernetes 1.18 the hash is that of the name with a colon."""
    old = stripped(whole([CLASSIC])).replace(service_hash("default/nginx", "TCP"), service_hash(hashed, "TCP"))

    assert named(one(old, [name])) == (hashed, "hash", True, service_hash(hashed, "TCP"))


@pytest.mark.parametrize("name", ["default/other", "default/nginx/UDP", "default/nginx:http", "Default/nginx", "nginx/default"])
def test_a_wrong_candidate_names_nothing(name: str) -> None:
    bare = stripped(whole([CLASSIC]))

    assert [unplaced(port) for port in told(bare)] == [unplaced(port) for port in told(bare, [name])]


def test_a_candidate_that_fits_counts_more_than_a_comment_that_does_not() -> None:
    text = stripped(nat(*WORKING)).replace(f"-A {SVC} ", f'-A {SVC} -m comment --comment "see docs/runbook" ')

    assert named(one(text)) == ("docs/runbook", "comment", False, OWN)
    assert named(one(text, ["shop/web"])) == ("shop/web", "hash", True, OWN)


def test_of_several_names_in_comments_the_one_that_fits_is_taken() -> None:
    first, second = (f'-A {SVC} -m comment --comment "{said}" -j RETURN' for said in ("see docs/runbook", "a note on shop/web"))

    assert named(one(stripped(nat(*WORKING)).replace(f"-A {SVC} ", f"{first}\n{second}\n-A {SVC} ", 1))) == (
        "shop/web",
        "comment",
        True,
        OWN,
    )


def test_candidates_change_nothing_where_comments_name_all() -> None:
    text = whole([CLASSIC])

    assert told(text) == told(text, ["default/nginx", "default/other"])


# ---- destinations that were lost -------------------------------------------------------------------------------------------


def lost(text: str) -> str:
    """As an iptables-save prints a dump whose DNAT rules a newer iptables wrote."""
    return re.sub(r"--to-destination \S+", "[unsupported revision]", text)


def without_mark(port: Json) -> Json:
    """A Service port without what says that endpoints were recovered."""
    found: Json = json.loads(json.dumps(port), object_hook=lambda o: {key: value for key, value in o.items() if key != "recovered"})
    return unplaced(found)


@cache
def recovered(name: str) -> list[Json]:
    return told(lost(whole([name])))


@pytest.mark.parametrize("name", [*MINE, *(name for name in FIXTURES if re.search(r"1\.(24|30)\.3/(c-|f-|h-dual)", name))])
def test_a_whole_dump_without_destinations_tells_the_same_services(name: str) -> None:
    assert [unplaced(port) for port in services_in(name)["service_ports"]] == [without_mark(port) for port in recovered(name)]


@pytest.mark.parametrize("name", MINE)
def test_every_recovered_endpoint_says_so(name: str) -> None:
    marks = [end.get("recovered") for port in recovered(name) for ends in port["endpoint_sets"].values() for end in ends]

    assert marks
    assert set(marks) == {True}


class Made(NamedTuple):
    """A Service with one endpoint whose destination is lost, and what is said of it where."""

    name: str = "shop/web"
    protocol: str = "TCP"
    end: str = "10.244.0.1:8123"
    vip: str = f"{IP}/32"
    on_service: bool = True
    on_endpoint: bool = True
    hairpin: bool = True
    hashed: str | None = None

    def text(self) -> str:
        protocol, address = self.protocol.lower(), self.end.rpartition(":")[0].strip("[]")
        svc = f"KUBE-SVC-{service_hash(self.name, protocol)}"
        end = f"KUBE-SEP-{endpoint_hash(self.name, protocol, self.hashed or self.end)}"
        place = f'-m comment --comment "{self.name} cluster IP" ' if self.on_service else ""
        said = f'-m comment --comment "{self.name}" ' if self.on_endpoint else ""
        hairpin = [f"-A {end} -s {address}/{128 if ':' in address else 32} {said}-j KUBE-MARK-MASQ"] if self.hairpin else []
        return table(
            "nat",
            [
                *HOOKED,
                MASQUERADE,
                f"-A KUBE-SERVICES -d {self.vip} -p {protocol} {place}-m {protocol} --dport 80 -j {svc}",
                f"-A {svc} -j {end}",
                *hairpin,
                f"-A {end} -p {protocol} {said}-m {protocol} -j DNAT [unsupported revision]",
            ],
        )


@pytest.mark.parametrize(
    "made",
    [
        Made("shop/web:http"),
        Made("shop/web"),
        Made("shop/web:"),
        Made("shop/dns:dns", "UDP"),
        Made("shop/dns:", "UDP"),
        Made("shop/diameter", "SCTP"),
        Made(end="10.244.0.1:1"),
        Made(end="10.244.0.1:65535"),
        Made(end="[fd00:10:244::1:2]:8123", vip="fd00:10:96::1/128"),
        Made("shop/web:", end="[fd00:10:244::1:2]:53", vip="fd00:10:96::1/128"),
        Made(on_service=False),
        Made("shop/web:", on_endpoint=False),
        Made("shop/web:http", on_endpoint=False),
    ],
    ids=lambda made: f"{made.name} {made.protocol} {made.end} {made.on_service} {made.on_endpoint}",
)
def test_a_lost_port_is_found_by_the_hash(made: Made) -> None:
    """Up to 1.17 only the Service's rule has a comment, and ports without a name are hashed with a colon."""
    port = one(made.text())

    assert [(made.end, 1.0, True)] == endpoints(port)
    assert {answer["action"] for answer in met(port).values()} == {"dnat"}
    assert made.name == port["service_port_name"]


@pytest.mark.parametrize("name", ["shop/web", "shop/web:"])
def test_a_candidate_helps_to_find_a_lost_port(name: str) -> None:
    made = Made(name, on_service=False, on_endpoint=False)

    assert [(made.end, 1.0, True)] == endpoints(one(made.text(), ["shop/web"]))


@pytest.mark.parametrize(
    "made",
    [
        Made(hashed="10.244.0.2:8123"),  # no port fits
        Made(hashed="10.244.0.1:65536"),
        Made(hairpin=False),  # nothing tells the address
        Made(on_service=False, on_endpoint=False),  # nothing tells the name
    ],
)
def test_what_cannot_be_found_is_unknown(made: Made) -> None:
    port = one(made.text())

    assert endpoints(port) == []
    for answer in met(port).values():
        assert answer["action"] == "unknown"
        assert [reason for reason in answer["depends_on"] if "DNAT" in reason]


def test_a_lost_port_is_found_in_rule_lines_alone() -> None:
    made = Made()
    lines = "".join(f"{line}\n" for line in made.text().splitlines() if line.startswith("-A KUBE-S"))

    assert [(made.end, 1.0, True)] == endpoints(one(lines))


def test_a_name_that_fits_none_of_its_endpoints_is_soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a dump whose names somebody has changed: all 65,535 ports would be tried for each of thousands of endpoints."""
    asked: dict[str, None] = {}

    def never(_name: str, _protocol: str, _address: str, hash_: str, _likely: object = ()) -> None:
        asked[hash_] = None

    ends = [f"10.244.1.{number}:80" for number in range(100)]
    said = '-m comment --comment "shop/web"'
    rules = [
        rule
        for end in ends
        for rule in (
            f"-A {SVC} -j {sep(end)}",
            f"-A {sep(end)} -s {end.partition(':')[0]}/32 {said} -j KUBE-MARK-MASQ",
            f"-A {sep(end)} -p tcp {said} -m tcp -j DNAT [unsupported revision]",
        )
    ]
    monkeypatch.setattr("iptexplain.analysis.naming.endpoint_port", never)
    port = one(nat(*rules))

    assert endpoints(port) == []
    assert asked
    assert len(asked) < len(ends) // 2
