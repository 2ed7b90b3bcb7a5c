"""The options that need no match: addresses, interfaces, protocol, fragments.

Man page iptables(8), PARAMETERS; kernel net/ipv4/netfilter/ip_tables.c `ip_packet_match`, net/ipv6/netfilter/ip6_tables.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.model import names
from iptexplain.model.address import Network
from iptexplain.model.content import Content
from iptexplain.model.matching import Field
from iptexplain.model.values import Interface


class Base(Extension):
    """`-s`, `-d`, `-i`, `-o`, `-p`, `-f`; None where the rule does not say."""

    NAME: ClassVar[str] = ""

    source: Given[Network] | None = None
    destination: Given[Network] | None = None
    input: Given[Interface] | None = None
    output: Given[Interface] | None = None
    protocol: Given[str] | None = None
    fragment: Given[bool] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("-s", "source", Network.parse, negatable=True, field=Field.SOURCE, also=("--source", "--src"), content=Content.ADDRESS),
        Option(
            "-d",
            "destination",
            Network.parse,
            negatable=True,
            field=Field.DESTINATION,
            also=("--destination", "--dst"),
            content=Content.ADDRESS,
        ),
        Option("-i", "input", Interface.parse, negatable=True, field=Field.IN, also=("--in-interface",), content=Content.INTERFACE),
        Option("-o", "output", Interface.parse, negatable=True, field=Field.OUT, also=("--out-interface",), content=Content.INTERFACE),
        Option("-p", "protocol", names.protocol, negatable=True, field=Field.PROTOCOL, also=("--protocol",)),
        Option("-f", "fragment", negatable=True, field=Field.FRAGMENT, also=("--fragments",)),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without what every packet is: any address, any interface (legacy forgets even `! -i +`), any protocol."""
        return tuple(words for words in super().save(to) if not _says_nothing(words, to))


def _says_nothing(words: Words, to: Dialect) -> bool:
    match words.keyword, words.values:
        case (("-i" | "-o"), ("+",)):
            return not words.negated or to.backend == "legacy"
        case (("-s" | "-d"), (address,)):
            return not words.negated and address.endswith("/0")
        case "-p", ("all",):
            return not words.negated
        case _:
            return False


EXTENSION = Base
