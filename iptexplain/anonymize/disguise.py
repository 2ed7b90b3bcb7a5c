"""Everything that stands for something else under one key: addresses and names of all kinds, for a dump and what is known beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.anonymize.addresses import Addresses, parsed
from iptexplain.anonymize.chains import Chains
from iptexplain.anonymize.comments import Comments
from iptexplain.anonymize.interfaces import Interfaces
from iptexplain.anonymize.pseudonyms import Pseudonyms, words
from iptexplain.anonymize.services import HashedChains, ServiceNames
from iptexplain.model.address import Address, Network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.anonymize.key import Key
    from iptexplain.anonymize.needs import Needs
    from iptexplain.inputs.names import Names
    from iptexplain.model.ruleset import Dump

SET, LIST, ACCOUNT, HARDWARE, PROGRAM, VALUE = "set", "list", "account", "hardware", "program", "value"

_ONE = r"[0-9]+(?:\.[0-9]+){3}|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"
_WORD = re.compile(rf"(\[?)({_ONE})(?:-({_ONE}))?(\]?)(?:/([0-9A-Fa-f:.]+))?((?::[0-9][0-9/-]*)?)")
_PORTS_ALONE = re.compile(r":?\d{1,5}(?:-\d{1,5})?(?:/\d{1,5})?", re.ASCII)
_HARDWARE = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5,31}")
_WEEK = 7 * 86400
_MOST_WEEKS = 520
"""Ten years."""


class Disguise:
    """What stands for what; `seen` is all of it so far. Raises `MissingProgramError` if the library that encrypts is not there."""

    def __init__(
        self, key: Key, needs: Needs, keep: Iterable[Network] = (), dumps: Iterable[Dump] = (), names: Names | None = None
    ) -> None:
        """`needs` is what the inputs ask of addresses and which names they hold; `keep` are networks that stay; `names` as for Services."""
        self.addresses = Addresses(key, needs, keep)
        self._places: dict[str, str] = {}
        self.pseudonyms = Pseudonyms(key)
        self.services = ServiceNames(self.pseudonyms)
        hashed = HashedChains(self.services, self.pseudonyms, self.place)
        hashed.learn(dumps, needs.service_ports, names)
        self._interfaces = Interfaces(self.pseudonyms, needs.interfaces)
        self._chains = Chains(self.pseudonyms, self._interfaces, hashed, frozenset(needs.chains))
        self.comments = Comments(self.pseudonyms, self.services, self.chain, self.place)
        self._shift = (1 + int.from_bytes(key.draw("dates")[:4]) % _MOST_WEEKS) * _WEEK

    def address(self, text: str) -> str:
        """What stands for an address. Raises ValueError for a text that is none."""
        return str(self.addresses.address(parsed(text)))

    def network(self, text: str) -> str:
        """What stands for a network, its mask as it is written. Raises ValueError."""
        _, slash, mask = text.partition("/")
        network = self.addresses.network(Network.parse(text))
        return f"{Address(network.family, network.value)}{slash}{mask}"

    def range(self, first: str, last: str) -> tuple[str, str]:
        """What stands for the ends of a range. Raises ValueError."""
        low, high = self.addresses.range(Address.parse(first), Address.parse(last))
        return str(low), str(high)

    def place(self, text: str) -> str:
        """What stands for an address, a network, a range or an endpoint, as rules spell them, or a list of them. Raises ValueError."""
        found = self._places.get(text)
        if found is None:
            found = self._places[text] = self._place(text)
        return found

    def _place(self, text: str) -> str:
        if "," in text:
            return ",".join(map(self.place, text.split(",")))
        found = _WORD.fullmatch(text)
        if found is None:
            return self._spelt(text)
        begin, first, last, end, mask, ports = found.groups()
        if mask == ("128" if ":" in first else "32"):
            new = f"{self.address(first)}/{mask}"
        elif mask:
            new = self.network(f"{first}/{mask}")
        elif last:
            new = "-".join(self.range(first, last))
        else:
            new = self.address(first)
        return f"{begin}{new}{end}{ports}"

    def breaks(self, text: str, *, translated: bool) -> bool:
        """Is a word one for which `place` gives something that does not hold exactly what it held; `translated`: it is that of a NETMAP."""
        if translated:
            return bool(self.addresses.broken_networks) and Network.parse(text) in self.addresses.broken_networks
        if "-" not in text or not self.addresses.broken_ranges:
            return False
        found = _WORD.fullmatch(text)
        return found is not None and bool(found[3]) and (Address.parse(found[2]), Address.parse(found[3])) in self.addresses.broken_ranges

    def _spelt(self, text: str) -> str:
        """The same for spellings that only people use: `10/8`, `:8080`."""
        if _PORTS_ALONE.fullmatch(text):
            return text
        network = self.addresses.network(Network.parse(text))
        return str(network)

    def interface(self, name: str) -> str:
        """What stands for an interface, or with `+` for all that begin so."""
        return self._interfaces.name(name)

    def chain(self, name: str) -> str:
        """What stands for a chain."""
        return self._chains.name(name)

    def set_name(self, name: str) -> str:
        """What stands for a set of ipset; those of kube-proxy stay."""
        from iptexplain.owners.kube_proxy import ipvs_sets

        return name if ipvs_sets.holds(name) is not None else self.pseudonyms.worded(SET, name)

    def list_name(self, name: str) -> str:
        """What stands for the name of a list, a table, a counter, a helper and the like."""
        if name in _OF_EVERYBODY or (name.isdigit() and len(name) <= _LONGEST_NUMBER):
            return name
        chain = self._chains.known(name)
        return chain if chain is not None else self.pseudonyms.worded(LIST, name, 1)

    def account(self, name: str) -> str:
        """What stands for a user, a group, a cgroup, a command; numbers stay."""
        if name in {"root", "nobody", "default"} or _NUMBERS.fullmatch(name):
            return name
        return ("/" if name.startswith("/") else "") + self.pseudonyms.worded(ACCOUNT, name, 1)

    def hardware(self, text: str) -> str:
        """What stands for a hardware address, in the case of its letters: administered locally, and for many cards or one as it was.

        Raises ValueError for a text that is none.
        """
        if text.lower() in {"ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"}:
            return text
        if not _HARDWARE.fullmatch(text):
            raise ValueError(text)

        def form(drawn: bytes) -> str:
            first = int(text[:2], 16) & 1 | 2 | drawn[0] & 0xFC
            return ":".join([f"{first:02x}", *(f"{byte:02x}" for byte in drawn[1 : (len(text) + 1) // 3])])

        found = self.pseudonyms.give(HARDWARE, text.lower(), form)
        return found.upper() if text.lower() != text else found

    def program(self, keyword: str, text: str) -> str:
        """A test of raw bytes in place of another, which asks nothing that the packet could tell."""

        def form(drawn: bytes) -> str:
            number = int.from_bytes(drawn[:2])
            match keyword:
                case "--bytecode":
                    return f"1,6 0 0 {number}"
                case "--u32":
                    return f"0x4000=0x{number:x}"
                case "--hex-string":
                    return f"|{drawn[:4].hex()}|"
                case "--object-pinned":
                    return f"/sys/fs/bpf/{words(drawn, 2)}"
            return words(drawn, 2)

        return self.pseudonyms.give(PROGRAM, f"{keyword} {text}", form)

    def date(self, text: str) -> str:
        """A day that is as many weeks earlier as all others. Raises ValueError for what is no date."""
        from iptexplain.extensions.matches.time import Moment

        return str(Moment(max(0, Moment.parse(text).seconds - self._shift)))

    def value(self, text: str) -> str:
        """What stands for something that nobody here understands."""
        return self.pseudonyms.worded(VALUE, text, 1)


_HELPERS = ("amanda", "ftp", "h323", "H.245", "irc", "netbios-ns", "pptp", "Q.931", "RAS", "sane", "sip", "snmp", "snmp_trap", "tftp")
_OF_EVERYBODY = frozenset({"DEFAULT", *_HELPERS, "ftp-21", "tftp-69", "irc-6667", "sip-5060"})
"""The list of recent without a name, and the kernel's helpers."""

_LONGEST_NUMBER = 4
"""The digits of a number that counts something; longer ones may be somebody's."""

_NUMBERS = re.compile(r"\d+(?:-\d+)?|0x[0-9a-fA-F]+(?:/0x[0-9a-fA-F]+)?")
