"""sctp: the ports of SCTP, and which chunks the packet holds.

Man page iptables-extensions(8), sctp; kernel net/netfilter/xt_sctp.c. Chunks are a question: a packet is described without them.
iptables-save prints all ports as `0:65535` here, unlike for tcp and udp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.phrases import of_constraint
from iptexplain.extensions.common.ports import PORT_OPTIONS
from iptexplain.model.matching import Branch, Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from iptexplain.model.values import Ports
    from iptexplain.source import Message


_TYPES = (
    *("DATA", "INIT", "INIT_ACK", "SACK", "HEARTBEAT", "HEARTBEAT_ACK", "ABORT", "SHUTDOWN", "SHUTDOWN_ACK", "ERROR", "COOKIE_ECHO"),
    *("COOKIE_ACK", "ECN_ECNE", "ECN_CWR", "SHUTDOWN_COMPLETE", "I_DATA", "ASCONF_ACK", "RE_CONFIG", "PAD", "FORWARD_TSN", "ASCONF"),
    "I_FORWARD_TSN",
)
"""Chunk types in the order of their numbers, as iptables-save prints them."""
_FLAGS = {"DATA": "IUBE", "I_DATA": "IUBE", "ABORT": "T", "SHUTDOWN_COMPLETE": "T"}


class Chunks(NamedTuple):
    """`any DATA:Be,INIT`: chunk types with flags that must be set (`B`) or not (`e`), and how many of them must be there."""

    how: str
    types: tuple[str, ...]

    @classmethod
    def parse(cls, how: str, types: str) -> Chunks:
        """Read the two words. Raises ValueError."""
        if how.lower() not in {"all", "any", "only"}:
            raise ValueError(how)
        if types.upper() in {"ALL", "NONE"}:
            return cls(how.lower(), (types.upper(),))
        flags: dict[str, str] = {}
        for said in filter(None, types.split(",")):
            name, _, letters = said.partition(":")
            flags[name.upper()] = flags.get(name.upper(), "") + letters
        if not flags.keys() <= set(_TYPES):
            raise ValueError(types)
        return cls(how.lower(), tuple([_with_flags(name, flags[name]) for name in _TYPES if name in flags]) or ("NONE",))

    def words(self) -> tuple[str, str]:
        """The two words of iptables-save."""
        return self.how, ",".join(self.types)

    def __str__(self) -> str:
        return " ".join(self.words())


def _with_flags(name: str, letters: str) -> str:
    """A flag said twice must be set if one of them is in upper case. libxt_sctp.c loses those of I_DATA."""
    known = _FLAGS.get(name, "")
    if not set(letters.upper()) <= set(known):
        raise ValueError(name, letters)
    found = "".join(flag if flag in letters else flag.lower() for flag in known if flag in letters.upper())
    return f"{name}:{found}" if found and name != "I_DATA" else name


class Sctp(Extension):
    """Source and destination ports, chunk types; None where the rule does not say."""

    NAME: ClassVar[str] = "sctp"

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None
    chunks: Given[Chunks] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *PORT_OPTIONS,
        Option("--chunk-types", "chunks", Chunks.parse, negatable=True, write=Chunks.words, words=2),
    )

    def decide(self) -> tuple[Branch, ...]:
        """The chunks are not known."""
        if self.chunks is None:
            return ()
        question = Question("sctp", message("the packet holds SCTP chunks {chunks}", chunks=str(self.chunks.value)))
        return either(question, negated=self.chunks.negated)

    def phrases(self) -> tuple[Phrase, ...]:
        """Ports; which chunks."""
        found = [said for one in self.constraints() if (said := of_constraint(one)) is not None]
        if self.chunks is not None:
            how, types = self.chunks.value
            one = len(types) == 1 and how != "only"
            text = _EVERY[how] if types == ("ALL",) else _NOTHING[how] if types == ("NONE",) else _ONE if one else _CHUNKS[how]
            found.append(Phrase(Part.IF, message(text[self.chunks.negated], chunks=all_of([_said(one) for one in types]))))
        return tuple(found)


def _said(chunk: str) -> Message:
    """A chunk type, and which of its flags must be set and which must not."""
    name, _, flags = chunk.partition(":")
    if not flags:
        return verbatim(name)
    wanted = ", ".join(flag for flag in flags if flag.isupper())
    others = ", ".join(flag.upper() for flag in flags if flag.islower())
    text = N_("{type} (flags {wanted} set, {others} not set)") if wanted and others else _FLAGS_SET if wanted else _FLAGS_NOT_SET
    return message(text, type=name, wanted=wanted, others=others)


_FLAGS_SET, _FLAGS_NOT_SET = N_("{type} (flags {wanted} set)"), N_("{type} (flags {others} not set)")
_ONE = N_("with the SCTP chunk {chunks}"), N_("without the SCTP chunk {chunks}")
_CHUNKS = {
    "any": (N_("with any of the SCTP chunks {chunks}"), N_("with none of the SCTP chunks {chunks}")),
    "all": (N_("with all of the SCTP chunks {chunks}"), N_("not with all of the SCTP chunks {chunks}")),
    "only": (N_("with SCTP chunks {chunks} alone"), N_("with SCTP chunks other than {chunks}")),
}
_EVERY = {
    "any": (N_("with any SCTP chunk"), N_("without any SCTP chunk")),
    "all": (N_("with SCTP chunks of all types"), N_("not with SCTP chunks of all types")),
    "only": (N_("with SCTP chunks of any types"), N_("with SCTP chunks of no type")),
}
_NOTHING = {
    "any": (N_("with SCTP chunks of no type"), N_("with SCTP chunks of any types")),
    "all": (N_("with SCTP chunks of any types"), N_("with SCTP chunks of no type")),
    "only": (N_("without any SCTP chunk"), N_("with any SCTP chunk")),
}
"""What is asked, and the opposite."""

EXTENSION = Sctp
