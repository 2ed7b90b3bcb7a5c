"""What a rule does, in a few English words: `jump KUBE-SERVICES`, `drop`, `dnat 10.0.0.1:80`. Traces show them in JSON and in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.model.matching import (
    Broken,
    ChangeSet,
    CopyMark,
    Jump,
    Opaque,
    Queue,
    Reject,
    Remember,
    SetConnectionMark,
    SetMark,
    SetTos,
    SetTtl,
    Translate,
    Untrack,
    Verdict,
)
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Change, Effect
    from iptexplain.source import Message

_WHOLE = 0xFFFFFFFF
DEFAULT_ANSWER = {4: "icmp-port-unreachable", 6: "icmp6-port-unreachable"}
"""What REJECT answers where the rule does not say it (libipt_REJECT.c, libip6t_REJECT.c)."""

_VERDICTS = {
    Verdict.ACCEPT: message("accept"),
    Verdict.DROP: message("drop"),
    Verdict.RETURN: message("return"),
    Verdict.CONTINUE: message("go on"),
}


def effect(what: Effect, family: int) -> Message:
    """The words for an effect; `family` is that of the packet, 4 or 6."""
    match what:
        case Verdict():
            said = _VERDICTS[what]
        case Jump():
            said = message("goto {chain}" if what.goto else "jump {chain}", chain=what.chain)
        case Reject():
            said = message("reject {answer}", answer=what.answer or DEFAULT_ANSWER[family])
        case Translate():
            said = _translation(what)
        case Queue():
            said = message("queue {number}, or go on" if what.bypass else "queue {number}", number=what.number)
        case Opaque():
            said = message("{target}: not known", target=what.name)
        case Broken():
            said = what.what
        case _:
            said = _change(what)
    return said


def _translation(what: Translate) -> Message:
    """DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP, each with what it says of the new address."""
    to = what.to if what.to is not None else what.network if what.network is not None else what.ports
    if to is None:
        return message("{kind}", kind=what.kind.lower())
    return message("{kind} {to}", kind=what.kind.lower(), to=to)


def _change(what: Change) -> Message:
    """What changes something of the packet, its connection or a list, and goes on."""
    match what:
        case SetMark():
            said = message("mark {mark}", mark=what.mark)
        case SetConnectionMark():
            said = message("connection mark {mark}", mark=what.mark)
        case CopyMark():
            said = _copy(what)
        case Untrack():
            said = message("do not track")
        case SetTtl(to=None):
            said = message("ttl {more:+d}", more=what.more)
        case SetTtl():
            said = message("ttl {to}", to=what.to)
        case SetTos():
            said = message("tos {value:#04x}/{mask:#04x}", value=what.value, mask=what.mask)
        case ChangeSet():
            text = N_("put {parts} into set {name}") if what.put else N_("take {parts} out of set {name}")
            said = message(text, parts=",".join(what.directions), name=what.name)
        case Remember():
            said = message("put on list {name}" if what.on else "take off list {name}", name=what.name)
    return said


def _copy(what: CopyMark) -> Message:
    if (what.packet_mask, what.connection_mask) == (_WHOLE, _WHOLE):
        return message("save mark" if what.save else "restore mark")
    masks = {"packet": f"{what.packet_mask:#x}", "connection": f"{what.connection_mask:#x}"}
    return message("save mark {packet} as {connection}" if what.save else "restore mark {connection} as {packet}", **masks)
