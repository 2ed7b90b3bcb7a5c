"""What the user names is opened in the same way, whatever it holds: a path, a stream, bytes."""

from __future__ import annotations

import gzip
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from iptexplain.api import load_ip_addr, load_ip_route, load_node, load_packets
from iptexplain.errors import UnreadableInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

    Load = Callable[[str | Path | bytes | BinaryIO], object]


def load_all_packets(what: str | Path | bytes | BinaryIO) -> object:
    return list(load_packets(what))


LOADERS: list[tuple[Load, bytes, bytes]] = [
    (load_node, b'{"interfaces": {"eth0": {}}}', b"[]"),
    (load_ip_addr, b"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    link/loopback 00:00:00:00:00:00\n", b"eth0"),
    (load_ip_route, b'[{"dst": "default", "dev": "eth0", "flags": []}]', b"everywhere"),
    (load_all_packets, b'{"src": "10.0.0.1", "dst": "10.0.0.2"}\n', b'{"src": "10.0.0.1"}'),
]


@pytest.mark.parametrize(("load", "good", "bad"), LOADERS)
def test_paths_streams_bytes_and_gzip_are_read_alike(load: Load, good: bytes, bad: bytes, tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(good)
    expected = load(good)

    assert expected == load(path) == load(str(path)) == load(BytesIO(good)) == load(gzip.compress(good))
    assert expected
    with pytest.raises(UnreadableInputError, match=r"^-:"):
        load(bad)


@pytest.mark.parametrize("load", [load for load, _, _ in LOADERS])
def test_a_file_that_is_not_there_is_told(load: Load, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"absent: No such file or directory"):
        load(tmp_path / "absent")
