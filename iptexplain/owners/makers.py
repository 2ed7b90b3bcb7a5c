"""Who makes chains: prefixes of chain names, and the program that uses them. Built-in chains are the kernel's."""

from __future__ import annotations

from iptexplain.model.ruleset import BUILT_IN

_FIREWALLD = (
    *(f"{hook}_{part}" for hook in ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING") for part in ("ZONES", "POLICIES", "direct")),
    *("FORWARD_IN_ZONES", "FORWARD_OUT_ZONES"),
    *("IN_", "FWDI_", "FWDO_", "FWD_", "PRE_", "POST_"),
)
"""Zones and their dispatch: `INPUT_ZONES`, `IN_public_allow` (firewalld's src/firewall/core/ipXtables.py)."""

MAKERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kube-router", ("KUBE-ROUTER-", "KUBE-POD-FW-", "KUBE-NWPLCY-")),  # before those of kube-proxy, which begin with the same letters
    ("kube-proxy and kubelet", ("KUBE-",)),
    ("Calico", ("cali-", "felix-")),
    ("Cilium", ("CILIUM_", "OLD_CILIUM_")),
    ("Flannel", ("FLANNEL-",)),
    ("Weave Net", ("WEAVE",)),
    ("Azure NPM", ("AZURE-NPM",)),
    ("Antrea", ("ANTREA-",)),
    ("AWS VPC CNI", ("AWS-SNAT-CHAIN", "AWS-CONNMARK-CHAIN")),
    ("OVN (kube-OVN, OVN-Kubernetes)", ("OVN-",)),
    ("Kilo", ("KILO-",)),
    ("OpenShift SDN", ("OPENSHIFT-",)),
    ("Submariner", ("SUBMARINER-",)),
    ("kindnet", ("KIND-MASQ-AGENT",)),
    ("NetBird", ("NETBIRD-",)),
    ("CNI plugins", ("CNI-",)),
    ("ip-masq-agent", ("IP-MASQ",)),
    ("Istio", ("ISTIO_", "ztunnel-")),
    ("Linkerd", ("PROXY_INIT_",)),
    ("Docker", ("DOCKER",)),
    ("Podman (netavark)", ("NETAVARK",)),
    ("libvirt", ("LIBVIRT_",)),
    ("firewalld", _FIREWALLD),
    ("ufw", ("ufw-", "ufw6-")),
    ("fail2ban", ("f2b-", "fail2ban-")),
    ("Tailscale", ("ts-",)),
    ("OpenStack Neutron", ("neutron-",)),
)
"""Each maker and how its chains' names begin. Source: the programs' own sources and manuals."""


def maker(chain: str) -> str | None:
    """The program that a chain's name points to; None for a built-in chain or a name that tells nothing."""
    if chain in BUILT_IN:
        return None
    return next((name for name, prefixes in MAKERS if chain.startswith(prefixes)), None)


OF_USERS = ("CNI-ADMIN", "DOCKER-USER", "ufw-user-", "ufw6-user-")
"""How chains begin that a program has made for the rules of its users."""


def writer(chain: str) -> str | None:
    """The program that writes the rules of a chain: its `maker`, None also where these are written by users."""
    return None if chain.startswith(OF_USERS) else maker(chain)
