"""A network namespace that stands for a node, whose kernel is asked what it does with packets under some rules.

Each interface is a TAP whose other end is this process: it owns all other addresses and sees every frame. Writing a frame runs the whole
walk at once, so there is nothing to wait for. A packet of the node itself goes through a raw socket. The observer is a table of nftables
besides those that are tested: it logs the packet before the first and behind the last chain of each hook.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import secrets
import select
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from iptexplain.model.ruleset import BUILT_IN_OF
from tests.kernel.oracle.connections import NEW, forget, forget_all, make
from tests.kernel.oracle.netlink import Netlink, attribute, messages
from tests.kernel.oracle.packets import datagram, fragments
from tests.kernel.oracle.reading import Reports, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from tests.kernel.oracle.packets import Probe
    from tests.kernel.oracle.reading import Outcome

TOOLS = (
    *("ip", "nft", "ipset"),
    *(f"{name}-{backend}-{what}" for name in ("iptables", "ip6tables") for backend in ("nft", "legacy") for what in ("restore", "save")),
)
GROUP = 54321  # of the observer's log
TUN = 0x400454CA  # TUNSETIFF
TAP = 0x1002  # IFF_TAP, IFF_NO_PI
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
SO_MARK, IP_HEADER_INCLUDED, IPV6_HEADER_INCLUDED = 36, 3, 36
LOG_CONFIGURATION = 0x401
PRIORITY = 0x697074  # of the packets that the node sends for us
STATES = [
    *(
        f"ct state {state} ct status & 0x30 == {bits:#x}|{state} {letters}"
        for state in ("new", "established", "related")
        for bits, letters in ((0, "-"), (16, "s"), (32, "d"), (48, "ds"))
    ),
    *(f"ct state {state}|{state} -" for state in ("invalid", "untracked")),
]
"""What the observer tells apart, and how it says it: the state, and whether source and destination are translated (IPS_SRC_NAT, …)."""
HOOKS = {"p": "prerouting", "i": "input", "f": "forward", "o": "output", "s": "postrouting"}
_OFF = ("accept_ra", "accept_dad", "dad_transmits", "disable_ipv6")
SETTINGS = {
    "net/ipv4/ip_forward": 1,
    "net/ipv4/icmp_ratelimit": 0,
    "net/ipv4/icmp_ratemask": 0,
    "net/ipv4/icmp_msgs_per_sec": 10_000_000,
    "net/ipv4/icmp_msgs_burst": 10_000_000,  # counts for ICMPv6 too
    "net/ipv6/conf/all/forwarding": 1,
    "net/ipv6/icmp/ratelimit": 0,
    "net/netfilter/nf_conntrack_events": 1,
    "net/netfilter/nf_conntrack_tcp_be_liberal": 1,  # the sequence numbers here are anything
    **{
        f"net/ipv4/conf/{device}/{name}": 0 for device in ("all", "default") for name in ("rp_filter", "send_redirects", "accept_redirects")
    },
    **{f"net/ipv6/conf/{device}/{name}": 0 for device in ("all", "default") for name in _OFF},
}


class Topology(NamedTuple):
    """The node, in the words of the JSON that `iptexplain trace --node` reads."""

    interfaces: Mapping[str, Mapping[str, Sequence[str]]]
    routes: Sequence[tuple[str, ...]] = ()
    local_addrs: Sequence[str] = ()
    sysctls: Mapping[str, int] = {}

    def json(self) -> dict[str, object]:
        """That JSON."""
        return {"interfaces": self.interfaces, "local_addrs": self.local_addrs, "routes": self.routes, "sysctls": self.sysctls}


class RefusedError(Exception):
    """The tools or the kernel do not take the rules."""


def unavailable() -> str:
    """Why the kernel cannot be asked here, nothing if it can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0 or missing:
        return f"needs root and {', '.join(missing or TOOLS)}"
    return "" if Path("/dev/net/tun").exists() else "needs /dev/net/tun"


class _Namespace:
    """A named network namespace; inside `with` this thread is in it."""

    def __init__(self) -> None:
        self.name = f"iptexplain-{secrets.token_hex(4)}"
        subprocess.run(("ip", "netns", "add", self.name), check=True, capture_output=True)  # noqa: S607 - wherever the system has it
        self._inside, self._home = (os.open(path, os.O_RDONLY) for path in (f"/var/run/netns/{self.name}", "/proc/self/ns/net"))
        self._depth = 0

    def _enter(self, place: int) -> None:
        if ctypes.CDLL(None, use_errno=True).setns(place, NEW_NETWORK):  # os.setns is there from Python 3.12 on
            raise OSError(ctypes.get_errno(), "setns")

    def __enter__(self) -> None:
        self._depth += 1
        self._enter(self._inside)

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._enter(self._home)

    def close(self) -> None:
        os.close(self._inside)
        os.close(self._home)
        subprocess.run(("ip", "netns", "delete", self.name), check=False, capture_output=True)  # noqa: S607 - wherever the system has it


class Oracle:
    """A node and the rules in it, of one family and one backend (`nft` or `legacy`). Raises RefusedError if it cannot be made so."""

    def __init__(self, topology: Topology, *, family: int = 4, backend: str = "nft") -> None:
        self.topology, self.family, self.backend = topology, family, backend
        self._ip = "ip" if family == 4 else "ip6"
        self._tag = secrets.randbelow(1 << 28)
        self._used: set[str] = set()
        self._taps: dict[str, int] = {}
        self._sockets: list[Netlink] = []
        self._namespace = _Namespace()
        try:
            with self._namespace:
                self._build()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take the node away."""
        for one in self._sockets:
            one.close()
        for tap in self._taps.values():
            os.close(tap)
        if hasattr(self, "_raw"):
            self._raw.close()
        if hasattr(self, "_poll"):
            self._poll.close()
        with self._namespace:
            subprocess.run(("ipset", "destroy"), check=False, capture_output=True)  # noqa: S607 - wherever the system has it
        self._namespace.close()

    # ---- the node

    def _build(self) -> None:
        for name, value in SETTINGS.items():
            self._set(name, value)
        commands = ["link set lo up"]
        for number, (name, settings) in enumerate(self.topology.interfaces.items(), 1):
            if name != "lo":
                self._taps[name] = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
                fcntl.ioctl(self._taps[name], TUN, struct.pack("16sH22x", name.encode(), TAP))
                commands += [
                    f"link set dev {name} addrgenmode none address {self._hardware(number).hex(':')} arp off txqueuelen 10000",
                    f"link set dev {name} up",
                ]
            commands += [self._assignment(address, name) for address in self._in_order(settings.get("addrs", ()))]
        commands += [self._assignment(address, "lo") for address in self._in_order(self.topology.local_addrs)]
        self.run("ip", "-batch", "-", stdin="".join(f"{command}\n" for command in commands))
        for to, interface, *gateway in self.topology.routes:
            six = self.family == 6 if to == "default" else ":" in to
            self.run("ip", "-6" if six else "-4", "route", "add", to, *(("via", *gateway) if gateway else ()), "dev", interface)
        for name, value in self.topology.sysctls.items():
            self._set(name.replace(".", "/"), value)
        self._names = dict(socket.if_nameindex())
        self._listen()

    def _hardware(self, number: int) -> bytes:
        return bytes([2, 0x6F, 0x72, 0, 0, number])

    @staticmethod
    def _in_order(addresses: Sequence[str]) -> list[str]:
        """The order in which to add addresses, so that `ip addr` lists them as they are here: of IPv6 the last one comes first there."""
        return [*(one for one in addresses if ":" not in one), *(one for one in reversed(addresses) if ":" in one)]

    @staticmethod
    def _assignment(address: str, interface: str) -> str:
        length = "" if "/" in address else "/128" if ":" in address else "/32"
        return f"addr add {address}{length} dev {interface}{' nodad' if ':' in address else ''}"

    @staticmethod
    def _set(name: str, value: int) -> None:
        Path("/proc/sys", name).write_text(f"{value}", encoding="ascii")

    def _listen(self) -> None:
        self._requests, self._log, self._new = Netlink(), Netlink(), Netlink(1)  # group 1: new entries of conntrack
        self._sockets = [self._requests, self._log, self._new]
        for kind, data in (
            (1, b"\x01"),
            (2, struct.pack("!IBB", 512, 2, 0)),
            (5, struct.pack("!I", 1)),
        ):  # bind, copy packets, tell at once
            self._log.call(LOG_CONFIGURATION, attribute(kind, data), resource=GROUP)
        if self.family == 4:
            self._raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._raw.setsockopt(socket.IPPROTO_IP, IP_HEADER_INCLUDED, 1)
            self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        else:
            self._raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._raw.setsockopt(socket.IPPROTO_IPV6, IPV6_HEADER_INCLUDED, 1)
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, PRIORITY)
        # What is delivered is swallowed, so that nothing in the node answers. This chain is there before conntrack's, which has the same
        # priority: of those, the later one comes first, so the entry is confirmed before.
        self.run(
            "nft", "-f", "-", stdin=f"table {self._ip} observer {{ chain sink {{ type filter hook input priority 2147483647; drop; }}\n}}\n"
        )
        self.run("nft", "-f", "-", stdin=self._observer())
        self._poll = select.epoll()
        self._by_tap = {tap: name for name, tap in self._taps.items()}
        for tap in self._by_tap:
            self._poll.register(tap, select.EPOLLIN)
        time.sleep(0.01)
        self._reports()

    def _observer(self) -> str:
        lines = [f"table {self._ip} observer {{"]
        for letter, hook in HOOKS.items():
            log = f"group {GROUP} snaplen 400 queue-threshold 1"
            lines.append(f"chain {letter}F {{ type filter hook {hook} priority -1000;")
            if letter == "p":
                lines.append('iifname != "lo" meta mark set @ll,64,32')  # the last four bytes of the source's hardware address
            lines.append(f'log prefix "{letter}F" {log}')
            if letter == "o":  # what the node answers is seen here, and must not count where rules count packets
                lines.append(f"meta priority != {PRIORITY} drop")
            lines += ["}", f"chain {letter}L {{ type filter hook {hook} priority 2147483646;"]
            for state in STATES:
                condition, _, prefix = state.partition("|")
                lines.append(f'{condition} log prefix "{letter}L {prefix}" {log} accept')
            lines += [f'log prefix "{letter}L" {log}', "}"]
        return "\n".join([*lines, "}", ""])

    def run(self, *command: str, stdin: str = "") -> str:
        """What a program in the node prints. Raises RefusedError if it fails."""
        with self._namespace:
            done = subprocess.run(
                command, input=stdin, check=False, capture_output=True, timeout=60, encoding="utf-8", errors="surrogateescape"
            )  # fmt: skip
        if done.returncode:
            raise RefusedError(command[0], (done.stderr or done.stdout).strip()[:500])
        return done.stdout

    # ---- the rules

    def load(self, dump: str, sets: str = "") -> str:
        """Replace all rules and sets; what iptables-save prints of them then. Raises RefusedError."""
        self.clear()
        if sets:
            self.run("ipset", "restore", "-exist", stdin=sets)
        self._used |= set(re.findall(r"^\*(\w+)", dump, re.MULTILINE))
        self.run(f"{self._ip}tables-{self.backend}-restore", stdin=dump)
        self.forget()
        return self.run(f"{self._ip}tables-{self.backend}-save")

    def refill(self, sets: str) -> None:
        """Let the sets hold what they held when the rules were loaded."""
        entries = "".join(f"{line}\n" for line in sets.splitlines() if not line.startswith("create "))
        self.run(
            "ipset",
            "restore",
            "-exist",
            stdin="".join(f"flush {name}\n" for name in re.findall("^create ([^ ]+)", sets, re.MULTILINE)) + entries,
        )

    def clear(self) -> None:
        """Take away all rules and sets, and with them what the rules remember."""
        if self.backend == "nft":
            self.run(
                "nft", "-f", "-", stdin="".join(f"add table {self._ip} {table}\ndelete table {self._ip} {table}\n" for table in self._used)
            )
            self._used.clear()
        elif self._used:  # a table of the legacy backend cannot be taken away
            empty = (
                "".join([f"*{table}\n", *(f":{chain} ACCEPT [0:0]\n" for chain in BUILT_IN_OF[table]), "COMMIT\n"])
                for table in sorted(self._used)
            )
            self.run(f"{self._ip}tables-legacy-restore", stdin="".join(empty))
        self.run("ipset", "destroy")

    def forget(self) -> None:
        """Take away all entries of connection tracking."""
        forget_all(self._requests)
        self._reports()

    # ---- the packets

    def send(self, probe: Probe, *, keep: bool = False, made: bool = False) -> Outcome:
        """What becomes of the packet. The entries of connection tracking that it made are taken away, unless `keep`.

        `made`: the connection it belongs to is there, since earlier packets were kept; else an entry is made for it.
        """
        self._tag = (self._tag + 1) & 0x7FFFFFFF
        if probe.ct != "new" and not made:
            make(self._requests, probe)
            self._reports()
        whole = datagram(probe, self._tag)
        refused = self._inject(probe, fragments(whole) if probe.frag else [whole])
        reports = self._reports()._replace(refused=refused)
        outcome = read(probe, self._tag, reports, self._names)
        for _ in range(20):  # what comes back by lo may take one more round of the kernel
            if (outcome.path or refused) and outcome.where != "ROUTING:lo":
                break
            time.sleep(0.001)
            more = self._reports()
            reports = Reports(reports.logs + more.logs, reports.entries + more.entries, reports.frames + more.frames, refused)
            outcome = read(probe, self._tag, reports, self._names)
        if not keep:
            for entry in messages(reports.entries, NEW):
                forget(self._requests, entry, self.family)
            if probe.ct != "new":
                forget_all(self._requests)
        return outcome

    def _inject(self, probe: Probe, packets: Sequence[bytes]) -> str:
        """Send it; the name of the error if the kernel does not take it (EPERM: a hook dropped it)."""
        if probe.iif is not None:
            source = bytes.fromhex(probe.src_mac.replace(":", "")) if probe.src_mac else b"\x02\0" + struct.pack("=I", probe.mark)
            number = list(self.topology.interfaces).index(probe.iif) + 1
            kind = b"\x08\0" if probe.family == 4 else b"\x86\xdd"
            for packet in packets:
                os.write(self._taps[probe.iif], self._hardware(number) + source + kind + packet)
            return ""
        self._raw.setsockopt(socket.SOL_SOCKET, SO_MARK, struct.pack("=I", probe.mark))
        try:
            for packet in packets:
                self._raw.sendto(packet, (probe.dst, 0))
        except OSError as error:
            return errno.errorcode.get(error.errno or 0, str(error.errno))
        return ""

    def _reports(self) -> Reports:
        frames = []
        for tap, _ in self._poll.poll(0):
            try:
                while True:
                    frames.append((self._by_tap[tap], os.read(tap, 1 << 16)))
            except BlockingIOError:
                pass
        return Reports(tuple(self._log.drain()), tuple(self._new.drain()), tuple(frames))


__all__ = ["TOOLS", "Oracle", "RefusedError", "Topology", "unavailable"]
