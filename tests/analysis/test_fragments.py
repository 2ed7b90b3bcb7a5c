"""Rule lines alone, as people paste them after grep: what they say is told, what they do not say is not guessed."""

from __future__ import annotations

from functools import cache

import pytest

from iptexplain.owners.kube_proxy.names import endpoint_hash, service_hash
from tests.analysis.test_odd_services import SVC, A, B, chances, dnat, draw, met, nat, sep, stripped
from tests.command import CLASSIC, Json, services_in, services_of, whole
from tests.render.test_schemas import faults

POLICIES = "samples/kube-proxy/local-policies.save"
EXTERNAL = "samples/kube-proxy/external-access.save"
IPV6 = "samples/kube-proxy/ipv6.save"
MIXED = "samples/kube-proxy/mixed-cluster.save"
NGINX = "2CMXP7HKUVJN7L6M"
RANGES = "CGGILCG2FDCPFL47"
SHARES = [0.33333333348855376, 0.3333333332557231, 0.3333333332557231]
ADDRESSES = ["192.168.104.1:80", "192.168.166.129:80", "192.168.166.130:80"]


def told(text: str) -> Json:
    """The document for a text, which follows its schema."""
    document = services_of(text)

    assert faults("services", document) == []
    return document


@cache
def grep(file: str, *words: str, table: str = "") -> str:
    """The rule lines of a file that hold one of the words; of one table if it is named."""
    text = whole([file])
    if table:
        text = text[text.index(f"*{table}\n") :].partition("COMMIT\n")[0]
    return "".join(line for line in text.splitlines(keepends=True) if line.startswith("-A") and any(word in line for word in words))


def one(text: str) -> Json:
    """The one Service port of a text."""
    (port,) = told(text)["service_ports"]
    found: Json = port
    return found


def endpoints(port: Json, name: str = "cluster") -> list[tuple[str, float | None, bool]]:
    """The endpoints of a set: address, chance, and whether it was recovered."""
    return [(end["address"], end["probability"], end.get("recovered", False)) for end in port["endpoint_sets"][name]]


def actions(port: Json, kind: str) -> set[str]:
    return {answer["action"] for answer in met(port, kind).values()}


def named(port: Json) -> tuple[str, str, bool, str]:
    return port["service_port_name"], port["name_source"], port["name_verified"], port["hash"]


# ---- one kind of chain alone ---------------------------------------------------------------------------------------------


def test_a_service_chain_alone_tells_the_service_and_its_endpoints_by_its_comments() -> None:
    port = one(grep(CLASSIC, f"-A KUBE-SVC-{NGINX}"))

    assert named(port) == ("default/nginx", "comment", True, NGINX)
    assert [(a, p, True) for a, p in zip(ADDRESSES, SHARES, strict=True)] == endpoints(port)
    assert (port["protocol"], port["family"], port["node_port"]) == ("TCP", "ipv4", None)


def test_a_service_chain_alone_tells_where_it_listens_and_whom_it_masquerades_as_its_own_rule_says() -> None:
    """The rule `! -s 192.168.0.0/16 -d 10.109.35.24/32 … --dport 80 -j KUBE-MARK-MASQ` stands in what was pasted."""
    (whole_,) = services_in(CLASSIC)["service_ports"]
    port = one(grep(CLASSIC, f"-A KUBE-SVC-{NGINX}"))

    assert (port["cluster_ip"], port["port"]) == ("10.109.35.24", 80)
    assert met(whole_) == met(port)


def test_where_no_rule_says_a_place_there_is_none_and_no_claim_of_who_is_masqueraded() -> None:
    port = one(way(A, f"shop/web -> {A}"))

    assert (port["cluster_ip"], port["port"], port["routes"]["chain"][0]["chain"]) == (None, None, SVC)
    assert {(answer["action"], answer["masquerade"]) for answer in met(port, "chain").values()} == {("dnat", None)}


def test_without_comments_the_endpoints_of_a_service_chain_are_unknown() -> None:
    port = one(stripped(grep(CLASSIC, f"-A KUBE-SVC-{NGINX}")))

    assert named(port) == ("", "none", False, NGINX)
    assert endpoints(port) == []
    assert actions(port, "cluster_ip") == {"unknown"}


@pytest.mark.parametrize(("change", "name"), [(str, "default/nginx"), (stripped, "")])
def test_with_the_chains_of_its_endpoints_nothing_is_recovered(change: type[str], name: str) -> None:
    port = one(change(grep(CLASSIC, f"-A KUBE-SVC-{NGINX}", "-A KUBE-SEP")))

    assert (name, "TCP", NGINX) == (port["service_port_name"], port["protocol"], port["hash"])
    assert [(a, p, False) for a, p in zip(ADDRESSES, SHARES, strict=True)] == endpoints(port)


@pytest.mark.parametrize(("change", "name"), [(str, "default/nginx"), (stripped, "")])
def test_endpoint_chains_alone_have_no_chances(change: type[str], name: str) -> None:
    port = one(change(grep(CLASSIC, "-A KUBE-SEP")))

    assert (name, "TCP", []) == (port["service_port_name"], port["protocol"], port["chains"])
    assert sorted((address, None, False) for address in ADDRESSES) == sorted(endpoints(port))
    assert all(not routes for routes in port["routes"].values())


def test_a_name_in_endpoint_chains_that_their_hashes_refute_is_not_verified() -> None:
    port = one(grep(CLASSIC, "-A KUBE-SEP").replace("default/nginx", "default/other"))

    assert (port["service_port_name"], port["name_verified"]) == ("default/other", False)


@pytest.mark.parametrize("kind", ["SVL", "XLB"])
def test_a_chain_of_local_endpoints_alone_tells_local_endpoints(kind: str) -> None:
    text = grep(POLICIES, f"-A KUBE-SVL-{RANGES}").replace("KUBE-SVL-", f"KUBE-{kind}-")
    port = one(text)

    assert endpoints(port, "local") == [("10.244.1.120:8080", 1.0, True)]
    assert endpoints(port) == []
    assert {answer["endpoint_set"] for answer in met(port, "chain").values()} == {"local"}


@pytest.mark.parametrize(("file", "chain", "family"), [(POLICIES, f"KUBE-SVL-{RANGES}", "ipv4"), (IPV6, "KUBE-SVL-", "ipv6")])
def test_recovered_endpoints_show_the_family(file: str, chain: str, family: str) -> None:
    ports = told(grep(file, f"-A {chain}"))["service_ports"]

    assert ports
    assert {port["family"] for port in ports} == {family}


@pytest.mark.parametrize("change", [str, stripped])
@pytest.mark.parametrize(("chain", "missing"), [("KUBE-EXT", "KUBE-SVC"), ("KUBE-FW", "KUBE-EXT")])
def test_a_chain_that_leads_to_one_that_was_not_pasted_is_unknown(change: type[str], chain: str, missing: str) -> None:
    port = one(change(grep(POLICIES, f"-A {chain}-{RANGES}")))
    (answer, *_) = met(port, "chain").values()

    assert [f"{chain}-{RANGES}"] == port["chains"]
    assert actions(port, "chain") == {"unknown"}
    assert [reason for reason in answer["depends_on"] if f"{missing}-{RANGES}" in reason]
    assert ("" if change is stripped else "pol/ext-local-ranges:http") == port["service_port_name"]


def test_the_old_chain_of_load_balancers_alone_names_its_service() -> None:
    own = service_hash("shop/web", "TCP")
    text = (
        f'-A KUBE-XLB-{own} -s 10.244.0.0/16 -m comment --comment "Redirect pods trying to reach external loadbalancer VIP to clusterIP" '
        f"-j {SVC}\n"
        f'-A KUBE-XLB-{own} -m comment --comment "masquerade LOCAL traffic for shop/web LB IP" -m addrtype --src-type LOCAL '
        f"-j KUBE-MARK-MASQ\n"
        f'-A KUBE-XLB-{own} -m comment --comment "Balancing rule 0 for shop/web" -j {sep(A)}\n{dnat(A)}\n'
    )
    port = one(text)

    assert ("shop/web", "comment", True, own) == named(port)
    assert endpoints(port, "local") == [(A, 1.0, False)]


@pytest.mark.parametrize("change", [str, stripped])
def test_node_port_rules_alone_tell_node_ports_and_what_is_missing(change: type[str]) -> None:
    ports = told(change(grep(POLICIES, "-A KUBE-NODEPORTS", table="nat")))["service_ports"]
    wanted = [port for port in services_in(POLICIES)["service_ports"] if port["node_port"] and port["has_endpoints"] and port["chains"]]

    assert {(port["hash"], port["node_port"]) for port in wanted} == {(port["hash"], port["node_port"]) for port in ports}
    assert len(wanted) == len(ports)
    for port in ports:
        assert actions(port, "node_port") == {"unknown"}
        assert port["name_source"] == ("none" if change is stripped else "comment")


@pytest.mark.parametrize("words", [("-A KUBE-SVC-",), ("-A KUBE-SVC-", "-A KUBE-SEP-")])
@pytest.mark.parametrize("file", [IPV6, MIXED])
def test_several_services_are_each_told_with_their_endpoints(file: str, words: tuple[str, ...]) -> None:
    # the endpoints of a Service that serves this node's only are there too, without what leads to them
    ports = [port for port in told(grep(file, *words))["service_ports"] if port["chains"]]
    wanted = [port for port in services_in(file)["service_ports"] if port["endpoint_sets"]["cluster"]]

    assert [(named(port), chances(port)) for port in wanted] == [(named(port), chances(port)) for port in ports]
    assert {port["family"] for port in wanted} == {port["family"] for port in ports}


@pytest.mark.parametrize("file", [IPV6, MIXED])
def test_endpoint_chains_of_several_services_are_told_apart(file: str) -> None:
    ports = told(grep(file, "-A KUBE-SEP-"))["service_ports"]
    found = {(port["service_port_name"], port["protocol"]): {end["address"] for end in port["endpoint_sets"]["cluster"]} for port in ports}
    wanted = {
        (port["service_port_name"], port["protocol"]): ends
        for port in services_in(file)["service_ports"]
        if (ends := {end["address"] for ends in port["endpoint_sets"].values() for end in ends})
    }

    assert wanted == found
    assert len(wanted) == len(ports)


def test_lines_with_counters_are_rule_lines_too() -> None:
    lines = [line for line in whole(["samples/kube-proxy/classic-nginx-counters.save"]).splitlines() if f"-A KUBE-SVC-{NGINX}" in line]
    port = one("\n".join(lines) + "\n")

    assert lines[0].startswith("[")
    assert [address for address, _, _ in endpoints(port)] == ADDRESSES


# ---- what comments claim -------------------------------------------------------------------------------------------------


def way(endpoint: str, said: str) -> str:
    return f'-A {SVC} -m comment --comment "{said}" -j {sep(endpoint)}\n'


def test_a_comment_whose_hash_fits_gives_the_endpoint_with_its_protocol() -> None:
    chain = f"KUBE-SEP-{endpoint_hash('shop/dns:udp', 'UDP', '[fd00::1]:53')}"
    own = f"KUBE-SVC-{service_hash('shop/dns:udp', 'UDP')}"
    port = one(f'-A {own} -m comment --comment "shop/dns:udp -> [fd00::1]:53" -j {chain}\n')

    assert endpoints(port) == [("[fd00::1]:53", 1.0, True)]
    assert (port["protocol"], port["service_port_name"]) == ("UDP", "shop/dns:udp")


@pytest.mark.parametrize(
    "said",
    [
        f"shop/web -> {B}",  # another endpoint's
        f"shop/other -> {A}",  # another Service's
        "shop/web -> 10.244.0.1:8081",
        "shop/web -> ",
        "shop/web",
        f"shop/web->{A}",
    ],
)
def test_a_comment_whose_hash_does_not_fit_is_not_believed(said: str) -> None:
    port = one(way(A, said))

    assert endpoints(port) == []
    assert actions(port, "chain") == {"unknown"}


def test_one_false_comment_leaves_the_other_endpoints() -> None:
    text = draw(A, "0.50000000000").replace("-m statistic", f'-m comment --comment "shop/web -> {A}9" -m statistic')
    port = one(f"{text}\n{way(B, f'shop/web -> {B}')}")

    assert endpoints(port) == [(B, 0.5, True)]
    assert actions(port, "chain") == {"unknown"}


def test_nothing_is_recovered_in_a_whole_table_where_a_missing_chain_is_broken() -> None:
    port = one(nat(way(A, f"shop/web -> {A}").strip()))

    assert endpoints(port) == []
    assert actions(port, "cluster_ip") == {"unknown"}


# ---- grep for a name -----------------------------------------------------------------------------------------------------

ANSWER = ("action", "endpoint_set", "masquerade")


def wrong(part: Json, all_: Json, kind: str) -> list[str]:
    """What rule lines say of a Service port that the whole dump does not say. Unknown is never wrong."""
    found = []
    theirs = {(route["dst"], route["dport"]): route["from"] for route in part["routes"][kind]}
    for route in all_["routes"][kind]:
        for source, answer in route["from"].items():
            said = theirs.get((route["dst"], route["dport"]), {}).get(source, {"action": "lost"})
            if said["action"] != "unknown" and any(answer[key] != said.get(key) for key in ANSWER):
                found.append(f"{all_['service_port_name']} {source}: {said['action']}, not {answer['action']}")
    return found


@cache
def grepped(file: str, *, also_hash: bool) -> list[tuple[Json, Json]]:
    """Every Service port of a file: as grep for its name, or for its name and its hash, shows it, and as the whole dump does."""
    found = []
    for port in services_in(file)["service_ports"]:
        key = (port["service_port_name"], port["protocol"])
        document = told(grep(file, key[0], *([port["hash"]] if also_hash else [])))
        (part,) = (each for each in document["service_ports"] if (each["service_port_name"], each["protocol"]) == key)
        found.append((part, port))
    return found


@pytest.mark.parametrize("kind", ["cluster_ip", "external_ip", "load_balancer", "node_port"])
@pytest.mark.parametrize("file", [EXTERNAL, POLICIES, IPV6, MIXED])
@pytest.mark.parametrize("also_hash", [False, True])
def test_what_grep_finds_of_a_service_is_never_told_otherwise_than_in_the_whole_dump(file: str, kind: str, *, also_hash: bool) -> None:
    pairs = grepped(file, also_hash=also_hash)

    assert len(services_in(file)["service_ports"]) == len(pairs)
    assert [fault for part, whole_ in pairs for fault in wrong(part, whole_, kind)] == []
