"""Places with equal fingerprints are answered without a walk: the answers must be those of the walk."""

from __future__ import annotations

import io
import random
import re
from typing import TYPE_CHECKING

import pytest

from bench.generate import write
from iptexplain.analysis import services as services_module
from iptexplain.analysis.services import services
from iptexplain.parsing.reader import read
from tests.dumps import saved_files

if TYPE_CHECKING:
    from pathlib import Path

    from iptexplain.analysis.service_port import DumpServices

FILES = [path for path in saved_files() if re.search(r"external|polic|mixed|h-|ipv6|affinity", str(path)) and ".gz" not in path.name]


def walked(text: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[DumpServices, ...]:
    """The Services with every place walked."""
    with monkeypatch.context() as patch:
        patch.setattr(services_module, "Fingerprints", _Never)
        return services(read("-", text))


class _Never:
    """Finds no two places alike."""

    def __init__(self, *_: object) -> None:
        self.spreads: list[object] = []

    def of(self, _packet: object, _own: object) -> _Never:
        return self

    @property
    def key(self) -> object:
        return object()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_service_port_of_a_dump_is_answered_as_the_walk_does(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes()

    assert [found.ports for found in walked(data, monkeypatch)] == [found.ports for found in services(read("-", data))]


@pytest.mark.parametrize(
    "edit",
    [
        ("-A PREROUTING ", "-A PREROUTING -d 10.96.0.2/32 -j ACCEPT\n-A PREROUTING "),
        ("-A PREROUTING ", "-A PREROUTING -d 10.96.0.0/30 -m set --match-set some src -j RETURN\n-A PREROUTING "),
        ("-A PREROUTING ", "-A PREROUTING -p tcp -m tcp --dport 81 -j ACCEPT\n-A PREROUTING "),
        ("-A PREROUTING ", "-A PREROUTING -s 10.96.0.3/32 -j ACCEPT\n-A PREROUTING "),
        ("-A OUTPUT ", "-A OUTPUT -s 10.96.0.3/32 -j ACCEPT\n-A OUTPUT "),
        ("-A OUTPUT ", "-A OUTPUT -p tcp -m tcp --dport 80 -j SOME\n-A SOME -d 10.96.0.2/32 -j ACCEPT\n-A OUTPUT "),
        ("-A KUBE-SERVICES -d 10.96.0.5/32 ", "-A KUBE-SERVICES -p tcp -j RETURN\n-A KUBE-SERVICES -d 10.96.0.5/32 "),
        ("-A KUBE-SERVICES -d 10.96.0.5/32 ", "-A KUBE-SERVICES -s 10.128.0.0/9 -j ACCEPT\n-A KUBE-SERVICES -d 10.96.0.5/32 "),
        ("-A KUBE-SERVICES -d 10.96.0.5/32 ", "-A KUBE-SERVICES -d 10.96.0.5/32 -j DROP\n-A KUBE-SERVICES -d 10.96.0.5/32 "),
        ("-d 10.96.0.5/32 -p tcp", "-d 10.96.0.x/32 -p tcp"),
        ("! -s 10.128.0.0/9 -d 10.96.0.3/32", "! -s 10.0.0.0/8 -d 10.96.0.3/32"),
        ("! -s 10.128.0.0/9 -d 10.96.0.3/32", "! -s 10.128.0.0/9 -d 10.96.0.4/32"),
        ("-d 10.96.0.5/32 -p tcp", "-d 10.96.0.5/32 -p udp"),
        ("-d 10.96.0.5/32 -p tcp", "-s 10.1.2.3/32 -d 10.96.0.5/32 -p tcp"),
    ],
)
def test_one_place_that_differs_is_not_taken_for_the_others(edit: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    write(out, 8, 3, comments=True, counters=False)
    data = out.getvalue().replace(*edit).encode()
    assert data != out.getvalue().encode()

    assert [found.ports for found in walked(data, monkeypatch)] == [found.ports for found in services(read("-", data))]


def test_dumps_edited_at_random_are_answered_as_the_walk_does(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    write(out, 12, 3, comments=True, counters=False)
    draw = random.Random(5)  # noqa: S311 - a test wants the same numbers again, not secret ones
    extra = ("-j RETURN", "-p tcp -j ACCEPT", "-d 10.96.0.4/30 -j DROP", "-s 10.128.0.0/9 -j RETURN", "-p tcp -m tcp --dport 80 -j SOME")
    for _ in range(150):
        lines = out.getvalue().splitlines()
        rules = [number for number, line in enumerate(lines) if line.startswith("-A ")]
        for _ in range(draw.randint(1, 4)):
            one, other = draw.choice(rules), draw.choice(rules)
            match draw.randrange(4):
                case 0:
                    lines[one], lines[other] = lines[other], lines[one]
                case 1:
                    lines[one] = lines[one].replace(" -j ", draw.choice([" ! -i eth0 -j ", " -m set --match-set some src -j "]), 1)
                case 2:
                    lines[one] = f"{lines[one]}\n{' '.join(lines[one].split()[:2])} {draw.choice(extra)}"
                case _:
                    lines[one] = lines[other]
        data = "".join(f"{line}\n" for line in lines).encode()

        assert [found.ports for found in walked(data, monkeypatch)] == [found.ports for found in services(read("-", data))]


def test_a_large_dump_is_answered_as_the_walk_does(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    write(out, 300, 5, comments=False, counters=True)
    data = out.getvalue().encode()
    (found,) = services(read("-", data))

    assert len(found.ports) == 300
    assert [found.ports] == [one.ports for one in walked(data, monkeypatch)]
