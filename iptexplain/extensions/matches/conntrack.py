"""conntrack: what connection tracking knows of the packet's flow.

Man page iptables-extensions(8), conntrack; kernel net/netfilter/xt_conntrack.c. Only the state is a constraint here; original and reply
addresses, status and lifetime are questions.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.address import Network
from iptexplain.model.matching import Branch, Field, Question, either
from iptexplain.model.values import Ports, Words
from iptexplain.source import message


class Conntrack(Extension):
    """All options of `-m conntrack`; None where the rule does not say."""

    state: Given[Words] | None = None
    protocol: Given[str] | None = None
    original_source: Given[Network] | None = None
    original_destination: Given[Network] | None = None
    reply_source: Given[Network] | None = None
    reply_destination: Given[Network] | None = None
    original_source_port: Given[Ports] | None = None
    original_destination_port: Given[Ports] | None = None
    reply_source_port: Given[Ports] | None = None
    reply_destination_port: Given[Ports] | None = None
    status: Given[Words] | None = None
    expire: Given[str] | None = None
    direction: str | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--ctstate", "state", Words.parse, negatable=True, field=Field.STATE),
        Option("--ctproto", "protocol", str, negatable=True),
        Option("--ctorigsrc", "original_source", Network.parse, negatable=True),
        Option("--ctorigdst", "original_destination", Network.parse, negatable=True),
        Option("--ctreplsrc", "reply_source", Network.parse, negatable=True),
        Option("--ctrepldst", "reply_destination", Network.parse, negatable=True),
        Option("--ctorigsrcport", "original_source_port", Ports.parse, negatable=True),
        Option("--ctorigdstport", "original_destination_port", Ports.parse, negatable=True),
        Option("--ctreplsrcport", "reply_source_port", Ports.parse, negatable=True),
        Option("--ctrepldstport", "reply_destination_port", Ports.parse, negatable=True),
        Option("--ctstatus", "status", Words.parse, negatable=True),
        Option("--ctexpire", "expire", str, negatable=True),
        Option("--ctdir", "direction", str),
    )

    def decide(self) -> tuple[Branch, ...]:
        """Everything but the state is not known."""
        rest = [words for words in self.save() if words.keyword != "--ctstate"]
        if not rest:
            return ()
        text = " ".join(f"{'! ' if o.negated else ''}{' '.join((o.keyword, *o.values))}" for o in rest)
        question = Question("conntrack", message("the connection is as {words} asks", words=text))
        return either(question)


EXTENSION = Conntrack
