"""Helper of the tests of checks that look at more of a node than one dump."""

from __future__ import annotations

from iptexplain.api import load, load_ip_addr, load_ipset
from iptexplain.lint.beside import Beside
from iptexplain.lint.registry import check
from iptexplain.lint.runner import Report, lint


def report(  # noqa: PLR0913 - one for each input that a node gives
    text: str, code: str, *, backend: str | None = None, ip6: str | None = None, ipset: str | None = None, addr: str | None = None
) -> Report:
    """What one check says of a text with the rest of the node beside it."""
    beside = Beside(
        sets=None if ipset is None else load_ipset(ipset.encode(), may_be_empty=True),
        links=None if addr is None else load_ip_addr(addr.encode()),
        backend=None if backend is None else load(backend.encode()),
        ip6=None if ip6 is None else load(ip6.encode()),
    )
    return lint(load(text.encode()), [check(code)], beside)


def said_of(  # noqa: PLR0913 - as above
    text: str, code: str, *, backend: str | None = None, ip6: str | None = None, ipset: str | None = None, addr: str | None = None
) -> list[str]:
    """The same as lines: `severity line: sentence`."""
    found = report(text, code, backend=backend, ip6=ip6, ipset=ipset, addr=addr).findings
    return [f"{one.severity} {one.place.line}: {one.place.message.english()}" for one in found]


def links(addresses: dict[str, str]) -> str:
    """What `ip addr` prints of a node with `lo` and interfaces that have an address with its length each."""
    lines = []
    for number, (link, address) in enumerate({"lo": "127.0.0.1/8", **addresses}.items(), 1):
        lines += [
            f"{number}: {link}: <{'LOOPBACK' if link == 'lo' else 'BROADCAST,MULTICAST'},UP,LOWER_UP> mtu 1500 qdisc noqueue state UP",
            f"    link/{'loopback 00:00:00:00:00:00' if link == 'lo' else f'ether 02:00:00:00:00:{number:02}'}",
            f"    {'inet6' if ':' in address else 'inet'} {address} scope {'host' if link == 'lo' else 'global'} {link}",
        ]
    return "\n".join(lines) + "\n"
