"""The reverse look-up: every kind of query, every kind of line, and queries that make no sense."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.find import Wanted
from iptexplain.errors import UsageError
from tests.analysis.test_fragments import EXTERNAL, IPV6, MIXED, POLICIES, grep
from tests.analysis.test_odd_services import SVC, WORKING, A, nat
from tests.command import CLASSIC, Json, here, services_in, whole
from tests.render.test_schemas import faults

if TYPE_CHECKING:
    from pathlib import Path

CHAIN = "KUBE-SEP-HZVZGM4N576VDS2S"
SERVICE = "2CMXP7HKUVJN7L6M"


def found(wanted: str, *files: str, stdin: str = "") -> list[Json]:
    """The hits for a query, by the command itself; the document follows its schema, and the view says something too."""
    done = here("services", *files, "--find", wanted, "-f", "json", stdin=stdin.encode())
    document = json.loads(done.out)
    hits: list[Json] = document["found"]

    assert done.status == 0
    assert faults("services", document) == []
    names = {(hit["file"], hit["service_port_name"] or hit["hash"], hit["protocol"]) for hit in hits if hit["protocol"]}
    assert {(port["file"], port["service_port_name"] or port["hash"], port["protocol"]) for port in document["service_ports"]} == names
    assert (hits == []) == ("is in none of these" in done.err)
    return hits


def what(hits: list[Json], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(hit[key] for key in ("what", *keys)) for hit in hits]


def line_of(file: str, pattern: str) -> int:
    """The first line that fits."""
    return next(number for number, line in enumerate(whole([file]).splitlines(), 1) if re.search(pattern, line))


def at(file: str, pattern: str) -> Json:
    """The one thing that is found at the first line that fits."""
    number = line_of(file, pattern)
    (hit,) = found(f"line:{number}", file)

    assert hit["line"] == number
    return hit


# ---- kinds of queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["192.168.104.1", "192.168.104.1:80", "192.168.104.0/24", "192.168.104.0/24:80", CHAIN, CHAIN[9:]])
def test_an_endpoint_is_found_by_address_network_chain_and_hash(wanted: str) -> None:
    line = line_of(CLASSIC, "to-destination 192.168.104.1:80")
    (hit,) = found(wanted, CLASSIC)

    assert what([hit], "address", "chain", "line", "service_port_name") == [("endpoint", "192.168.104.1:80", CHAIN, line, "default/nginx")]


@pytest.mark.parametrize("wanted", ["10.109.35.24", "10.109.35.24:80", "10.109.35.24/32", "10.109.0.0/16"])
def test_a_cluster_ip_is_found(wanted: str) -> None:
    line = line_of(CLASSIC, "-A KUBE-SERVICES -d 10.109.35.24")

    assert what(found(wanted, CLASSIC), "address", "port", "line") == [("cluster_ip", "10.109.35.24", 80, line)]


@pytest.mark.parametrize("wanted", [":80", "80"])
def test_a_port_is_found_at_the_service_and_at_its_endpoints(wanted: str) -> None:
    assert [hit["what"] for hit in found(wanted, CLASSIC)] == ["cluster_ip", "endpoint", "endpoint", "endpoint"]


@pytest.mark.parametrize("kind", ["external_ip", "load_balancer", "node_port"])
def test_every_place_where_a_service_listens_is_found(kind: str) -> None:
    routes = [(port["service_port_name"], route) for port in services_in(EXTERNAL)["service_ports"] for route in port["routes"][kind]]

    assert routes
    for name, route in routes:
        hits = found(f"{route['dst'] or ''}:{route['dport']}", EXTERNAL)
        assert (kind, name, route["line"]) in what(hits, "service_port_name", "line")


def test_a_health_check_port_is_found_with_its_number_and_line() -> None:
    number = line_of(POLICIES, "health check node port.* 32001 ")

    assert what(found(":32001", POLICIES), "service_port_name", "port", "line") == [
        ("health_check", "pol/ext-local-some:http", 32001, number)
    ]


@pytest.mark.parametrize("wanted", ["fd00:10:244:1::10", "[fd00:10:244:1::10]:53", "[fd00:10:244:1::10]", "FD00:10:244:1:0:0:0:10/128"])
def test_ipv6_is_found_however_it_is_spelt(wanted: str) -> None:
    names = ["kube-system/kube-dns:dns", "kube-system/kube-dns:dns-tcp"]

    assert what(found(wanted, IPV6), "service_port_name", "address") == [("endpoint", name, "[fd00:10:244:1::10]:53") for name in names]


@pytest.mark.parametrize(("whole_", "none"), [("::/0", "0.0.0.0/0"), ("fd00:10:244::/56", "fd00:10:245::/64")])
def test_a_network_holds_what_is_in_it(whole_: str, none: str) -> None:
    ends = {end["address"] for port in services_in(IPV6)["service_ports"] for ends in port["endpoint_sets"].values() for end in ends}
    hits = found(whole_, IPV6)

    assert ends - {"[fd00:10::11]:6443"} <= {hit["address"] for hit in hits if hit["what"] == "endpoint"}
    assert found(none, IPV6) == []


def test_the_hash_of_a_service_finds_all_its_chains() -> None:
    wanted = next(port for port in services_in(POLICIES)["service_ports"] if len(port["chains"]) > 3)

    assert {(hit["chain"], hit["table"]) for hit in found(wanted["hash"], POLICIES)} == {(chain, "nat") for chain in wanted["chains"]}


@pytest.mark.parametrize("name", ["KUBE-SERVICES", "KUBE-PROXY-CANARY", "KUBE-NODEPORTS"])
def test_a_chain_that_stands_in_several_tables_is_found_in_each(name: str) -> None:
    lines = [number for number, line in enumerate(whole([CLASSIC]).splitlines(), 1) if line.startswith(f":{name} ")]
    hits = found(name, CLASSIC)

    assert [(hit["line"], hit["service_port_name"]) for hit in hits] == [(line, None) for line in lines]
    assert len({hit["table"] for hit in hits}) == len(lines)
    assert all("kube-proxy" in hit["owner"] for hit in hits)


@pytest.mark.parametrize("wanted", ["KUBE-SVC-AAAAAAAAAAAAAAAA", "A" * 16])
def test_a_chain_of_a_service_that_nothing_leads_to_is_found_as_nobodys(wanted: str) -> None:
    text = nat(*WORKING, f"-A KUBE-SVC-AAAAAAAAAAAAAAAA -j {SVC}")

    assert what(found(wanted, stdin=text), "chain", "service_port_name") == [("chain", "KUBE-SVC-AAAAAAAAAAAAAAAA", None)]


# ---- kinds of lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", [f"^:{CHAIN} ", f"-A {CHAIN} -s", f"-A {CHAIN} .*DNAT"])
def test_all_lines_of_an_endpoints_chain_are_that_endpoint(pattern: str) -> None:
    (hit,) = found(f"line:{line_of(CLASSIC, pattern)}", CLASSIC)

    assert what([hit], "address", "chain", "service_port_name") == [("endpoint", "192.168.104.1:80", CHAIN, "default/nginx")]


@pytest.mark.parametrize(
    ("file", "pattern", "kind"),
    [
        (CLASSIC, "-A KUBE-SERVICES -d", "cluster_ip"),
        (EXTERNAL, '-A KUBE-SERVICES .*extip:http external IP".*EXT', "external_ip"),
        (EXTERNAL, '-A KUBE-SERVICES .*lb:http loadbalancer IP".*EXT', "load_balancer"),
        (EXTERNAL, "-A KUBE-NODEPORTS .*np:http.*EXT", "node_port"),
        (EXTERNAL, "-A KUBE-EXTERNAL-SERVICES -d .*no endpoints", "external_ip"),
        (EXTERNAL, "-A KUBE-SERVICES .*no endpoints", "cluster_ip"),
    ],
)
def test_the_line_of_a_route_is_that_route(file: str, pattern: str, kind: str) -> None:
    hit = at(file, pattern)

    assert hit["what"] == kind
    assert hit["service_port_name"] in hit["rule"]


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        (CLASSIC, "-A KUBE-SVC-.*MARK-MASQ"),
        (CLASSIC, f"-A KUBE-SVC-.*-j {CHAIN}"),  # a way to an endpoint
        (EXTERNAL, "-A KUBE-EXT-.*MARK-MASQ"),
        (EXTERNAL, "-A KUBE-EXT-.*-j KUBE-SVC-"),
        (EXTERNAL, "-A KUBE-FW-.*-j KUBE-EXT"),
        (EXTERNAL, "-A KUBE-FW-.*will be dropped"),
        (EXTERNAL, "-A KUBE-PROXY-FIREWALL "),
        (EXTERNAL, "health check node port.*dport"),
        (POLICIES, "-A KUBE-SVL-"),
        (POLICIES, "-A KUBE-EXTERNAL-SERVICES .*no local endpoints"),
    ],
)
def test_another_rule_of_a_service_is_told_as_such(file: str, pattern: str) -> None:
    line = whole([file]).splitlines()[line_of(file, pattern) - 1]
    name = next((port["service_port_name"] for port in services_in(file)["service_ports"] if port["hash"] in line), None)
    hit = at(file, pattern)

    assert (hit["what"], hit["rule"]) == ("rule", line)
    assert hit["service_port_name"] == (name or re.findall(r"[\w-]+/[\w:-]+", line.partition("--comment")[2])[0])


@pytest.mark.parametrize("pattern", ["-A KUBE-MARK-MASQ", "-A KUBE-FORWARD", "-A PREROUTING", "-A KUBE-SERVICES .*nodeports; NOTE"])
def test_a_rule_of_no_service_is_nobodys(pattern: str) -> None:
    hit = at(CLASSIC, pattern)

    assert (hit["what"], hit["service_port_name"], hit["protocol"], hit["hash"]) == ("rule", None, None, None)
    assert hit["rule"].startswith(pattern[:12])


def test_a_rule_of_another_program_is_nobodys_but_its_owner_is_named() -> None:
    text = nat(*WORKING, before=["-A POSTROUTING -j FLANNEL-POSTRTG", "-A FLANNEL-POSTRTG -j RETURN"])
    number = text.splitlines().index("-A FLANNEL-POSTRTG -j RETURN") + 1
    (hit,) = found(f"line:{number}", stdin=text)

    assert (hit["service_port_name"], hit["chain"]) == (None, "FLANNEL-POSTRTG")
    assert "flannel" in hit["owner"].lower()


@pytest.mark.parametrize(
    ("pattern", "table"), [("^:KUBE-SERVICES", "filter"), ("^:PREROUTING", "mangle"), (f"^:KUBE-SVC-{SERVICE}", "nat")]
)
def test_a_declaration_is_its_chain(pattern: str, table: str) -> None:
    hit = at(CLASSIC, pattern)

    assert (hit["what"], hit["table"], f"^:{hit['chain']}") == ("chain", table, pattern)
    assert hit["service_port_name"] == ("default/nginx" if SERVICE in pattern else None)


@pytest.mark.parametrize("pattern", ["^# Generated", "^# Completed", r"^\*nat", "^COMMIT"])
def test_a_line_without_rule_or_chain_is_nothing(pattern: str) -> None:
    assert found(f"line:{line_of(CLASSIC, pattern)}", CLASSIC) == []


@pytest.mark.parametrize("wanted", ["line:0", "line:100000", "line:" + "9" * 18])
def test_a_line_beyond_the_input_is_nothing(wanted: str) -> None:
    assert found(wanted, CLASSIC) == []


def test_the_rules_of_services_and_their_endpoints_are_found_at_their_own_lines() -> None:
    lines = whole([EXTERNAL]).splitlines()
    rules = [number for number, line in enumerate(lines, 1) if line.startswith("-A KUBE-S")]

    assert [number for number in rules[::7] if [hit["line"] for hit in found(f"line:{number}", EXTERNAL)] != [number]] == []


# ---- several inputs, nothing found, nonsense -------------------------------------------------------------------------------


def test_it_is_looked_for_in_every_file_and_said_in_which_it_is() -> None:
    files = (CLASSIC, MIXED, "samples/kube-proxy/classic-nginx-counters.save")

    assert [hit["file"] for hit in found("192.168.104.1", *files)] == [CLASSIC, files[2]]
    assert {hit["file"] for hit in found("KUBE-SERVICES", *files)} == set(files)


def test_an_endpoint_that_was_not_pasted_has_no_line() -> None:
    (hit,) = found("192.168.104.1", stdin=grep(CLASSIC, f"-A KUBE-SVC-{SERVICE}"))
    shown = here("services", "--find", "192.168.104.1", stdin=grep(CLASSIC, f"-A KUBE-SVC-{SERVICE}").encode())

    assert (hit["line"], hit["chain"]) == (None, CHAIN)
    assert "line 0" not in " ".join(shown.out.split())


@pytest.mark.parametrize("wanted", ["10.109.35.24:81", "192.168.104.2", ":81", "KUBE-SEP-AAAAAAAAAAAAAAAA", "no-such-chain", "2001:db8::1"])
def test_what_is_not_there_is_said_and_no_error(wanted: str) -> None:
    assert found(wanted, CLASSIC) == []


def test_an_address_of_the_pods_network_may_be_a_pod_without_a_service() -> None:
    done = here("services", CLASSIC, "--find", "192.168.104.2")

    assert "192.168.0.0/16" in done.err


WRONG = (
    *("", " ", "a b", "shop/web", "80/tcp", "=1+1", "a\nb", "\x1b[31m", "\udcff", ":", "[]", "[]:80"),
    *("10.0.0.0/33", "999.1.1.1", ":99999", "10.0.0.1:99999", "10.0.0.1:", "[fd00::1]:"),
    *("line:", "line:x", "line:-1", "line:1.5", "line:" + "9" * 30),
)


@pytest.mark.parametrize("wanted", WRONG)
def test_a_query_that_makes_no_sense_is_wrong_usage(wanted: str) -> None:
    with pytest.raises(UsageError):
        Wanted.parse(wanted)


@pytest.mark.parametrize("wanted", ["shop/web", "a b", "\x1b[31mred", "a\nb", ""])
def test_wrong_usage_ends_with_2_and_shows_the_query_harmless(wanted: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = here("services", CLASSIC, "--find", wanted, "-o", str(out))

    assert (done.status, done.out, out.exists()) == (2, "", False)
    assert re.fullmatch(r"iptexplain: [^\x00-\x1f\x7f-\x9f]+\n", done.err)


def test_a_hostile_rule_that_is_found_is_shown_harmless() -> None:
    text = nat(*WORKING, f'-A {SVC} -m comment --comment "\x1b]0;owned\x07 shop/web" -j RETURN')
    number = next(n for n, line in enumerate(text.splitlines(), 1) if "owned" in line)
    done = here("services", "--find", f"line:{number}", stdin=text.encode())

    assert "owned" in done.out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.out + done.err)


def test_both_marks_and_sentences_name_what_was_found() -> None:
    done = here("services", "-q", "--find", A, stdin=nat(*WORKING).encode())

    assert [line for line in done.out.splitlines() if line.startswith(">") and A in line]
    assert done.out.startswith(f"{A} is a Pod of shop/web")


@pytest.mark.parametrize(("wanted", "protocol"), [("10.96.0.10:53/UDP", "UDP"), ("10.96.0.10:53/tcp", "TCP")])
def test_a_place_is_found_as_the_sentences_spell_it(wanted: str, protocol: str) -> None:
    assert {hit["protocol"] for hit in found(wanted, MIXED)} == {protocol}


def test_a_chain_is_of_the_program_that_makes_such_a_chain_in_its_table() -> None:
    nat_ = "*nat\n:KUBE-FIREWALL - [0:0]\n-A KUBE-FIREWALL -j RETURN\nCOMMIT\n"
    dump = nat_ + "*filter\n:KUBE-FIREWALL - [0:0]\n-A KUBE-FIREWALL -j DROP\nCOMMIT\n"

    assert what(found("line:3", stdin=dump), "owner") == [("rule", "kube-proxy")]
    assert what(found("line:7", stdin=dump), "owner") == [("rule", "kubelet")]
