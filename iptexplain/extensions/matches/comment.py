"""comment: a remark; every packet matches.

Man page iptables-extensions(8), comment; kernel net/netfilter/xt_comment.c.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.prefix import cut
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.content import Content

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch

_LONGEST = 255


class Comment(Extension):
    """The remark, without its quotes."""

    NAME: ClassVar[str] = "comment"

    text: str

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--comment", "text", partial(cut, size=_LONGEST), quote=if_needed, content=Content.COMMENT),
    )

    def decide(self) -> tuple[Branch, ...]:
        """Every packet matches."""
        return ()


EXTENSION = Comment
