"""The options that need no match: addresses, interfaces, protocol, fragments.

Man page iptables(8), PARAMETERS; kernel net/ipv4/netfilter/ip_tables.c `ip_packet_match`, net/ipv6/netfilter/ip6_tables.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.address import Network
from iptexplain.model.matching import Field
from iptexplain.model.values import Interface


class Base(Extension):
    """`-s`, `-d`, `-i`, `-o`, `-p`, `-f`; None where the rule does not say."""

    source: Given[Network] | None = None
    destination: Given[Network] | None = None
    input: Given[Interface] | None = None
    output: Given[Interface] | None = None
    protocol: Given[str] | None = None
    fragment: Given[bool] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("-s", "source", Network.parse, negatable=True, field=Field.SOURCE),
        Option("-d", "destination", Network.parse, negatable=True, field=Field.DESTINATION),
        Option("-i", "input", Interface.parse, negatable=True, field=Field.IN),
        Option("-o", "output", Interface.parse, negatable=True, field=Field.OUT),
        Option("-p", "protocol", str, negatable=True, field=Field.PROTOCOL),
        Option("-f", "fragment", negatable=True, field=Field.FRAGMENT),
    )


EXTENSION = Base
