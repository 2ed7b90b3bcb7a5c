"""comment: a remark; every packet matches.

Man page iptables-extensions(8), comment; kernel net/netfilter/xt_comment.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.quoting import if_needed

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch

_LONGEST = 255


def _cut(text: str) -> str:
    """As much of it as a rule has room for, in bytes: iptables drops the rest and says nothing."""
    return text.encode("utf-8", "surrogateescape")[:_LONGEST].decode("utf-8", "surrogateescape")


class Comment(Extension):
    """The remark, without its quotes."""

    NAME: ClassVar[str] = "comment"

    text: str

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--comment", "text", _cut, quote=if_needed),)

    def decide(self) -> tuple[Branch, ...]:
        """Every packet matches."""
        return ()


EXTENSION = Comment
