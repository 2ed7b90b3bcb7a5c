"""The ports of tcp, udp and sctp: `--sport` and `--dport` as options and as constraints."""

from __future__ import annotations

from iptexplain.extensions.common.extension import Option, Words
from iptexplain.model.matching import Field
from iptexplain.model.values import Ports

PORT_OPTIONS = (
    Option("--sport", "sport", Ports.parse, negatable=True, field=Field.SOURCE_PORT, also=("--source-port",)),
    Option("--dport", "dport", Ports.parse, negatable=True, field=Field.DESTINATION_PORT, also=("--destination-port",)),
)


_LAST = 65535


def turned(saved: tuple[Words, ...]) -> tuple[Words, ...]:
    """Options as iptables-nft-save prints them: not one of 0 to N is one above N (iptables/nft-shared.c)."""
    return tuple(map(_turned, saved))


def _turned(words: Words) -> Words:
    if not words.negated or words.keyword not in {"--sport", "--dport"}:
        return words
    first, last = Ports.parse(words.values[0])
    return Words(words.keyword, negated=False, values=(str(Ports(last + 1, _LAST)),)) if first == 0 < last < _LAST else words
