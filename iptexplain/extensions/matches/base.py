"""The options that need no match: addresses, interfaces, protocol, fragments.

Man page iptables(8), PARAMETERS; kernel net/ipv4/netfilter/ip_tables.c `ip_packet_match`, net/ipv6/netfilter/ip6_tables.c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.address import Network
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.values import Interface


@dataclass(frozen=True, slots=True)
class Base(Extension):
    """`-s`, `-d`, `-i`, `-o`, `-p`, `-f`; None where the rule does not say."""

    source: Given[Network] | None = None
    destination: Given[Network] | None = None
    input: Given[Interface] | None = None
    output: Given[Interface] | None = None
    protocol: Given[str] | None = None
    fragment: Given[bool] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("-s", "source", Network.parse, negatable=True),
        Option("-d", "destination", Network.parse, negatable=True),
        Option("-i", "input", Interface.parse, negatable=True),
        Option("-o", "output", Interface.parse, negatable=True),
        Option("-p", "protocol", str, negatable=True),
        Option("-f", "fragment", negatable=True),
    )

    def constraints(self) -> tuple[Constraint, ...]:
        """One for each option."""
        pairs = (
            (Field.SOURCE, self.source),
            (Field.DESTINATION, self.destination),
            (Field.IN, self.input),
            (Field.OUT, self.output),
            (Field.PROTOCOL, self.protocol),
        )
        found = [Constraint(field, given.value, given.negated) for field, given in pairs if given is not None]
        if self.fragment is not None:
            found.append(Constraint(Field.FRAGMENT, None, self.fragment.negated))
        return tuple(found)


EXTENSION = Base
