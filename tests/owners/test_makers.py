from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from iptexplain.errors import UsageError
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners import makers
from tests.checkout import ROOT

if TYPE_CHECKING:
    from iptexplain.owners.owner import Owner

FOLDER = ROOT / "iptexplain/owners"
ROWS = [pytest.param(name, module, prefixes, id=name) for name, module, prefixes in makers.MAKERS]
ABOUT_ALL = {"__init__", "makers", "owner"}
"""Modules that are of no single program."""


def known(module: str) -> Owner:
    found: Owner = import_module(f"iptexplain.owners.{module}").OWNER
    return found


def a_name(pattern: str) -> str:
    """A chain's name that a pattern fits."""
    return pattern.replace("*", "x").replace("?", "7").replace("#", "7")


@pytest.mark.parametrize(("name", "module", "prefixes"), ROWS)
def test_a_row_names_the_program_as_its_module_does(name: str, module: str, prefixes: tuple[str, ...]) -> None:
    owner = known(module)

    assert owner.name == name
    assert prefixes or owner.comments


@pytest.mark.parametrize(("name", "module", "prefixes"), ROWS)
def test_each_kind_of_chains_begins_with_a_prefix_of_its_row_and_of_no_row_before(
    name: str, module: str, prefixes: tuple[str, ...]
) -> None:
    for kind in known(module).kinds:
        chain = a_name(kind.pattern)
        found = makers.owner(chain, kind.tables[0] if kind.tables else "filter")
        assert found is not None
        assert found.name == name
        if not kind.generic and chain != OF_TWO:
            assert kind.pattern.startswith(prefixes)
            assert makers.maker(chain) == name


OF_TWO = "KUBE-FIREWALL"
"""In table filter it is kubelet's, in nat kube-proxy's; where no table is told it is said to be kubelet's."""


@pytest.mark.parametrize(("name", "module", "prefixes"), ROWS)
def test_names_that_others_give_too_count_beside_others_of_the_same_program(name: str, module: str, prefixes: tuple[str, ...]) -> None:
    owner = known(module)

    assert any(kind.generic for kind in owner.kinds) == bool(owner.evidence), (name, prefixes)
    for pattern in owner.evidence:
        assert makers.maker(a_name(pattern)) is not None, pattern
        assert owner.shown_by(["MINE", a_name(pattern)])
    assert not owner.shown_by(["MINE", *(a_name(kind.pattern) for kind in owner.kinds if kind.generic)])


@pytest.mark.parametrize(("name", "module", "prefixes"), ROWS)
def test_each_prefix_has_a_kind_of_chains(name: str, module: str, prefixes: tuple[str, ...]) -> None:
    patterns = [kind.pattern for kind in known(module).kinds]

    assert [prefix for prefix in prefixes if not any(pattern.startswith(prefix) for pattern in patterns)] == [], name


@pytest.mark.parametrize(("name", "module", "prefixes"), ROWS)
def test_no_kind_of_chains_hides_another_one_behind_it(name: str, module: str, prefixes: tuple[str, ...]) -> None:
    owner = known(module)

    assert prefixes or not owner.kinds, name
    for kind in owner.kinds:
        for table in kind.tables or ("raw", "mangle", "nat", "filter"):
            assert owner.kind(a_name(kind.pattern), table) == kind, (kind.pattern, table)


@pytest.mark.parametrize(("name", "module", "prefixes"), ROWS)
def test_a_purpose_is_a_sentence_without_its_subject_and_its_full_stop(name: str, module: str, prefixes: tuple[str, ...]) -> None:
    del prefixes
    for kind in known(module).kinds:
        text = kind.purpose.format(name="x")
        assert text[0].islower(), (name, text)
        assert not text.endswith("."), (name, text)
        assert {"*", "#"} & set(kind.pattern) or "{name}" not in kind.purpose, (name, text)


def test_no_module_is_without_a_row() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - ABOUT_ALL
    packages = {f"{path.parent.name}.owner" for path in FOLDER.glob("*/owner.py")}

    assert modules | packages == {module for _, module, _ in makers.MAKERS}


@pytest.mark.parametrize(("name", "module", "prefixes"), ROWS)
def test_each_comment_that_a_module_knows_is_found(name: str, module: str, prefixes: tuple[str, ...]) -> None:
    del prefixes
    for pattern in known(module).comments:
        found = makers.by_comment(a_name(pattern))
        assert found is not None, pattern
        assert found.name == name


def test_each_beginning_of_a_comment_is_of_one_that_a_module_knows() -> None:
    for begins, module in makers._SAYINGS:  # noqa: SLF001 - the table itself is looked at
        assert any(pattern.startswith(begins) or begins.startswith(pattern.split("*")[0]) for pattern in known(module).comments), begins


@pytest.mark.parametrize(
    ("chain", "name"),
    [
        ("KUBE-SERVICES", "kube-proxy"),
        ("KUBE-SVC-2CMXP7HKUVJN7L6M", "kube-proxy"),
        ("KUBE-PROXY-FIREWALL", "kube-proxy"),
        ("KUBE-PROXY-CANARY", "kube-proxy"),
        ("KUBE-FIREWALL", "kubelet"),
        ("KUBE-MARK-DROP", "kubelet"),
        ("KUBE-HOSTPORTS", "kubelet"),
        ("KUBE-HP-IJHALPHTORMHHPPK", "kubelet"),
        ("CRIO-HOSTPORTS-MASQ", "CRI-O"),
        ("AZURECNIINPUT", "Azure CNI"),
        ("quantum-filter-top", "OpenStack Neutron"),
        ("califw-cali1234567890a", "Calico"),
        ("KUBE-KUBELET-CANARY", "kubelet"),
        ("KUBE-IPTABLES-HINT", "kubelet"),
        ("KUBE-ROUTER-FORWARD", "kube-router"),
        ("KUBE-NWPLCY-DEFAULT", "kube-router"),
        ("cali-FORWARD", "Calico"),
        ("CNI-ADMIN", "CNI plugins"),
        ("SM-GN-EGRESS-NS", "Submariner"),
        ("DOCKER-USER", "Docker"),
        *((chain, None) for chain in sorted(BUILT_IN)),
        ("calico-dhcp-1", None),
        ("MY-RULES", None),
    ],
)
def test_a_chains_name_points_to_the_program_that_makes_such_chains(chain: str, name: str | None) -> None:
    assert makers.maker(chain) == name
    found = makers.owner(chain)
    assert (None if found is None else found.name) == name


@pytest.mark.parametrize(
    "chain",
    ["DOCKER-WHITELIST", "DOCKERX", "ts-guests", "ufw-docker-logging-deny", "sshguardx", "IP-MASQUERADE", "WEAVER", "CNI-FOO", "nova-x"],
)
def test_a_name_that_only_begins_like_a_programs_points_to_nobody(chain: str) -> None:
    assert makers.maker(chain) is None


@pytest.mark.parametrize("chain", ["reject", "input_rule", "forwarding_lan_rule", "SWIFT"])
def test_a_name_that_anybody_gives_points_to_nobody(chain: str) -> None:
    assert makers.maker(chain) is None


@pytest.mark.parametrize(("table", "name"), [("filter", "kubelet"), ("nat", "kube-proxy"), ("raw", "kubelet"), (None, "kubelet")])
def test_the_table_tells_whose_a_chain_is_that_two_programs_make(table: str | None, name: str) -> None:
    found = makers.owner("KUBE-FIREWALL", table)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("chain", ["CNI-ADMIN", "DOCKER-USER", "ufw-user-input", "ufw6-user-output"])
def test_the_rules_of_a_chain_that_a_program_makes_for_its_users_are_written_by_these(chain: str) -> None:
    assert makers.maker(chain) is not None
    assert makers.writer(chain) is None


def test_the_makers_that_are_parts_of_kubernetes_have_rows() -> None:
    assert {name for name, _, _ in makers.MAKERS} >= makers.KUBE


@pytest.mark.parametrize(
    ("comment", "name"),
    [
        ("NodeLocal DNS Cache: skip conntrack", "NodeLocal DNSCache"),
        ("NodeLocal DNS Cache: allow DNS traffic", "NodeLocal DNSCache"),
        ("cali:S93hcgKJrXEqnTfs", "Calico"),
        ("flanneld masq", "Flannel"),
        ("AWS, primary ENI", "AWS VPC CNI"),
        ("AWS, SNAT", "AWS VPC CNI"),
        ("Kilo: forward packets to the pod subnet", "Kilo"),
        ("allow inbound traffic to pods", "kube-router"),
        ("kubenet: SNAT for outbound traffic from cluster", "kubelet"),
        ("kubernetes service traffic requiring SNAT", "kube-proxy"),
        ("flanneld", None),
        ("AWS, something else", None),
        ("allow inbound traffic", None),
        ("NodeLocal", None),
        ("", None),
    ],
)
def test_a_comment_points_to_the_program_that_writes_such_comments(comment: str, name: str | None) -> None:
    found = makers.by_comment(comment)
    assert (None if found is None else found.name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Calico", "Calico"),
        ("calico", "Calico"),
        ("kube-proxy", "kube-proxy"),
        ("kube_proxy", "kube-proxy"),
        ("KubeProxy", "kube-proxy"),
        ("AWS VPC CNI", "AWS VPC CNI"),
        ("aws-vpc-cni", "AWS VPC CNI"),
        ("ovn", "OVN (kube-OVN, OVN-Kubernetes)"),
        ("cni plugins", "CNI plugins"),
        ("portmap", "CNI plugins"),
    ],
)
def test_a_program_is_found_by_its_name_or_that_of_its_module_however_it_is_written(text: str, name: str) -> None:
    assert makers.named(text).name == name


@pytest.mark.parametrize("text", ["", "proxies", "kube-proxy and kubelet"])
def test_a_name_of_no_program_is_answered_with_the_names_there_are(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        makers.named(text)

    assert str(caught.value).startswith(
        f"--owner {text!r}: no program of that name is known; these are: Antrea, AWS VPC CNI, Azure CNI, Azure NPM, Calico, "
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("calico", "Calico"),
        ("Kube-Proxy", "kube-proxy"),
        ("aws_vpc_cni", "AWS VPC CNI"),
        ("netavark", "Podman (netavark)"),
        ("nova", "OpenStack Nova"),
    ],
)
def test_a_program_is_found_by_its_name_or_a_part_that_only_it_has(text: str, name: str) -> None:
    assert makers.named(text).name == name


def test_a_part_that_several_programs_have_is_refused_with_their_names() -> None:
    with pytest.raises(UsageError, match="several programs are called so: OpenStack Neutron, OpenStack Nova"):
        makers.named("openstack")
