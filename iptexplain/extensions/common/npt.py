"""The two prefixes of SNPT and DNPT."""

from __future__ import annotations

from iptexplain.extensions.common.extension import Option
from iptexplain.model.address import Network
from iptexplain.model.content import Content

_LONGEST = 64


def _prefix(text: str) -> Network:
    """Read `fd00::/48`. The kernel takes no more than 64 bits, and nothing set behind them. Raises ValueError."""
    found = Network.parse(text)
    whole = Network.parse(text.partition("/")[0])
    if found.family != 6 or found.value != whole.value or found.mask.bit_count() > _LONGEST:  # noqa: PLR2004 - IPv6
        raise ValueError(text)
    return found


PREFIX_OPTIONS = (
    Option("--src-pfx", "source", _prefix, content=Content.ADDRESS),
    Option("--dst-pfx", "destination", _prefix, content=Content.ADDRESS),
)
