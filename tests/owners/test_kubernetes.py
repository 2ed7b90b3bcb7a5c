"""The owners that belong to Kubernetes: what their chains are for."""

from __future__ import annotations

import pytest

from iptexplain.owners import makers

HASH = "2CMXP7HKUVJN7L6M"
HEX = "0123456789abcdef01234567"


def purpose(table: str, chain: str) -> str | None:
    """What a chain is for, None if nothing is known of it."""
    owner = makers.owner(chain, table)
    found = None if owner is None else owner.purpose(chain, table)
    return None if found is None else found.english()


@pytest.mark.parametrize(
    ("table", "chain", "text"),
    [
        ("nat", f"KUBE-SVC-{HASH}", "spreads connections over the endpoints"),
        (
            "nat",
            f"KUBE-SEP-{HASH}",
            "sends connections to one endpoint",
        ),
        (
            "nat",
            "KUBE-NODEPORTS",
            "compares the destination port with the node ports of all Services and leads on to the Service that has it",
        ),
        ("filter", "KUBE-NODEPORTS", "accepts the health checks of load balancers (healthCheckNodePort)"),
        ("filter", "KUBE-IPVS-FILTER", "refuses new connections to addresses of Services at ports where no Service listens (IPVS mode)"),
        (
            "filter",
            "KUBE-FIREWALL",
            (
                "drops packets from elsewhere to the node's own 127.0.0.0/8, and in older versions those that KUBE-MARK-DROP has marked; "
                "from Kubernetes 1.27 on kube-proxy writes it too"
            ),
        ),
        (
            "nat",
            "KUBE-FIREWALL",
            (
                "lets senders through to load balancers' IPs that may use them, and marks what others send there, "
                "for KUBE-FIREWALL of table filter (IPVS mode)"
            ),
        ),
        (
            "nat",
            "KUBE-MARK-DROP",
            "marks packets; KUBE-FIREWALL drops them later if they come to this node itself or are sent by it, not if they are forwarded",
        ),
        (
            "nat",
            "KUBE-HOSTPORTS",
            (
                "compares the destination port with the host ports of all Pods and leads on to the one that has it "
                "(kubelet up to Kubernetes 1.23, CRI-O)"
            ),
        ),
        ("nat", f"KUBE-HP-{HASH}", "sends packets to one host port on to its Pod (kubelet up to Kubernetes 1.23, CRI-O)"),
        ("nat", f"CRIO-MASQ-{HASH}", "gives what a Pod sends to itself through its host port another source"),
        (
            "nat",
            f"KUBE-FW-{HASH}",
            (
                "is for a load balancer's IP of one Service port: it leads on what may go there (loadBalancerSourceRanges); "
                "up to Kubernetes 1.24 it also marks the rest to be dropped, since then KUBE-PROXY-FIREWALL drops that"
            ),
        ),
        (
            "nat",
            "KUBE-POSTROUTING",
            "gives packets marked for masquerade (and few others) a source address of this node (kubelet up to 1.26 too)",
        ),
        (
            "filter",
            "KUBE-IPVS-OUT-FILTER",
            "drops what this node itself sends to load balancers' IPs whose loadBalancerSourceRanges do not name it (IPVS mode)",
        ),
        (
            "nat",
            "CILIUM_PRE_nat",
            "spares encrypted packets that come in the NAT rules that follow (IPsec, WireGuard); otherwise it is empty",
        ),
        (
            "nat",
            "CILIUM_OUTPUT_nat",
            "spares encrypted packets that this node itself sends the NAT rules that follow (IPsec, WireGuard); otherwise it is empty",
        ),
        ("raw", "cali-untracked-policy", "lets packets through untracked that Calico's XDP programs have allowed"),
        ("mangle", "cali-qos-policy", "sets the DSCP of what Pods send out"),
        (
            "nat",
            "SWIFT-POSTROUTING",
            "gives what Pods ask Azure's DNS and metadata servers (168.63.129.16, 169.254.169.254) another source",
        ),
        (
            "mangle",
            "KUBE-KUBELET-CANARY",
            "holds no rules: kubelet looks whether it is still there, and writes all its rules anew if somebody flushed them",
        ),
        (
            "filter",
            "cali-tw-cali1234567890a",
            "applies the policies of one Pod to what comes to it; it is the Pod behind interface cali1234567890a",
        ),
        ("filter", "cali-pri-kns.shop", "holds what the profile of namespace shop allows for what comes to its Pods"),
        ("filter", "cali-pi-_0123456789abcdef", "holds the ingress rules of one policy"),
        ("filter", "cali-th-any-interface-at-all", "applies policies of the node to what leaves it, through any interface"),
        ("filter", "cali-th-eth0", "applies policies of the node to what leaves it through interface eth0 (host endpoint)"),
        ("filter", "felix-FORWARD", "is from a Calico before Felix 2.1; newer ones name their chains cali-… and remove it"),
        (
            "filter",
            "OLD_CILIUM_FORWARD",
            "is chain CILIUM_FORWARD as it was before the agent renewed its rules; it goes when the new ones are there",
        ),
        ("filter", "FLANNEL-FWD", "lets packets from and to the Pods' network through"),
        ("filter", "CNI-ADMIN", "is for rules that administrators write themselves; they come before those of CNI-FORWARD"),
        ("nat", f"CNI-{HEX}", "gives what one container sends out of its network an address of this node as its source"),
        (
            "filter",
            "OPENSHIFT-ADMIN-OUTPUT-RULES",
            "is for rules that administrators write themselves, about what Pods send out of the cluster",
        ),
        ("filter", f"KUBE-NWPLCY-{HASH}", "holds what one network policy allows"),
        ("filter", "AZURE-NPM-INGRESS-3618314628", "holds the ingress rules of one network policy (version 2)"),
        ("filter", "ANTREA-POL-RULE1", "holds the ports that rule RULE1 of a policy for nodes is about, and what happens to them"),
    ],
)
def test_a_chain_is_for_this(table: str, chain: str, text: str) -> None:
    assert purpose(table, chain) == text


CHAINS = {
    "filter": f"""
        KUBE-SERVICES KUBE-EXTERNAL-SERVICES KUBE-NODEPORTS KUBE-FORWARD KUBE-PROXY-FIREWALL KUBE-PROXY-CANARY KUBE-KUBELET-CANARY
        KUBE-FIREWALL KUBE-NODE-PORT KUBE-IPVS-FILTER KUBE-IPVS-OUT-FILTER KUBE-SOURCE-RANGES-FIREWALL
        KUBE-ROUTER-INPUT KUBE-ROUTER-FORWARD KUBE-ROUTER-OUTPUT KUBE-ROUTER-SERVICES KUBE-POD-FW-{HASH} KUBE-NWPLCY-{HASH}
        KUBE-NWPLCY-DEFAULT KUBE-NWPLCY-COMMON
        cali-INPUT cali-FORWARD cali-OUTPUT cali-wl-to-host cali-failsafe-in cali-failsafe-out cali-cidr-block
        cali-from-wl-dispatch cali-from-wl-dispatch-2 cali-to-wl-dispatch cali-to-wl-dispatch-2
        cali-from-host-endpoint cali-to-host-endpoint cali-from-hep-forward cali-to-hep-forward
        cali-set-endpoint-mark cali-from-endpoint-mark cali-forward-check cali-forward-endpoint-mark
        cali-tw-cali0 cali-fw-cali0 cali-sm-cali0 cali-th-eth0 cali-fh-eth0 cali-thfw-eth0 cali-fhfw-eth0
        cali-pi-x cali-po-x cali-pri-x cali-pro-x cali-pro-kns.x cali-gi-x cali-go-x
        CILIUM_INPUT CILIUM_OUTPUT CILIUM_FORWARD CILIUM_TRANSIENT_FORWARD
        FLANNEL-FWD WEAVE-EXPOSE WEAVE-NPC WEAVE-NPC-DEFAULT WEAVE-NPC-INGRESS WEAVE-NPC-EGRESS WEAVE-NPC-EGRESS-DEFAULT
        WEAVE-NPC-EGRESS-CUSTOM WEAVE-NPC-EGRESS-ACCEPT WEAVE-IPSEC-IN WEAVE-CANARY
        AZURE-NPM AZURE-NPM-ACCEPT AZURE-NPM-INGRESS AZURE-NPM-EGRESS AZURE-NPM-INGRESS-ALLOW-MARK AZURE-NPM-INGRESS-PORT
        AZURE-NPM-INGRESS-FROM AZURE-NPM-INGRESS-DROPS AZURE-NPM-EGRESS-PORT AZURE-NPM-EGRESS-TO AZURE-NPM-EGRESS-DROPS
        ANTREA-FORWARD ANTREA-INPUT ANTREA-OUTPUT ANTREA-POL-INGRESS-RULES ANTREA-POL-EGRESS-RULES
        ANTREA-POL-PRE-INGRESS-RULES ANTREA-POL-PRE-EGRESS-RULES
        AZURECNIINPUT AZURECNIOUTPUT califw-cali0 calitw-cali0 califh-eth0 calith-eth0 calipi-x calipo-x
        CNI-FORWARD CNI-ADMIN CNI-ISOLATION-STAGE-1 CNI-ISOLATION-STAGE-2 KILO-IPIP
        OPENSHIFT-FIREWALL-ALLOW OPENSHIFT-FIREWALL-FORWARD OPENSHIFT-ADMIN-OUTPUT-RULES SUBMARINER-INPUT SUBMARINER-FORWARD
    """,
    "nat": f"""
        KUBE-SERVICES KUBE-NODEPORTS KUBE-SVC-{HASH} KUBE-SVL-{HASH} KUBE-EXT-{HASH} KUBE-XLB-{HASH} KUBE-FW-{HASH} KUBE-SEP-{HASH}
        KUBE-MARK-MASQ KUBE-MARK-DROP KUBE-FIREWALL KUBE-FIRE-WALL KUBE-HOSTPORTS KUBE-HP-{HASH} CRIO-HOSTPORTS-MASQ CRIO-MASQ-{HASH}
        SWIFT SWIFT-POSTROUTING KUBE-POSTROUTING KUBE-PROXY-CANARY KUBE-LOAD-BALANCER KUBE-NODE-PORT
        KUBE-PORTALS-CONTAINER KUBE-PORTALS-HOST KUBE-NODEPORT-CONTAINER KUBE-NODEPORT-HOST KUBE-ROUTER-HAIRPIN
        cali-PREROUTING cali-POSTROUTING cali-OUTPUT cali-fip-dnat cali-fip-snat cali-nat-outgoing
        CILIUM_POST_nat CILIUM_OUTPUT_nat CILIUM_PRE_nat FLANNEL-POSTRTG WEAVE ANTREA-PREROUTING ANTREA-POSTROUTING ANTREA-OUTPUT
        AWS-SNAT-CHAIN-0 AWS-SNAT-CHAIN-1 AWS-CONNMARK-CHAIN-0 IP-MASQ IP-MASQ-AGENT KIND-MASQ-AGENT
        CNI-HOSTPORT-DNAT CNI-HOSTPORT-SETMARK CNI-HOSTPORT-MASQ CNI-HOSTPORT-SNAT CNI-DN-{HEX[:21]} CNI-SN-{HEX[:21]} CNI-{HEX}
        OVN-KUBE-NODEPORT OVN-KUBE-EXTERNALIP OVN-KUBE-ETP OVN-KUBE-ITP OVN-KUBE-EGRESS-SVC OVN-KUBE-SNAT-MGMTPORT
        OVN-PREROUTING OVN-POSTROUTING OVN-MASQUERADE OVN-NAT-POLICY OVN-NAT-PSUBNET-aaaaaaaaaaaa KILO-NAT
        OPENSHIFT-MASQUERADE OPENSHIFT-MASQUERADE-2 SUBMARINER-POSTROUTING SUBMARINER-GN-INGRESS SUBMARINER-GN-EGRESS
        SUBMARINER-GN-MARK SM-GN-EGRESS-PODS SM-GN-EGRESS-HDLS-PODS SM-GN-EGRESS-NS SM-GN-EGRESS-CLUSTER
    """,
    "mangle": """
        KUBE-PROXY-CANARY KUBE-KUBELET-CANARY KUBE-IPTABLES-HINT cali-PREROUTING cali-POSTROUTING cali-from-host-endpoint
        cali-to-host-endpoint cali-qos-policy CILIUM_POST_mangle CILIUM_PRE_mangle WEAVE-IPSEC-IN WEAVE-IPSEC-IN-MARK WEAVE-IPSEC-OUT
        WEAVE-IPSEC-OUT-MARK ANTREA-MANGLE ANTREA-OUTPUT OVN-PREROUTING OVN-POSTROUTING OVN-OUTPUT OVN-KUBE-ITP SUBMARINER-POSTROUTING
    """,
    "raw": """
        cali-PREROUTING cali-OUTPUT cali-rpf-skip cali-wireguard-incoming-mark cali-untracked-flows cali-untracked-policy
        cali-from-host-endpoint cali-to-host-endpoint CILIUM_OUTPUT_raw CILIUM_PRE_raw ANTREA-PREROUTING ANTREA-OUTPUT
    """,
}
"""The chains that the programs write, as their sources and dumps of nodes have them."""


@pytest.mark.parametrize(("table", "chain"), [(table, chain) for table, chains in CHAINS.items() for chain in chains.split()])
def test_what_a_chain_is_for_is_known(table: str, chain: str) -> None:
    assert purpose(table, chain) is not None


@pytest.mark.parametrize(
    ("table", "chain"),
    [
        ("nat", "KUBE-SVC-NGINX"),
        ("nat", f"KUBE-SVC-{HASH}X"),
        ("nat", "KUBE-SEP-"),
        ("filter", f"KUBE-SVC-{HASH}"),
        ("filter", "KUBE-MARK-MASQ"),
        ("filter", "KUBE-MY-RULES"),
        ("raw", "KUBE-FIREWALL"),
        ("nat", "KUBE-HP-MINE"),
        ("filter", "KUBE-HOSTPORTS"),
        ("nat", "CRIO-MASQ-MINE"),
        ("nat", "SWIFTLY"),
        ("filter", "KUBE-FIREWALL-2"),
        ("filter", "KUBE-NWPLCY-MINE"),
        ("filter", "cali-old-chain"),
        ("filter", "cali"),
        ("filter", "calico-dhcp-1"),
        ("filter", "CILIUM_MINE"),
        ("filter", "FLANNEL-FWD-2"),
        ("nat", "WEAVER"),
        ("nat", "CNI-MINE"),
        ("nat", f"CNI-{HEX}0"),
        ("nat", "IP-MASQUERADE"),
        ("filter", "AZURE-NPMX"),
        ("filter", "kube-services"),
    ],
)
def test_of_a_chain_that_only_looks_alike_nothing_is_said(table: str, chain: str) -> None:
    assert purpose(table, chain) is None
