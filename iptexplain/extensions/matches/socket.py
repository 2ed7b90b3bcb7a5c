"""socket: is there a program on this machine that has a socket for the packet.

Man page iptables-extensions(8), socket; kernel net/netfilter/xt_socket.c. Without options too it asks for a socket; proxies use it to
find the packets of their connections.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message


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

    def phrases(self) -> tuple[Phrase, ...]:
        """Which socket there is for the packet."""
        found = [message(_SOCKETS[self.transparent, self.no_wildcard])]
        if self.restore_mark:
            found.append(message("giving it the mark of that socket"))
        return tuple([Phrase(Part.IF, text) for text in found])


_SOCKETS = {
    (False, False): N_("there is a local socket for it, not one bound to all addresses"),
    (False, True): N_("there is a local socket for it"),
    (True, False): N_("there is a transparent local socket for it, not one bound to all addresses"),
    (True, True): N_("there is a transparent local socket for it"),
}
"""By `transparent` and `no_wildcard`."""

EXTENSION = Socket
