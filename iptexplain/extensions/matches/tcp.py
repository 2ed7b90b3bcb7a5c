"""tcp: ports, flags and options of TCP.

Man page iptables-extensions(8), tcp; kernel net/netfilter/xt_tcpudp.c. A TCP option is a question: a packet is described without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import LOSSLESS, Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_8, MAX_16, but_everything, integers
from iptexplain.extensions.common.phrases import of_constraint
from iptexplain.extensions.common.ports import PORT_OPTIONS, turned
from iptexplain.model.matching import Branch, Field, Question, either
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import TCP_FLAGS, Ports, TcpFlags
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _flags(looked_at: str, wanted: str) -> TcpFlags:
    """In upper or lower case, `ALL` and `NONE` among others, with commas too many: as iptables takes them."""
    return TcpFlags(_set(looked_at), _set(wanted))


def _set(text: str) -> frozenset[str]:
    found: set[str] = set()
    for flag in filter(None, text.upper().split(",")):
        if flag == "ALL":
            found.update(TCP_FLAGS)
        elif flag in TCP_FLAGS:
            found.add(flag)
        elif flag != "NONE":
            raise ValueError(text)
    return frozenset(found)


def _syn() -> TcpFlags:
    """What a packet that opens a connection has: SYN, and none of ACK, RST and FIN."""
    return TcpFlags(frozenset({"FIN", "SYN", "RST", "ACK"}), frozenset({"SYN"}))


class Tcp(Extension):
    """Ports, flags, the number of a TCP option; None where the rule does not say."""

    NAME: ClassVar[str] = "tcp"

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None
    flags: Given[TcpFlags] | None = None
    option: Given[int] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *PORT_OPTIONS,
        Option("--tcp-option", "option", integers(MAX_8, 1), negatable=True),
        Option("--tcp-flags", "flags", _flags, negatable=True, field=Field.TCP_FLAGS, write=TcpFlags.words, words=2),
        Option("--syn", "flags", _syn, negatable=True, words=0),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without all ports, even where `!` stands before them; without flags that are not looked at, unless legacy has `!` before them."""
        if to.backend == LOSSLESS:
            return super().save(to)
        found = but_everything(but_everything(super().save(to), "--sport", MAX_16), "--dport", MAX_16)
        found = turned(found) if self._native(to) else found
        if self.flags is None or self.flags.value.looked_at or (self.flags.negated and not self._native(to)):
            return found
        return tuple(words for words in found if words.keyword != "--tcp-flags")

    def _native(self, to: Dialect) -> bool:
        """Is the match made of nft's own expressions, of which there is none for the option."""
        return to.backend == "nft" and self.option is None

    def vanishes(self, to: Dialect) -> bool:
        """Nft keeps `-m tcp` if nothing was asked, but loses it if all that was asked is for example `! --sport 0:65535`."""
        if not self._native(to) or self.save(to):
            return False
        asked = any(given is not None and given.negated for given in (self.sport, self.dport, self.flags))
        return asked or (self.flags is not None and bool(self.flags.value.wanted))

    def decide(self) -> tuple[Branch, ...]:
        """The option is not known."""
        if self.option is None:
            return ()
        question = Question("tcp", message("the packet has TCP option {number}", number=self.option.value))
        return either(question, negated=self.option.negated)

    def phrases(self) -> tuple[Phrase, ...]:
        """Ports, flags, a TCP option."""
        found = [of_constraint(one) for one in self.constraints() if one.field is not Field.TCP_FLAGS]
        if self.flags is not None:
            found.append(Phrase(Part.IF, _said(self.flags.value, negated=self.flags.negated)))
        if self.option is not None:
            text = N_("without TCP option {number}") if self.option.negated else N_("with TCP option {number}")
            found.append(Phrase(Part.IF, message(text, number=self.option.value)))
        return tuple([one for one in found if one is not None])


def _said(flags: TcpFlags, *, negated: bool) -> Message:
    """Which flags must be set and which must not."""
    if flags == _syn():
        return message("not opening a connection (SYN)") if negated else message("opening a connection (SYN)")
    wanted, others = (", ".join(flag for flag in TCP_FLAGS if flag in part) for part in (flags.wanted, flags.looked_at - flags.wanted))
    if not flags.wanted <= flags.looked_at:
        return message("whatever its TCP flags") if negated else message("with TCP flags that no packet has")
    if not others:
        templates = _NOTHING_ASKED if not wanted else _ONE_SET if len(flags.wanted) == 1 else _ALL_SET
        return message(templates[negated], flags=wanted)
    if not wanted:
        return message(_NONE_SET[negated], flags=others)
    looked_at = ", ".join(flag for flag in TCP_FLAGS if flag in flags.looked_at)
    return message(_SOME_SET[negated], flags=wanted, others=others, looked_at=looked_at)


_ONE_SET = N_("with TCP flag {flags} set"), N_("with TCP flag {flags} not set")
_ALL_SET = N_("with all of the TCP flags {flags} set"), N_("not with all of the TCP flags {flags} set")
_NONE_SET = N_("with none of the TCP flags {flags} set"), N_("with any of the TCP flags {flags} set")
_SOME_SET = N_("with TCP flags {flags} set and {others} not set"), N_("with not exactly {flags} set of the TCP flags {looked_at}")
_NOTHING_ASKED = N_("whatever its TCP flags"), N_("with TCP flags that no packet has")
"""What is asked of the flags, and the opposite."""

EXTENSION = Tcp
