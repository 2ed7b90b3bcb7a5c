"""Messages of netfilter's netlink subsystems: what is sent and received, and the attributes in it (include/uapi/linux/netfilter)."""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NETFILTER = 12  # NETLINK_NETFILTER, which `socket` does not name
SOL_NETLINK, ADD_MEMBERSHIP = 270, 1
RECEIVE_BUFFER = 33  # SO_RCVBUFFORCE
REQUEST, ACKNOWLEDGE, EXCLUSIVE, DUMP, CREATE = 1, 4, 0x200, 0x300, 0x400
ERROR, DONE = 2, 3
HEADER, SHORT = 16, 4


def attribute(kind: int, data: bytes) -> bytes:
    """One attribute, filled up to a multiple of four bytes."""
    size = SHORT + len(data)
    return struct.pack("=HH", size, kind) + data + b"\0" * (-size & 3)


def nested(kind: int, *parts: bytes) -> bytes:
    """An attribute that holds attributes."""
    return attribute(kind | 0x8000, b"".join(parts))


def attributes(data: bytes, start: int = 0) -> dict[int, bytes]:
    """The attributes in these bytes, by their kind."""
    found = {}
    while start + SHORT <= len(data):
        size, kind = struct.unpack_from("=HH", data, start)
        if size < SHORT:
            break
        found[kind & 0x3FFF] = data[start + SHORT : start + size]
        start += (size + 3) & ~3
    return found


def messages(datagrams: Sequence[bytes], kind: int) -> Iterator[bytes]:
    """The bodies of all messages of one kind, behind the header of nfnetlink."""
    for data in datagrams:
        start = 0
        while start + HEADER <= len(data):
            size, of_kind = struct.unpack_from("=IH", data, start)
            if size < HEADER:
                break
            if of_kind == kind:
                yield data[start + HEADER + 4 : start + size]
            start += (size + 3) & ~3


class Netlink:
    """A socket of netfilter in the namespace where it was made; `groups` are the multicast groups it listens to."""

    def __init__(self, *groups: int) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETFILTER)
        self._socket.setsockopt(socket.SOL_SOCKET, RECEIVE_BUFFER, 32 << 20)
        self._socket.bind((0, 0))
        for group in groups:
            self._socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
        self._socket.setblocking(False)  # noqa: FBT003 - its name says what is set
        self._number = 1

    def send(self, kind: int, body: bytes, *, family: int, flags: int = 0, resource: int = 0) -> None:
        """Send a request; whatever is answered stays in the queue."""
        self._number += 1
        body = struct.pack("!BBH", family, 0, resource) + body
        self._socket.send(struct.pack("=IHHII", HEADER + len(body), kind, REQUEST | flags, self._number, 0) + body)

    def call(self, kind: int, body: bytes, *, family: int = socket.AF_INET, flags: int = 0, resource: int = 0) -> None:
        """Send a request and wait until it is done. Raises OSError if the kernel refuses it."""
        self.drain()
        self.send(kind, body, family=family, flags=flags | ACKNOWLEDGE, resource=resource)
        self._socket.settimeout(5)
        try:
            while True:
                data = self._socket.recv(1 << 20)
                _, of_kind, _, number, _, *_ = struct.unpack_from("=IHHII", data)
                if number == self._number and of_kind == ERROR:
                    (failed,) = struct.unpack_from("=i", data, HEADER)
                    if failed:
                        raise OSError(-failed, os.strerror(-failed))
                    return
        finally:
            self._socket.setblocking(False)  # noqa: FBT003 - its name says what is set

    def drain(self) -> list[bytes]:
        """Everything that has arrived."""
        found: list[bytes] = []
        while True:
            try:
                found.append(self._socket.recv(1 << 18))
            except BlockingIOError:
                return found
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise

    def close(self) -> None:
        self._socket.close()


__all__ = ["CREATE", "EXCLUSIVE", "Netlink", "attribute", "attributes", "messages", "nested"]
