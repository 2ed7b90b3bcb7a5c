"""socket: is there a program on this machine that has a socket for the packet.

Man page iptables-extensions(8), socket; kernel net/netfilter/xt_socket.c. Without options too it asks for a socket; proxies use it to
find the packets of their connections.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option


class Socket(Extension):
    """Only sockets bound to foreign addresses; also those bound to any address; and the packet gets the socket's mark."""

    NAME: ClassVar[str] = "socket"

    transparent: bool = False
    no_wildcard: bool = False
    restore_mark: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--transparent", "transparent"),
        Option("--nowildcard", "no_wildcard"),
        Option("--restore-skmark", "restore_mark"),
    )


EXTENSION = Socket
