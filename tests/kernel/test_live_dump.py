"""Rules from a file, loaded into the kernel and saved again, are told the same."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.checkout import ROOT
from tests.command import Json, run, services_in

pytestmark = pytest.mark.kernel

FILE = "tests/data/kube-proxy/1.30.3/i-mixed-cluster.v4.save"
TOOLS = ("ip", "iptables-nft-restore", "iptables-nft-save")


def called(*command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=stdin, check=False, capture_output=True, timeout=60)


def unplaced(document: Json) -> list[Json]:
    """The Service ports without file names and line numbers: the kernel keeps neither."""
    drop = {"file", "line"}
    found: list[Json] = json.loads(
        json.dumps(document["service_ports"]), object_hook=lambda o: {k: v for k, v in o.items() if k not in drop}
    )
    return found


def test_rules_in_the_kernel_are_told_as_in_the_file(namespace: str) -> None:
    inside = ("ip", "netns", "exec", namespace)
    loaded = called(*inside, "iptables-nft-restore", stdin=(ROOT / FILE).read_bytes())
    if loaded.returncode:
        pytest.skip(f"the kernel does not take the rules: {loaded.stderr.decode(errors='replace').strip()[:200]}")
    saved = called(*inside, "iptables-nft-save")
    done = run("services", "-f", "json", stdin=saved.stdout)
    document = json.loads(done.out)

    assert (saved.returncode, done.status, done.err) == (0, 0, "")
    assert document["warnings"] == []
    assert unplaced(document) == unplaced(services_in(FILE))
