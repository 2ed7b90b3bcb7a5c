"""NFLOG: hand a copy of the packet to a program that writes a log, and go on.

Man page iptables-extensions(8), NFLOG; kernel net/netfilter/xt_NFLOG.c. `--nflog-range` never did anything; nft forgets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import LOSSLESS, Dialect, Extension, Option, Words
from iptexplain.extensions.common.numbers import MAX_16, MAX_32, integer
from iptexplain.extensions.common.prefix import copied, log_prefix, shortened
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


_PREFIX = {"nft": 127, "legacy": 63, LOSSLESS: 127}
"""How many bytes of the prefix are kept."""


def _not_0(text: str, most: int = MAX_16) -> int | None:
    """A number, None for 0, which is what it is without the option."""
    return integer(text, most) or None


def _range(text: str) -> int | None:
    return _not_0(text, MAX_32)


class Nflog(Extension):
    """What the entry begins with; which group of listeners gets it; how many bytes of the packet; after how many packets it is sent.

    None: no text, group 0, the whole packet, at once.
    """

    NAME: ClassVar[str] = "NFLOG"

    prefix: str | None = None
    group: int | None = None
    size: int | None = None
    range: int | None = None
    threshold: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--nflog-prefix", "prefix", log_prefix, quote=if_needed, content=Content.PREFIX),
        Option("--nflog-group", "group", _not_0),
        Option("--nflog-size", "size", integer),
        Option("--nflog-range", "range", _range),
        Option("--nflog-threshold", "threshold", _not_0),
    )

    def check(self) -> None:
        """The size of the copy only once."""
        if self.size is not None and self.range is not None:
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """As much as the backend keeps."""
        said = [words for words in super().save(to) if words.keyword != "--nflog-range" or to.backend != "nft"]
        if self.prefix is not None:
            said[0] = said[0]._replace(values=(shortened(self.prefix, _PREFIX[to.backend]),))
        return tuple(said)

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """Who gets the copy, and how much of it; the range does nothing."""
        done = message("hand a copy to the log program of group {group} (NFLOG)", group=self.group or 0)
        return copied(done, prefix=self.prefix, size=self.size, threshold=self.threshold)


EXTENSION = Nflog
