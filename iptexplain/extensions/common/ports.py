"""The ports of tcp, udp and sctp: `--sport` and `--dport` as options and as constraints."""

from __future__ import annotations

from iptexplain.extensions.common.extension import Option
from iptexplain.model.matching import Field
from iptexplain.model.values import Ports

PORT_OPTIONS = (
    Option("--sport", "sport", Ports.parse, negatable=True, field=Field.SOURCE_PORT, also=("--source-port",)),
    Option("--dport", "dport", Ports.parse, negatable=True, field=Field.DESTINATION_PORT, also=("--destination-port",)),
)
