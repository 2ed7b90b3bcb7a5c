"""Names of interfaces: those that the kernel and common programs give stay, those that people give get others.

`eth0`, `wg1` and `flannel.1` say what kind of interface it is and nothing of its owner. Of names with a number made of an identity
(`veth1a2b3c4`, `br-0f3e5c7a9b1d`, `enx02005e100001`) the beginning stays. A rule may name all interfaces that begin alike (`acme+`):
whatever began so still does, and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.anonymize.pseudonyms import WORD, like, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iptexplain.anonymize.pseudonyms import Pseudonyms

KIND = "if"

_LONGEST = 15
"""The most letters of a name (IFNAMSIZ without its end, include/uapi/linux/if.h)."""

_STEMS = (
    *("antrea-gw", "antrea-tun", "azure", "bat", "bond", "br", "br-", "br-int", "br-lan", "br-wan", "bridge", "cali", "can", "cbr", "cni"),
    *("cni-podman", "dummy", "docker", "docker_gwbridge", "cilium_", "cilium_host", "cilium_net", "cilium_vxlan", "cilium_wg"),
    *("em", "en", "eni", "eno", "enp", "ens", "enx", "eth", "flannel", "flannel.", "flannel-v6.", "flannel-wg", "genev_sys_", "gre"),
    *("gretap", "ib", "ifb", "incusbr", "ip6gre", "ip6tnl", "ip6_vti", "ip_vti", "ipsec", "ipvl", "kilo", "kube-bridge", "kube-dummy-if"),
    *("kube-ipvs", "lan", "lo", "lxc", "lxcbr", "lxdbr", "macvlan", "mon", "nat64", "nodelocaldns", "ovn-k8s-mp", "ovs-system", "pan"),
    *("podman", "ppp", "pppoe-wan", "sit", "ra", "tailscale", "tap", "team", "tun", "tunl", "usb", "utun", "venet", "veth", "virbr"),
    *("vlan", "vnet", "vxlan", "vxlan.calico", "vxlan-v6.calico", "vxlan_sys_", "wan", "weave", "wg", "wireguard.cali", "wlan", "wlp"),
    *("wlo", "wls", "wwan", "wwp", "xenbr", "zt"),
)
"""How the names begin that the kernel, udev and common programs give."""

_NUMBERED = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(_STEMS, key=len, reverse=True)))})\d{{0,4}}(?:[.:]\d{{1,4}})?(?:-nic)?")
_BY_SLOT = re.compile(
    r"(?:en|wl|ww|ib)(?:o\d{1,3}|(?:P\d+)?(?:p\d+)?s\d+(?:f\d+)?(?:n(?:p?\d{1,2})(?:s\d{1,2})?|d\d+)?)(?:\.\d{1,4})?|p\d{1,2}p\d{1,2}"
)
"""Where a card is plugged in (systemd.net-naming-scheme(7)): no two people's servers differ much in that."""
_LEADS = (
    "azv",
    "br-",
    "cali",
    "cni",
    "docker",
    "eni",
    "enx",
    "fg-",
    "gw_",
    "ha-",
    "lxc",
    "qbr",
    "qg-",
    "qr-",
    "qvb",
    "qvo",
    "sg-",
    "tap",
    "veth",
    "vnet",
)
_MADE = re.compile(rf"({'|'.join(_LEADS)})([0-9a-f-]{{5,}})(\.\d+)?")
"""A known beginning, and what was made of the identity of a container, a Pod or a card."""

_DIGITS = re.compile(r"(.*?)(\d*)", re.DOTALL)


def is_common(name: str) -> bool:
    """Does a name say nothing of its owner."""
    return name in _LEADS or _NUMBERED.fullmatch(name) is not None or _BY_SLOT.fullmatch(name) is not None


class Interfaces:
    """The names that stand for those of an input."""

    def __init__(self, pseudonyms: Pseudonyms, names: Iterable[str]) -> None:
        """`names` are all that the inputs hold; with a `+` at the end, beginnings."""
        self._pseudonyms = pseudonyms
        self._names = names = frozenset(names)
        common = [name for name in names if not name.endswith("+") and is_common(name)]
        stems = {name.removesuffix("+") for name in names if name.endswith("+")}
        self._kept = {stem for stem in stems if is_common(stem) or any(name.startswith(stem) for name in (*common, *_STEMS))}
        self._stems = stems
        self._of_images = {stem: stem for stem in self._kept}
        for stem in sorted(stems, key=lambda stem: (len(stem), stem)):
            self._of_images[self._image(stem)] = stem
        for name in sorted(names - {f"{stem}+" for stem in stems}):
            self.name(name)

    def name(self, name: str) -> str:
        """What stands for an interface, or with `+` for all that begin so."""
        if name.endswith("+"):
            return self._image(name[:-1]) + "+"
        return name if is_common(name) else self._image(name)

    def known(self, name: str) -> str | None:
        """What stands for an interface of the inputs, or for what looks like one; None for another name."""
        return self.name(name) if name in self._names or is_common(name) or _MADE.fullmatch(name) else None

    def _image(self, name: str) -> str:
        known = self._pseudonyms.kind(KIND).get(name)
        if known is not None:
            return known
        if name in self._kept or not name:
            return name
        below = next((name[:end] for end in range(len(name) - 1, 0, -1) if name[:end] in self._stems), "")
        begins, rest = self._image(below), name[len(below) :]
        made = _MADE.fullmatch(name)
        if made is not None and begins == below and len(below) <= len(made[1]):
            return self._give(name, lambda drawn: made[1] + like(drawn, made[2]) + (made[3] or ""))
        found = _DIGITS.fullmatch(rest)
        text, number = (found[1], found[2]) if found is not None and len(found[2]) < len(_LIKE_NUMBER) else (rest, "")
        if below and not text:
            return self._give(name, lambda _: begins + number)
        start = begins or KIND
        letters = _SHORT if below or name in self._stems else WORD
        room = max(1, min(letters, _LONGEST - len(start) - len(number)))
        return self._give(name, lambda drawn: start + words(drawn, 1)[:room] + number)

    def _give(self, name: str, form: Callable[[bytes], str]) -> str:
        def fits(found: str) -> bool:
            if len(found) > max(_LONGEST, len(name)) or is_common(found):
                return False
            begins = (self._of_images.get(found[:end]) for end in range(1, len(found) + 1))
            return all(name.startswith(stem) for stem in begins if stem is not None)

        return self._pseudonyms.give(KIND, name, form, fits)


_SHORT = 3
"""The letters for beginnings and what follows them, so that there is room for both."""

_LIKE_NUMBER = "00000"
"""So many digits are no number of an interface but an identity."""
