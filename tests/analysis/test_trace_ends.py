"""Who sends a packet: examples of a Pod, the node and somebody outside; and the Service that is meant by a name."""

from __future__ import annotations

import json

import pytest

from iptexplain.analysis.trace import ends
from iptexplain.analysis.trace.service_end import ServiceEnd, service
from iptexplain.api import load, load_ipset, load_names, load_node
from iptexplain.errors import UsageError
from iptexplain.model.address import Address, Network
from iptexplain.model.packet import UNSAID
from tests.checkout import ROOT
from tests.command import CLASSIC, SAMPLES

NODE = {
    "interfaces": {"eth0": {"addrs": ["10.0.0.11/24", "10.0.0.12/24"]}, "cni0": {"addrs": ["192.168.7.1/24"]}, "veth3": {"addrs": []}},
    "routes": [["default", "eth0"], ["192.168.9.9/32", "veth3"]],
}
EXTERNAL = "samples/kube-proxy/external-access.save"
V6 = "samples/kube-proxy/ipv6.save"


def dumps(*names: str | bytes) -> ends.Dumps:
    rulesets = [load(name if isinstance(name, bytes) else ROOT / name) for name in names]
    return [(ruleset, dump) for ruleset in rulesets for dump in ruleset.dumps]


def sender(kind: str, *names: str | bytes, family: int = 4, known: object = None, to: str | None = None) -> ends.Sender:
    node = None if known is None else load_node(json.dumps(known).encode())
    return ends.sender(kind, family, dumps(*names), node, None if to is None else Address.parse(to))


# ---- senders -----------------------------------------------------------------------------------------------------------


def test_a_pod_is_an_address_of_the_cluster_network_that_no_rule_names() -> None:
    found = sender("pod", CLASSIC)

    assert (str(found.address), found.input) == ("192.168.0.5", UNSAID)
    assert found.note.english() == "192.168.0.5 stands for a Pod: these have 192.168.0.0/16"


def test_an_address_that_a_rule_names_is_no_example() -> None:
    text = (ROOT / CLASSIC).read_bytes()
    taken = text.replace(b"192.168.104.1", b"192.168.0.5").replace(b"192.168.166.129", b"192.168.0.6")

    assert str(sender("pod", taken).address) == "192.168.0.8"


def test_a_part_of_a_longer_address_names_nothing() -> None:
    text = (ROOT / CLASSIC).read_bytes()

    assert str(sender("pod", text.replace(b"192.168.104.1", b"192.168.0.51")).address) == "192.168.0.5"


def test_an_address_in_a_network_that_a_rule_names_is_no_example_either() -> None:
    text = (ROOT / CLASSIC).read_bytes()
    rule = b"-A KUBE-FIREWALL -s 192.168.0.0/28 -j DROP\n-A KUBE-FORWARD"
    found = sender("pod", text.replace(b"-A KUBE-FORWARD", rule, 1)).address

    assert not Network.parse("192.168.0.0/28").holds(found)
    assert Network.parse("192.168.0.0/16").holds(found)


@pytest.mark.parametrize("name", [name for name in SAMPLES if "kube-proxy" in name])
def test_every_sample_has_an_example_of_each_kind_that_its_text_does_not_hold(name: str) -> None:
    family = 6 if name == V6 else 4
    for kind in ends.KINDS:
        found = sender(kind, name, family=family)

        assert found.address.family == family
        assert f"{found.address}/" not in (ROOT / name).read_text("utf-8")
        assert str(found.address) in found.note.english()


def test_a_pod_of_a_known_node_has_a_route_of_its_own_or_is_in_the_network_of_a_bridge() -> None:
    assert str(sender("pod", CLASSIC, known=NODE).address) == "192.168.9.9"
    assert str(sender("pod", CLASSIC, known=NODE | {"routes": []}).address) == "192.168.7.5"


DETECTORS = {
    "bridge": ("! -i cbr0", "cbr0"),
    "prefix": ("! -i veth+", "veth1"),
}


def by_interface(option: str) -> bytes:
    return (ROOT / CLASSIC).read_bytes().replace(b"! -s 192.168.0.0/16", option.encode())


@pytest.mark.parametrize(("option", "interface"), DETECTORS.values(), ids=DETECTORS)
def test_where_interfaces_tell_pods_the_example_comes_in_by_one(option: str, interface: str) -> None:
    found = sender("pod", by_interface(option))

    assert found.input == interface
    assert found.note.english() == f"{found.address}, coming in by {interface}, stands for a Pod"
    assert Network.parse("192.168.166.0/24").holds(found.address)


def test_of_interfaces_with_a_prefix_the_node_says_which_there_are() -> None:
    assert sender("pod", by_interface("! -i veth+"), known=NODE).input == "veth3"


def test_without_any_sign_of_pods_one_has_to_be_given() -> None:
    with pytest.raises(UsageError, match="do not tell which addresses Pods have"):
        sender("pod", b"*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n")


def test_near_other_pods_is_a_pod_where_no_rule_tells_their_network() -> None:
    found = sender("pod", (ROOT / CLASSIC).read_bytes().replace(b"! -s 192.168.0.0/16 ", b""))

    assert found.input == UNSAID
    assert "beside a Pod that a Service has" in found.note.english()


@pytest.mark.parametrize(
    ("to", "address", "interface"),
    [
        ("8.8.8.8", "10.0.0.11", "eth0"),
        ("192.168.7.9", "192.168.7.1", "cni0"),
        ("10.0.0.12", "10.0.0.12", "eth0"),
        (None, "10.0.0.11", "eth0"),
    ],
)
def test_a_known_node_sends_from_its_address_on_the_interface_that_leads_there(to: str | None, address: str, interface: str) -> None:
    found = sender("node", CLASSIC, known=NODE, to=to)

    assert (str(found.address), found.input) == (address, None)
    assert found.note.english() == f"the node sends from {address}, its address on {interface}"


def test_a_node_of_which_no_address_is_known_has_one_of_the_documentation() -> None:
    assert str(sender("node", CLASSIC, known={"interfaces": {"eth0": {"addrs": []}}}, to="8.8.8.8").address) == "192.0.2.1"


@pytest.mark.parametrize(("family", "address"), [(4, "192.0.2.1"), (6, "2001:db8::1")])
def test_an_unknown_node_has_an_address_of_the_documentation(family: int, address: str) -> None:
    found = sender("node", CLASSIC, family=family)

    assert (str(found.address), found.input) == (address, None)
    assert "which nobody named" in found.note.english()


def test_outside_is_where_no_rule_and_no_source_range_is() -> None:
    ranges = {"203.0.113.0/24", "198.51.100.9/32"}
    text = (ROOT / EXTERNAL).read_text("utf-8")
    found = sender("outside", EXTERNAL)

    assert all(one in text for one in ranges)
    assert not any(Network.parse(one).holds(found.address) for one in ranges)
    assert found.input == UNSAID
    assert found.note.english() == f"{found.address} stands for somebody outside: no rule names it"


def test_where_rules_name_every_example_one_has_to_be_given() -> None:
    rules = "".join(f"-A INPUT -s {network} -j DROP\n" for network in ("203.0.0.0/8", "198.0.0.0/8", "192.0.0.0/8"))

    with pytest.raises(UsageError, match="give one with --from"):
        sender("outside", f"*filter\n:INPUT ACCEPT [0:0]\n{rules}COMMIT\n".encode())


# ---- Services ----------------------------------------------------------------------------------------------------------


def found(text: str, *names: str | bytes, family: int | None = None) -> str:
    end = service(text, dumps(*(names or (CLASSIC,))), family=family)
    return shown(end)


def shown(end: ServiceEnd) -> str:
    return f"{end.name.text} {end.address} {end.port}/{end.protocol}"


@pytest.mark.parametrize("text", ["nginx", "default/nginx", "nginx:80", "default/nginx:80/TCP", "nginx/tcp"])
def test_a_service_is_found_by_its_name_with_or_without_namespace_port_and_protocol(text: str) -> None:
    assert found(text) == "default/nginx 10.109.35.24 80/TCP"


@pytest.mark.parametrize("text", ["kube-dns:dns", "kube-dns:53/UDP", "kube-system/kube-dns:53/udp"])
def test_a_port_is_found_by_its_name_or_its_number_and_protocol(text: str) -> None:
    assert found(text, "samples/kube-proxy/mixed-cluster.save") == "kube-system/kube-dns:dns 10.96.0.10 53/UDP"


def test_a_service_that_has_a_protocol_for_its_name_is_found_too() -> None:
    text = (ROOT / CLASSIC).read_bytes().replace(b"default/nginx", b"default/udp")

    assert found("default/udp", text) == "default/udp 10.109.35.24 80/TCP"


def test_the_cluster_ip_is_meant_and_the_address_of_the_load_balancer_only_without_one() -> None:
    assert found("shop/everything", EXTERNAL) == "shop/everything:http 10.96.2.11 80/TCP"


def test_of_two_families_the_sender_decides() -> None:
    both = (CLASSIC, (ROOT / V6).read_bytes().replace(b"kube-system/kube-dns:dns ", b"default/nginx "))

    assert found("nginx", *both, family=6) == "default/nginx fd00:10:96::a 53/UDP"
    assert found("nginx:80", *both, family=4) == "default/nginx 10.109.35.24 80/TCP"


@pytest.mark.parametrize(
    ("text", "sample", "words"),
    [
        ("ngnix", CLASSIC, "no Service fits ngnix; near it are default/nginx"),
        ("zzz", CLASSIC, "no Service fits zzz; there are default/nginx"),
        ("default/nginx:https", CLASSIC, "no Service fits default/nginx:https; near it are default/nginx"),
    ],
)
def test_a_service_that_is_not_there_is_an_error_that_helps(text: str, sample: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        found(text, sample)

    assert str(error.value) == words


def test_the_ports_of_a_service_with_several_are_listed() -> None:
    ports = "kube-system/kube-dns:dns/UDP, kube-system/kube-dns:metrics/TCP, kube-system/kube-dns:dns-tcp/TCP"

    with pytest.raises(UsageError, match=f"kube-system/kube-dns has several ports: {ports}; say which"):
        found("kube-dns", "samples/kube-proxy/mixed-cluster.save")


def test_ports_without_a_name_are_listed_by_number() -> None:
    text = (ROOT / CLASSIC).read_text("utf-8")
    rule = next(line for line in text.splitlines() if line.startswith("-A KUBE-SERVICES -d 10.109.35.24/32"))
    udp = rule.replace("tcp", "udp").replace("--dport 80", "--dport 53")

    with pytest.raises(UsageError, match="default/nginx has several ports: default/nginx:80/TCP, default/nginx:53/UDP; say which"):
        found("nginx", text.replace(rule, f"{rule}\n{udp}").encode())


def test_of_many_names_the_first_few_are_listed() -> None:
    with pytest.raises(UsageError, match=r"there are (?:[^,]+, ){8}…$"):
        found("0", "samples/kube-proxy/mixed-cluster.save")


def test_services_of_one_name_in_several_namespaces_are_listed() -> None:
    text = (ROOT / CLASSIC).read_bytes().replace(b"default/nginx", b"other/nginx")

    with pytest.raises(UsageError, match="several Services fit nginx: default/nginx, other/nginx; say which"):
        found("nginx", CLASSIC, text)


def test_rules_without_services_say_so() -> None:
    with pytest.raises(UsageError, match="no Service with a name"):
        found("nginx", b"*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n")


def test_in_ipvs_mode_the_sets_say_where_services_are() -> None:
    folder = ROOT / "samples" / "ipvs"
    end = service(
        "shop/web", dumps("samples/ipvs/dump.save"), names=load_names(folder / "services.json"), sets=load_ipset(folder / "ipset.txt")
    )

    assert shown(end) == "shop/web:http 10.96.20.5 80/TCP"


def test_the_node_asks_its_load_balancer_from_the_address_that_the_firewall_knows() -> None:
    assert str(sender("node", EXTERNAL, to="198.51.100.3").address) == "198.51.100.3"
    assert str(sender("node", EXTERNAL, to="198.51.100.2").address) == "192.0.2.132"
    assert str(sender("node", EXTERNAL, known=NODE, to="198.51.100.3").address) != "198.51.100.3"
