"""Owners of chains that have nothing to do with Kubernetes: each chain that their sources name, and names that only look like theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.owners import (
    crowdsec,
    docker,
    fail2ban,
    firewalld,
    istio,
    libvirt,
    linkerd,
    netbird,
    neutron,
    nova,
    openwrt,
    podman,
    sshguard,
    tailscale,
    ufw,
)

if TYPE_CHECKING:
    from iptexplain.owners.owner import Owner

OWNERS = (
    *(crowdsec.OWNER, docker.OWNER, fail2ban.OWNER, firewalld.OWNER, istio.OWNER, libvirt.OWNER, linkerd.OWNER, netbird.OWNER),
    *(neutron.OWNER, nova.OWNER, openwrt.OWNER, podman.OWNER, sshguard.OWNER, tailscale.OWNER, ufw.OWNER),
)

HOOKS = ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")

WRITTEN: tuple[tuple[Owner, str, str], ...] = (
    (istio.OWNER, "nat", "ISTIO_INBOUND ISTIO_IN_REDIRECT ISTIO_OUTPUT ISTIO_OUTPUT_DNS ISTIO_REDIRECT ISTIO_PRERT ISTIO_POSTRT"),
    (istio.OWNER, "mangle", "ISTIO_INBOUND ISTIO_DIVERT ISTIO_TPROXY ISTIO_DROP ISTIO_PRERT ISTIO_OUTPUT"),
    (istio.OWNER, "raw", "ISTIO_INBOUND ISTIO_OUTPUT_DNS ISTIO_PRERT ISTIO_OUTPUT"),
    (istio.OWNER, "mangle", " ".join(f"ztunnel-{hook}" for hook in HOOKS)),
    (istio.OWNER, "nat", "ztunnel-PREROUTING ztunnel-POSTROUTING"),
    (linkerd.OWNER, "nat", "PROXY_INIT_REDIRECT PROXY_INIT_OUTPUT"),
    (docker.OWNER, "nat", "DOCKER DOCKER-INGRESS DOCKER_OUTPUT DOCKER_POSTROUTING"),
    (docker.OWNER, "filter", "DOCKER DOCKER-USER DOCKER-FORWARD DOCKER-BRIDGE DOCKER-CT DOCKER-INTERNAL DOCKER-INGRESS DOCKER-OVERLAY"),
    (docker.OWNER, "filter", "DOCKER-ISOLATION DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2"),
    (podman.OWNER, "filter", "NETAVARK_FORWARD NETAVARK_INPUT NETAVARK_ISOLATION_1 NETAVARK_ISOLATION_2 NETAVARK_ISOLATION_3"),
    (podman.OWNER, "nat", "NETAVARK-HOSTPORT-DNAT NETAVARK-HOSTPORT-SETMARK NETAVARK-HOSTPORT-MASQ NETAVARK-1D8721804F16F"),
    (podman.OWNER, "nat", "NETAVARK-DN-1D8721804F16F"),
    (libvirt.OWNER, "filter", "LIBVIRT_INP LIBVIRT_OUT LIBVIRT_FWI LIBVIRT_FWO LIBVIRT_FWX"),
    (libvirt.OWNER, "nat", "LIBVIRT_PRT"),
    (libvirt.OWNER, "mangle", "LIBVIRT_PRT"),
    (
        libvirt.OWNER,
        "filter",
        "libvirt-in libvirt-out libvirt-in-post libvirt-host-in FI-vnet0 FO-vnet0 HI-vnet0 FJ-vnet1 FP-vnet1 HJ-vnet1",
    ),
    (
        ufw.OWNER,
        "filter",
        " ".join(
            f"{ufw_}-{part}-{way}"
            for ufw_ in ("ufw", "ufw6")
            for part in ("before", "before-logging", "after", "after-logging", "reject", "track", "skip-to-policy", "user", "user-logging")
            for way in ("input", "output", "forward")
        ),
    ),
    (ufw.OWNER, "filter", "ufw-logging-deny ufw-logging-allow ufw-not-local ufw-user-limit ufw-user-limit-accept"),
    (ufw.OWNER, "filter", "ufw6-logging-deny ufw6-logging-allow ufw6-not-local ufw6-user-limit ufw6-user-limit-accept"),
    (firewalld.OWNER, "filter", "INPUT_direct FORWARD_direct OUTPUT_direct INPUT_ZONES INPUT_ZONES_SOURCE FORWARD_ZONES"),
    (firewalld.OWNER, "filter", "FORWARD_IN_ZONES FORWARD_IN_ZONES_SOURCE FORWARD_OUT_ZONES FORWARD_OUT_ZONES_SOURCE"),
    (firewalld.OWNER, "filter", " ".join(f"{hook}_POLICIES{part}" for hook in HOOKS[:3] for part in ("_pre", "_post", ""))),
    (firewalld.OWNER, "filter", "INPUT_dispatch FORWARD_dispatch OUTPUT_dispatch INPUT_dnat FORWARD_dnat OUTPUT_dnat"),
    (firewalld.OWNER, "security", "INPUT_direct FORWARD_direct OUTPUT_direct"),
    (firewalld.OWNER, "nat", " ".join(f"{hook}_{part}" for hook in HOOKS[3:] for part in ("ZONES", "ZONES_SOURCE", "POLICIES", "direct"))),
    (firewalld.OWNER, "filter", "IN_public IN_public_pre IN_public_log IN_public_deny IN_public_allow IN_public_post IN_allow-host-ipv6"),
    (
        firewalld.OWNER,
        "filter",
        "FWDI_mine FWDI_mine_log FWDO_mine FWDO_mine_deny FWD_public FWD_mine_allow FWD_docker-forwarding OUT_x_pre",
    ),
    (firewalld.OWNER, "nat", "PRE_public PRE_mine_allow POST_public POST_mine_allow PRE_public_to_HOST PRE_public_dispatch_stage2"),
    (firewalld.OWNER, "mangle", "PRE_public PRE_work_log"),
    (firewalld.OWNER, "raw", "PRE_public PRE_work_log PREROUTING_ZONES PREROUTING_direct OUTPUT_direct"),
    (firewalld.OWNER, "filter", "FWD_public_to_trusted FWD_lan_to_wan"),
    (firewalld.OWNER, "nat", "PRE_public_to_trusted POST_public_to_trusted"),
    (firewalld.OWNER, "filter", "IN_public_to_HOST FWD_public_dispatch_stage2 OUT_HOST_to_public"),
    (fail2ban.OWNER, "filter", "f2b-sshd fail2ban-ssh f2b-sshd-log f2b-default fail2ban-SSH-log"),
    (crowdsec.OWNER, "filter", "CROWDSEC_CHAIN CROWDSEC_LOG"),
    (sshguard.OWNER, "filter", "sshguard"),
    (tailscale.OWNER, "filter", "ts-input ts-forward"),
    (tailscale.OWNER, "nat", "ts-postrouting"),
    (netbird.OWNER, "filter", "NETBIRD-ACL-INPUT NETBIRD-ACL-OUTPUT NETBIRD-RT-FWD NETBIRD-RT-FWD-IN NETBIRD-RT-FWD-OUT"),
    (netbird.OWNER, "nat", "NETBIRD-RT-NAT NETBIRD-RT-RDR NETBIRD-NAT-OUTPUT"),
    (netbird.OWNER, "mangle", "NETBIRD-RT-PRE NETBIRD-RT-MSSCLAMP"),
    (neutron.OWNER, "filter", "neutron-filter-top neutron-openvswi-INPUT neutron-openvswi-local neutron-openvswi-sg-chain"),
    (
        neutron.OWNER,
        "filter",
        "neutron-openvswi-sg-fallback neutron-openvswi-i1a2b3c4d-5 neutron-openvswi-o1a2b3c4d-5 neutron-openvswi-s1a2b3c4d-5",
    ),
    (
        neutron.OWNER,
        "filter",
        "neutron-linuxbri-FORWARD neutron-linuxbri-ib83935a5-3 neutron-linuxbri-ob83935a5-3 neutron-linuxbri-sb83935a5-3",
    ),
    (neutron.OWNER, "filter", "neutron-meter-FORWARD neutron-meter-r-b5d9c1 neutron-meter-l-b5d9c1 neutron-meter-local"),
    (
        neutron.OWNER,
        "filter",
        "neutron-l3-agent-scope neutron-l3-agent-fwaas-defau neutron-l3-agent-iv4b5d9c1a2 neutron-l3-agent-ov6b5d9c1a2",
    ),
    (neutron.OWNER, "nat", "neutron-postrouting-bottom neutron-l3-agent-snat neutron-l3-agent-float-snat neutron-l3-agent-fip-pf"),
    (neutron.OWNER, "nat", "neutron-l3-agent-PREROUTING neutron-l3-agent-OUTPUT neutron-l3-agent-POSTROUTING neutron-l3-agent-pf-1a2b3c4d"),
    (neutron.OWNER, "mangle", "neutron-l3-agent-mark neutron-l3-agent-scope neutron-l3-agent-floatingip neutron-l3-agent-float-snat"),
    (neutron.OWNER, "mangle", " ".join(f"neutron-l3-agent-{hook}" for hook in HOOKS)),
    (neutron.OWNER, "raw", "neutron-l3-agent-OUTPUT neutron-openvswi-PREROUTING"),
    (neutron.OWNER, "filter", "quantum-filter-top quantum-openvswi-INPUT quantum-openvswi-sg-chain quantum-openvswi-i1a2b3c4d-5"),
    (neutron.OWNER, "nat", "quantum-postrouting-bottom quantum-l3-agent-snat quantum-l3-agent-float-snat quantum-l3-agent-PREROUTING"),
    (nova.OWNER, "filter", "nova-filter-top nova-compute-local nova-compute-inst-12 nova-compute-provider nova-compute-sg-fallback"),
    (nova.OWNER, "filter", "nova-network-INPUT nova-network-FORWARD nova-network-local nova-api-OUTPUT"),
    (nova.OWNER, "nat", "nova-postrouting-bottom nova-network-snat nova-network-float-snat nova-network-PREROUTING"),
    (openwrt.OWNER, "filter", "zone_lan_input zone_lan_output zone_lan_forward zone_lan zone_wan zone_wan_MSSFIX"),
    (openwrt.OWNER, "filter", " ".join(f"zone_guest_{way}{end}" for way in ("src_", "dest_", "") for end in ("ACCEPT", "REJECT", "DROP"))),
    (openwrt.OWNER, "filter", "delegate_input delegate_output delegate_forward"),
    (openwrt.OWNER, "nat", "zone_wan_prerouting zone_wan_postrouting zone_wan_nat delegate_prerouting delegate_postrouting"),
    (openwrt.OWNER, "filter", "input_rule output_rule forwarding_rule input_lan_rule output_lan_rule forwarding_wan_rule reject syn_flood"),
    (openwrt.OWNER, "nat", "prerouting_rule postrouting_rule prerouting_wan_rule postrouting_lan_rule"),
    (openwrt.OWNER, "filter", "input_lan forwarding_lan input_wan forwarding_wan"),
    (openwrt.OWNER, "nat", "prerouting_lan prerouting_wan"),
    (openwrt.OWNER, "mangle", "mssfix"),
    (openwrt.OWNER, "raw", "zone_lan_helper zone_lan_notrack"),
    (openwrt.OWNER, "mangle", "zone_wan_MSSFIX"),
)
"""What the owners write: the owner, a table, names of chains there."""


@pytest.mark.parametrize(
    ("owner", "table", "chain"), [(owner, table, chain) for owner, table, chains in WRITTEN for chain in dict.fromkeys(chains.split())]
)
def test_a_chain_that_a_program_writes_is_known_as_its_own_and_no_others(owner: Owner, table: str, chain: str) -> None:
    assert [owner.name] == [one.name for one in OWNERS if one.purpose(chain, table) is not None]


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.name)
def test_every_kind_is_found_by_some_name(owner: Owner) -> None:
    """None stands behind a more general one that takes all its names."""
    hidden = [
        (kind.pattern, table)
        for kind in owner.kinds
        for table in kind.tables or ("filter", "nat")
        if owner.kind(kind.pattern.replace("*", "1a2b").replace("?", "A").replace("#", "1a2b3c4d-5"), table) != kind
    ]

    assert hidden == []


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.name)
def test_every_purpose_goes_on_after_this_chain_and_names_only_what_its_pattern_leaves_open(owner: Owner) -> None:
    for kind in owner.kinds:
        assert kind.purpose[0].islower(), kind
        assert not kind.purpose.endswith("."), kind
        assert "{name}" not in kind.purpose or {"*", "#"} & set(kind.pattern), kind


@pytest.mark.parametrize(
    ("owner", "table", "chain", "purpose"),
    [
        (istio.OWNER, "nat", "ISTIO_INBOUND", "decides which connections to the Pod are redirected to the Istio proxy"),
        (
            istio.OWNER,
            "mangle",
            "ISTIO_INBOUND",
            "decides which connections to the Pod are handed to the Istio proxy, their addresses unchanged (TPROXY)",
        ),
        (istio.OWNER, "nat", "ISTIO_REDIRECT", "redirects connections to the Istio proxy's port for traffic from the Pod"),
        (istio.OWNER, "nat", "ztunnel-POSTROUTING", "spares packets to Istio's proxy on the node (ztunnel) a change of their source"),
        (
            linkerd.OWNER,
            "nat",
            "PROXY_INIT_OUTPUT",
            "redirects connections from the Pod to the Linkerd proxy, except the proxy's own",
        ),
        (docker.OWNER, "nat", "DOCKER", "sends connections to published ports on to their containers"),
        (
            docker.OWNER,
            "filter",
            "DOCKER",
            "lets connections to published ports through to containers; newer Docker drops others here",
        ),
        (docker.OWNER, "filter", "DOCKER-USER", "is for rules that users write themselves; Docker does not change them"),
        (docker.OWNER, "nat", "DOCKER_OUTPUT", "sends DNS queries of the container to the DNS server that Docker runs for it"),
        (
            podman.OWNER,
            "nat",
            "NETAVARK-1D8721804F16F",
            "gives packets from a network of Podman to elsewhere an address of this machine as source",
        ),
        (libvirt.OWNER, "filter", "LIBVIRT_FWX", "lets packets between virtual machines of one network through"),
        (libvirt.OWNER, "mangle", "LIBVIRT_PRT", "fills in checksums of DHCP answers to virtual machines"),
        (libvirt.OWNER, "filter", "FI-vnet12", "filters forwarded packets from the virtual machine at interface vnet12"),
        (ufw.OWNER, "filter", "ufw-user-input", "holds the rules that users have given ufw for packets to this machine"),
        (ufw.OWNER, "filter", "ufw6-user-input", "holds the rules that users have given ufw for packets to this machine"),
        (ufw.OWNER, "filter", "ufw-not-local", "drops packets that are for another machine, and neither broadcast nor multicast"),
        (
            firewalld.OWNER,
            "filter",
            "INPUT_direct",
            "is for rules that users or other programs write themselves (firewall-cmd --direct)",
        ),
        (
            firewalld.OWNER,
            "filter",
            "IN_public",
            "decides about packets to this machine, for the firewalld zone or policy after which it is named",
        ),
        (firewalld.OWNER, "filter", "IN_dmz_deny", "holds rules of the firewalld zone or policy dmz that refuse packets"),
        (firewalld.OWNER, "filter", "FWDI_dmz", "decides about forwarded packets that come from the firewalld zone dmz"),
        (fail2ban.OWNER, "filter", "f2b-sshd", "holds the addresses that the fail2ban jail sshd has banned"),
        (
            fail2ban.OWNER,
            "filter",
            "f2b-sshd-log",
            "logs and drops packets from addresses that the fail2ban jail sshd has banned, or belongs to a jail sshd-log",
        ),
        (
            tailscale.OWNER,
            "filter",
            "ts-input",
            "lets packets from the Tailscale network in, and drops those that only pretend to come from it",
        ),
        (
            neutron.OWNER,
            "filter",
            "neutron-openvswi-i1a2b3c4d-5",
            "decides which packets reach the Neutron port whose id begins with 1a2b3c4d-5, by its security groups",
        ),
        (
            neutron.OWNER,
            "raw",
            "neutron-l3-agent-OUTPUT",
            "holds what the agent whose name begins with neutron-l3-agent adds to the built-in chain of the same name",
        ),
        (
            neutron.OWNER,
            "filter",
            "quantum-openvswi-local",
            "is for rules of the agent whose name begins with quantum-openvswi that come before all others",
        ),
        (
            firewalld.OWNER,
            "filter",
            "IN_dmz_to_HOST",
            (
                "hands packets from the firewalld zone dmz to this machine to its rules and policies, "
                "and refuses or lets through the rest, as the zone says"
            ),
        ),
        (
            firewalld.OWNER,
            "filter",
            "FWD_public_to_trusted",
            "hands packets from the firewalld zone public to another one to their rules and policies",
        ),
        (
            openwrt.OWNER,
            "filter",
            "forwarding_lan_rule",
            "is for rules about the zone lan that users write themselves, in /etc/firewall.user",
        ),
        (neutron.OWNER, "filter", "neutron-l3-agent-scope", "drops packets between networks of different address scopes"),
        (neutron.OWNER, "mangle", "neutron-l3-agent-scope", "marks packets with the address scope of the network from which they come"),
        (nova.OWNER, "filter", "nova-compute-inst-7", "decides which packets reach the virtual machine number 7, by its security groups"),
        (netbird.OWNER, "filter", "NETBIRD-ACL-INPUT", "decides which packets from the NetBird network reach this machine"),
        (openwrt.OWNER, "filter", "zone_wan_src_REJECT", "refuses packets that come from the zone wan"),
        (openwrt.OWNER, "filter", "zone_lan_forward", "decides about packets from the zone lan to other zones"),
        (crowdsec.OWNER, "filter", "CROWDSEC_CHAIN", "stops packets from addresses that CrowdSec has banned"),
        (sshguard.OWNER, "filter", "sshguard", "holds the addresses that sshguard has banned"),
    ],
)
def test_a_purpose_is_told_in_one_plain_sentence(owner: Owner, table: str, chain: str, purpose: str) -> None:
    told = owner.purpose(chain, table)

    assert told is not None
    assert purpose == told.english()


@pytest.mark.parametrize(
    ("table", "chain"),
    [
        ("filter", "ISTIO_MINE"), ("nat", "ISTIO_DROP"), ("filter", "ISTIO_INBOUND"), ("nat", "istio_inbound"), ("mangle", "ztunnel-MINE"),
        ("nat", "PROXY_INIT_"), ("filter", "PROXY_INIT_OUTPUT"),
        ("filter", "DOCKER-BLOCK"), ("nat", "DOCKER-USER"), ("mangle", "DOCKER"), ("filter", "MY-DOCKER-USER"), ("filter", "DOCKER-USER2"),
        ("filter", "NETAVARK-1D8721804F16F"), ("filter", "NETAVARK_MINE"), ("nat", "NETAVARK"),
        ("nat", "NETAVARK-MINE"), ("nat", "NETAVARK-DN-1D8721804F16"),
        ("filter", "LIBVIRT_PRT"), ("filter", "libvirt-mine"), ("filter", "FI-eth0"), ("filter", "FW-vnet0"), ("nat", "FI-vnet0"),
        ("filter", "ufw-docker-logging-deny"), ("nat", "ufw-before-input"), ("filter", "ufw-before"), ("filter", "xufw-user-input"),
        ("filter", "IN_wan"), ("filter", "FWD_lan_wan"), ("filter", "INPUT_mine"), ("filter", "OUTPUT_ZONES"), ("filter", "OUT_vpn"),
        ("filter", "INPUT_direct2"), ("nat", "INPUT_dnat"), ("filter", "PRE_"), ("filter", "Drop"), ("filter", "INPUT_FIREWALL"),
        ("filter", "f2bsshd"), ("filter", "fail2ban"), ("filter", "sshguard2"), ("filter", "SSHGUARD"), ("filter", "CROWDSEC_MINE"),
        ("filter", "ts-postrouting"), ("filter", "ts-mine"), ("filter", "NETBIRD-MINE"),
        ("filter", "neutron-mine"), ("filter", "neutron-linuxbri-snat"), ("filter", "neutron-openvswi-image"),
        ("filter", "neutron-openvswi-i1a2b3c4d-5e6f"), ("filter", "quantum-mine"),
        ("filter", "neutron-l3-agent-mine"), ("filter", "neutron-l3-agent-i1a2b3c4d-5"),
        ("raw", "neutron-l3-agent-snat"),
        ("filter", "nova-mine"), ("nat", "nova-compute-inst-7"),
        ("filter", "zone_guest"), ("filter", "zone_lan_mine"), ("nat", "reject"), ("filter", "syn_floods"), ("nat", "input_rule"),
        ("filter", "delegate_prerouting"), ("filter", "delegate_mine"), ("nat", "forwarding_lan_rule"), ("raw", "zone_lan_input"),
    ],
)  # fmt: skip
def test_a_name_that_only_looks_like_a_programs_chain_is_nobodys(table: str, chain: str) -> None:
    assert [one.name for one in OWNERS if one.purpose(chain, table) is not None] == []


@pytest.mark.parametrize("comment", ["!fw3", "!fw3: Zone wan MTU fixing"])
def test_openwrt_is_known_by_its_comments(comment: str) -> None:
    assert [openwrt.OWNER.name] == [one.name for one in OWNERS if one.says(comment)]


@pytest.mark.parametrize("comment", ["", "fw3", "!fw4: Zone wan MTU fixing", "my !fw3", "kubernetes forwarding rules"])
def test_a_comment_of_somebody_else_is_none_of_theirs(comment: str) -> None:
    assert [one.name for one in OWNERS if one.says(comment)] == []
