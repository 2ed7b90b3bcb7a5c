"""A packet of which only some things are known, and all the ways in which a table may end its way.

What is not known may be either way, each time that a rule asks: so there may be too many ends among the `endings`, but none is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.walk import FORGOTTEN, Path
from iptexplain.errors import TooManyCasesError
from iptexplain.lint.common.contradiction import contradiction
from iptexplain.model.address import Network
from iptexplain.model.matching import ANY_PORT, Constraint, CopyMark, Field, Opaque, Question, Reject, SetMark, Translate, Verdict
from iptexplain.model.ruleset import ChainName
from iptexplain.model.share import ONE
from iptexplain.model.values import TCP_FLAGS, Interface, Mark, Ports, TcpFlags, Words
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iptexplain.analysis.walk import Outcome, Walker
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Change, Wanted
    from iptexplain.model.ruleset import Rule, Table

_NUMBERS = {"tcp": "6", "udp": "17", "sctp": "132"}
_ANY_PROTOCOL = frozenset({"all", "0"})
_POLICIES = {"ACCEPT": Verdict.ACCEPT, "DROP": Verdict.DROP}
_NOT_MARKED = Mark(0, 0)
_LOOPBACK = Network.parse("127.0.0.0/8")


class Partial(NamedTuple):
    """A packet that meets the demands `known`, if it is asked for one of their fields; a `State` of the walk.

    `protocol` None: not known. `marked` are the bits of its mark that are known.
    """

    known: tuple[Constraint, ...]
    protocol: str | None = None
    marked: Mark = _NOT_MARKED

    @property
    def mark(self) -> int:
        """The bits of the mark that are known to be set."""
        return self.marked.value

    @property
    def destination(self) -> Address | None:
        """The destination, where one address is known."""
        for field, wanted, negated in self.known:
            if field is Field.DESTINATION and not negated and isinstance(wanted, Network):
                return wanted.single
        return None

    @property
    def destination_port(self) -> int:
        """No port in particular, so that no rule is passed over."""
        return ANY_PORT

    def comes_from_none_of(self, addresses: Collection[str]) -> bool:
        """Nothing is certain of the source but where there is no address to be."""
        return not addresses

    def test(self, field: Field, wanted: Wanted) -> bool | Question:
        """Is the field in the set, as far as what is known proves it."""
        if field is Field.PROTOCOL and self.protocol is not None and isinstance(wanted, str):
            return wanted in {self.protocol, _NUMBERS.get(self.protocol), *_ANY_PROTOCOL}
        known = [one for one in self.known if one.field is field]
        if field is Field.MARK:
            known = [Constraint(field, self.marked)]
        if contradiction([*known, Constraint(field, wanted)]) is not None:
            return False
        if contradiction([*known, Constraint(field, wanted, negated=True)]) is not None:
            return True
        return Question("packet", message("the {field} is {wanted}", field=message(field.value), wanted=str(wanted)))

    def changed(self, change: Change) -> Partial:
        """The packet with another mark; other changes are about what is not known of it."""
        if isinstance(change, SetMark):
            value, mask = change.mark
            known = self.marked.mask | mask
            return self._replace(marked=Mark(((self.marked.value & ~mask) ^ value) & known, known))
        if isinstance(change, CopyMark) and not change.save:
            return self._replace(marked=_NOT_MARKED)
        return self

    def learned(self, question: Question, answer: bool) -> Partial:  # noqa: ARG002, FBT001 - as the walk calls it
        """The same packet: what is asked once may be otherwise the next time."""
        return self


def arriving(protocol: str, port: int, *more: Constraint) -> Partial:
    """The first packet of a connection from another machine to a port, as far as the port and `more` tell it."""
    known = [Constraint(Field.DESTINATION_PORT, Ports(port, port)), Constraint(Field.STATE, Words(("NEW",)))]
    known += [Constraint(Field.IN, Interface("lo", prefix=False), negated=True), Constraint(Field.SOURCE, _LOOPBACK, negated=True)]
    if protocol == "tcp":
        known.append(Constraint(Field.TCP_FLAGS, TcpFlags(frozenset(TCP_FLAGS), frozenset({"SYN"}))))
    return Partial((*known, *more), protocol)


class Ending(NamedTuple):
    """One way in which a table may end the way of a packet: what happens, and the rules it has matched, the last one first.

    With `by_policy` no rule has ended it, but the policy of the built-in chain.
    """

    effect: object
    rules: tuple[Rule, ...]
    by_policy: bool

    @property
    def refuses(self) -> bool:
        """Is the packet dropped, or refused."""
        return self.effect is Verdict.DROP or isinstance(self.effect, Reject)

    @property
    def masquerades(self) -> bool:
        """Does the packet get another source."""
        return isinstance(self.effect, Translate) and self.effect.kind in {"MASQUERADE", "SNAT"}


def endings(walker: Walker, start: str, packet: Partial) -> Sequence[Ending]:
    """All ways in which a table may end the way of a packet from a built-in chain on; empty if they are too many.

    Of several packets each is walked by the same walker, which remembers the chains.
    """
    try:
        outcomes = walker.walk_paths(start, [Path(packet, ONE, FORGOTTEN)])
    except TooManyCasesError:
        return ()
    return [_ending(walker.table, start, outcome) for outcome in outcomes]


def _ending(table: Table, start: str, outcome: Outcome) -> Ending:
    rules = tuple(outcome.path.trail.rules()) if outcome.path.trail is not None else ()
    if outcome.effect is not Verdict.RETURN:
        return Ending(outcome.effect, rules, by_policy=False)
    chain = table.chains.get(ChainName(start))
    policy = chain.policy if chain is not None else None
    return Ending(_POLICIES.get(policy or "", Opaque("")), rules, by_policy=True)


def all_refused(ends: Sequence[Ending]) -> bool:
    """Is it proven that the packet is refused."""
    return bool(ends) and all(end.refuses for end in ends)


def all_accepted(ends: Sequence[Ending]) -> bool:
    """Is it proven that the packet is accepted."""
    return bool(ends) and all(end.effect is Verdict.ACCEPT for end in ends)
