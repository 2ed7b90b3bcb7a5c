"""comment: a remark; every packet matches.

Man page iptables-extensions(8), comment; kernel net/netfilter/xt_comment.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option


class Comment(Extension):
    """The remark, without its quotes."""

    text: str = ""

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--comment", "text", str),)


EXTENSION = Comment
