"""state: whether the packet opens a connection or belongs to a known one; the older spelling of `conntrack --ctstate`.

Man page iptables-extensions(8), state; kernel net/netfilter/xt_conntrack.c. iptables-save keeps the spelling of the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.states import PACKET_STATES, listed, states
from iptexplain.model.matching import Field
from iptexplain.model.phrase import Part, Phrase

if TYPE_CHECKING:
    from iptexplain.model.values import Words


class State(Extension):
    """Any of these states will do."""

    NAME: ClassVar[str] = "state"

    state: Given[Words]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--state", "state", listed(PACKET_STATES), negatable=True, field=Field.STATE),)

    def phrases(self) -> tuple[Phrase, ...]:
        """The states."""
        return (Phrase(Part.IF, states(self.state)),)


EXTENSION = State
