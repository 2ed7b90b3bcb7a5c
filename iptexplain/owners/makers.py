"""Who makes chains: prefixes of chain names, and the program that uses them. Built-in chains are the kernel's.

What is known of each program stands in a module of its own, imported when somebody asks for it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.owners.owner import Owner

_FIREWALLD = (
    *(f"{hook}_POLICIES" for hook in ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")),
    *(f"{hook}_dispatch" for hook in ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")),
    *(f"{hook}_direct" for hook in ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")),
    *("INPUT_ZONES", "FORWARD_ZONES", "FORWARD_IN_ZONES", "FORWARD_OUT_ZONES", "PREROUTING_ZONES", "POSTROUTING_ZONES"),
    *("INPUT_dnat", "FORWARD_dnat", "OUTPUT_dnat"),
    *("IN_", "FWDI_", "FWDO_", "FWD_", "PRE_", "POST_", "OUT_"),
)
"""Zones and their dispatch: `INPUT_ZONES`, `IN_public_allow` (firewalld's src/firewall/core/ipXtables.py)."""

MAKERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # before those of kube-proxy, which begin with the same letters
    ("kube-router", "kube_router", ("KUBE-ROUTER-", "KUBE-POD-FW-", "KUBE-NWPLCY-")),
    ("kubelet", "kubelet", ("KUBE-KUBELET-CANARY", "KUBE-IPTABLES-HINT", "KUBE-MARK-DROP", "KUBE-FIREWALL", "KUBE-HOSTPORTS", "KUBE-HP-")),
    ("CRI-O", "crio", ("CRIO-",)),
    ("kube-proxy", "kube_proxy.owner", ("KUBE-",)),
    ("Calico", "calico", ("cali-", "felix-", *(f"cali{kind}-" for kind in ("fw", "tw", "fh", "th", "pi", "po")))),
    ("Cilium", "cilium", ("CILIUM_", "OLD_CILIUM_")),
    ("Flannel", "flannel", ("FLANNEL-",)),
    ("Weave Net", "weave", ("WEAVE",)),
    ("Azure NPM", "azure_npm", ("AZURE-NPM",)),
    ("Azure CNI", "azure_cni", ("AZURECNI", "SWIFT-POSTROUTING")),
    ("Antrea", "antrea", ("ANTREA-",)),
    ("AWS VPC CNI", "aws_vpc_cni", ("AWS-SNAT-CHAIN", "AWS-CONNMARK-CHAIN")),
    ("OVN (kube-OVN, OVN-Kubernetes)", "ovn", ("OVN-",)),
    ("Kilo", "kilo", ("KILO-",)),
    ("OpenShift SDN", "openshift_sdn", ("OPENSHIFT-",)),
    ("Submariner", "submariner", ("SUBMARINER-", "SM-GN-")),
    ("kindnet", "kindnet", ("KIND-MASQ-AGENT",)),
    ("NetBird", "netbird", ("NETBIRD-",)),
    ("CNI plugins", "portmap", ("CNI-",)),
    ("ip-masq-agent", "ip_masq_agent", ("IP-MASQ",)),
    ("NodeLocal DNSCache", "node_local_dns", ()),
    ("Istio", "istio", ("ISTIO_", "ztunnel-")),
    ("Linkerd", "linkerd", ("PROXY_INIT_",)),
    ("Docker", "docker", ("DOCKER",)),
    ("Podman (netavark)", "podman", ("NETAVARK",)),
    ("libvirt", "libvirt", ("LIBVIRT_", "libvirt-", "FI-vnet", "FO-vnet", "HI-vnet", "FJ-vnet", "FP-vnet", "HJ-vnet")),
    ("firewalld", "firewalld", _FIREWALLD),
    ("ufw", "ufw", ("ufw-", "ufw6-")),
    ("fail2ban", "fail2ban", ("f2b-", "fail2ban-")),
    ("CrowdSec", "crowdsec", ("CROWDSEC_",)),
    ("sshguard", "sshguard", ("sshguard",)),
    ("Tailscale", "tailscale", ("ts-",)),
    ("OpenStack Neutron", "neutron", ("neutron-", "quantum-")),
    ("OpenStack Nova", "nova", ("nova-",)),
    ("OpenWrt firewall", "openwrt", ("zone_", "delegate_")),
)
"""Each maker: its name, the module here that knows it, and how its chains' names begin. Source: the programs' own sources and manuals."""

KUBE = frozenset({"kube-proxy", "kubelet"})
"""The makers that are parts of Kubernetes itself."""

_SAYINGS: tuple[tuple[str, str], ...] = (
    ("NodeLocal DNS Cache: ", "node_local_dns"),
    ("cali:", "calico"),
    ("flanneld ", "flannel"),
    ("AWS, ", "aws_vpc_cni"),
    ("Block Node Local Pod access via IPv", "aws_vpc_cni"),
    ("Kilo: ", "kilo"),
    ("allow outbound ", "kube_router"),
    ("allow inbound ", "kube_router"),
    ("from OVN ", "ovn"),
    ("kubenet: ", "kubelet"),
    ("kubernetes service traffic ", "kube_proxy.owner"),
    ("!fw3", "openwrt"),
)
"""How comments begin in rules of built-in chains that lead to no chain of their maker, and the module that knows the whole of them."""


def maker(chain: str) -> str | None:
    """The program that a chain's name points to; None for a built-in chain or a name that tells nothing."""
    row = next(_rows(chain), None)
    return None if row is None or (row[1] in _BY_KIND and not _known(row[1]).has(chain)) else row[0]


_BY_KIND = frozenset({"crio", "docker", "ip_masq_agent", "nova", "openwrt", "portmap", "sshguard", "tailscale", "ufw", "weave"})
"""Modules whose prefixes are words that anybody may take for a chain: there only names of a known kind count."""


def owner(chain: str, table: str | None = None) -> Owner | None:
    """What is known of the program that a chain's name points to; None as with `maker`, but names that others give too are known here.

    With a `table` it is the program that makes such a chain there, if there is one: KUBE-FIREWALL of table nat is not kubelet's.
    """
    found = [_known(module) for _, module, _ in _rows(chain)]
    found += [_known(module) for module, prefixes in _GENERIC if chain not in BUILT_IN and chain.startswith(prefixes)]
    there = (one for one in found if table is not None and one.kind(chain, table) is not None)
    return next(there, found[0] if found else None)


_GENERIC: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("openwrt", (*(f"{way}_" for way in ("input", "output", "forwarding", "prerouting", "postrouting", "syn")), "reject", "mssfix")),
    ("azure_cni", ("SWIFT",)),
)
"""Further modules, and how chains begin that they know only beside others (`owner.Kind.generic`)."""


def by_comment(comment: str) -> Owner | None:
    """The program that writes such a comment on rules in built-in chains; None if none does that is known."""
    for begins, module in _SAYINGS:
        if comment.startswith(begins):
            found = _known(module)
            if found.says(comment):
                return found
    return None


def named(text: str) -> Owner:
    """The program of this name, however it is written: `calico`, `Kube-Proxy`, `aws_vpc_cni`, or a part that only one has: `netavark`.

    Raises UsageError if there is none, or more than one.
    """
    wanted = _plain(text)
    known = {module: {_plain(name), _plain(module.removesuffix(".owner"))} for name, module, _ in MAKERS}
    exact = [module for module, names in known.items() if wanted in names]
    part = [module for module, names in known.items() if wanted and any(wanted in name for name in names)]
    if len(exact or part) == 1:
        return _known((exact or part)[0])
    if part:
        fits = ", ".join(name for name, module, _ in MAKERS if module in part)
        raise UsageError(message("--owner {text!r}: several programs are called so: {names}", text=text, names=fits))
    names = ", ".join(sorted((name for name, _, _ in MAKERS), key=str.casefold))
    raise UsageError(message("--owner {text!r}: no program of that name is known; these are: {names}", text=text, names=names))


def _rows(chain: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The rows with a prefix of this name, none for built-in chains."""
    return (row for row in MAKERS if chain.startswith(row[2]) and chain not in BUILT_IN)


@cache
def _known(module: str) -> Owner:
    """What a module here knows."""
    found: Owner = import_module(f"iptexplain.owners.{module}").OWNER
    return found


def _plain(name: str) -> str:
    """A name without what people write in different ways."""
    return "".join(filter(str.isalnum, name)).casefold()


OF_USERS = ("CNI-ADMIN", "DOCKER-USER", "ufw-user-", "ufw6-user-")
"""How chains begin that a program has made for the rules of its users."""


def writer(chain: str) -> str | None:
    """The program that writes the rules of a chain: its `maker`, None also where these are written by users."""
    return None if chain.startswith(OF_USERS) else maker(chain)
