"""A packet's whole way through the node: the hooks in the kernel's order, and between them connection tracking, nat and routing.

Each stage takes the paths that have come so far and gives back those that go on; what ends is a `Fate`. Equal states are merged behind each
table. The order of the tables is that of the hooks' priorities (include/uapi/linux/netfilter_ipv4.h; security stands elsewhere in
iptables-nft: nft-shared and nft.c register it at 150, legacy at 50). Checked against the kernel by tests/kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from iptexplain.analysis.trace import fate, nat, routing, scene
from iptexplain.analysis.trace.addresses import local_address, question_local
from iptexplain.analysis.trace.proofs import UNKNOWN, Proofs
from iptexplain.analysis.trace.reject import answer_of
from iptexplain.analysis.trace.routing import Deliver, Refuse, Send
from iptexplain.analysis.trace.scene import Ground, Scene, is_loopback
from iptexplain.analysis.trace.state import Moving
from iptexplain.analysis.trace.tracking import UNSEEN, first_look
from iptexplain.analysis.trace.unknown import ANY_NUMBER, NO_DEVICE, OUTSIDE_DEVICE, Device, Some
from iptexplain.analysis.trace.walker import THE_REST, KernelWalker
from iptexplain.analysis.walk import FORGOTTEN, Path, answered, either_way, simplest
from iptexplain.analysis.walk import answers as possible_answers
from iptexplain.model.address import IPV4, IPV6
from iptexplain.model.matching import Question, Queue, Reject, Translate, Verdict
from iptexplain.model.node import LOOPBACK
from iptexplain.model.packet import ICMP, ICMPV6, UNSAID, WITH_PORTS, Connection, Place
from iptexplain.model.ruleset import BUILT_IN_OF, ChainName
from iptexplain.model.share import ONE
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from iptexplain.analysis.spread import Spread
    from iptexplain.analysis.trace.fate import Fate, Trace
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Effect
    from iptexplain.model.node import Node
    from iptexplain.model.packet import Packet
    from iptexplain.model.ruleset import Dump

T = TypeVar("T")


class Tracer:
    """Traces packets through one dump on one node; `node` None: nothing is known but what the dump proves.

    `answer` gives the answer to questions that the caller knows, None for others. `at` is the time for rules that ask for it.
    """

    def __init__(
        self,
        dump: Dump,
        node: Node | None = None,
        *,
        answer: Callable[[Question], bool | None] = lambda _: None,
        at: datetime | None = None,
    ) -> None:
        """See the class."""
        self.dump = dump
        self.backend = dump.backend or "nft"
        self.at = at
        self.answer = answer
        self.walkers = {table.name: KernelWalker(table, answer, nft=self.backend != "legacy") for table in dump.tables}
        self._policies: dict[tuple[str, str], tuple[str | None, int]] = {}
        node = UNKNOWN if node is None else node
        self.proofs = Proofs(dump, self.walkers, node.sets)
        self.ground = Ground(node, self.proofs.local)

    def policy(self, table: str, hook: str) -> tuple[str | None, int]:
        """The policy of a base chain, None if the dump does not say it, and its line."""
        found = self._policies.get((table, hook))
        if found is None:
            chain = self.walkers[table].table.chains.get(ChainName(hook))
            found = self._policies[table, hook] = (None, 0) if chain is None else (chain.policy, chain.line)
        return found

    def outline(self, packet: Packet) -> tuple[Trace, tuple[Question, ...]]:
        """What may become of a packet, in any case at all, and the questions that it depends on.

        For a packet of which `trace` would have too many cases: the shares of these fates say nothing. Raises `TooManyCasesError` too, if
        there are too many states.
        """
        asked: dict[Question, None] = {}

        def listen(question: Question) -> bool | None:
            known = self.answer(question)
            if known is None:
                asked[question] = None
            return known

        listener = Tracer(self.dump, self.ground.node, answer=listen, at=self.at)
        journey = _Journey(listener, Scene(listener.ground, packet, self.backend, self.at))
        journey.run(FORGOTTEN)
        return fate.Trace(packet, journey.fates()), tuple(asked)

    def trace(self, packet: Packet) -> Trace:
        """All that may become of a packet. Raises `TooManyCasesError` if open questions lead to more cases than anybody could look at."""
        journey = _Journey(self, Scene(self.ground, packet, self.backend, self.at))
        journey.run()
        return fate.Trace(packet, journey.fates())


class _Journey:
    """One packet's journey: collects its fates."""

    def __init__(self, tracer: Tracer, where: Scene) -> None:
        self.tracer = tracer
        self.scene = where
        self.ended: dict[tuple[_Ended, frozenset[tuple[Question, bool]]], Path] = {}
        self.nft = tracer.backend != "legacy"

    def run(self, answers: tuple[tuple[Question, bool], ...] = ()) -> None:
        """The whole way."""
        start = [Path(self._start(), ONE, answers)]
        if self.scene.said.input is UNSAID or self.scene.said.input == UNSAID:
            inside, outside = self._split(start, lambda state: _local(state, state.source))
        else:
            inside, outside = (start, []) if self.scene.said.input is None else ([], start)
        if inside:
            self._output(inside)
        if outside:
            self._arrive(outside)

    def _start(self) -> Moving:
        packet = self.scene.packet
        ported = packet.protocol in WITH_PORTS
        echo = packet.protocol in {ICMP, ICMPV6}
        return Moving(
            scene=self.scene,
            hook="PREROUTING",
            source=packet.source,
            source_port=_number(packet.source_port) if ported or echo else None,
            destination=packet.destination,
            port=_number(packet.destination_port) if ported else None,
            input=NO_DEVICE,
            output=NO_DEVICE,
            mark=packet.mark,
            ttl=packet.ttl,
            tos=packet.tos,
            length=_number(packet.length),
            connection=UNSEEN,
        )

    # -- the ways

    def _arrive(self, paths: list[Path]) -> None:
        """A packet that comes in."""
        on: list[Path] = []
        for path in paths:
            said = self.scene.said.input
            device: str | Device = said if said is not None and said != UNSAID else self._device_towards(path.state)
            on.append(path._replace(state=path.state._replace(input=device)).noted(fate.Arrived(_name(device))))
        on = self._tables("PREROUTING", on, "raw")
        on = [path._replace(state=path.state._replace(connection=_tracked(path.state))) for path in on]
        on = self._tables("PREROUTING", on, "mangle", "nat")
        local: list[Path] = []
        forwarded: list[Path] = []
        for path, decision in self._asked(on, routing.arriving):
            match decision:
                case Deliver():
                    local.append(path._replace(state=path.state._replace(broadcast=decision.broadcast)).noted(fate.Routed(local=True)))
                case Send(output, gateway):
                    state = path.state._replace(output=output, gateway=gateway, ttl=path.state.ttl - 1)
                    forwarded.append(path._replace(state=state).noted(fate.Routed(False, _name(output), gateway)))  # noqa: FBT003 - `local`
                case Refuse(why, reject):
                    self._end(path.noted(fate.Ended(why)), fate.UNROUTABLE, "ROUTING:after-PREROUTING", reject)
        if local:
            self._input(local)
        if forwarded:
            forwarded = self._tables("FORWARD", forwarded, "mangle", "filter", "security")
            for path in self._tables("POSTROUTING", forwarded, "mangle", "nat"):
                self._end(path, fate.FORWARDED)

    def _device_towards(self, state: Moving) -> str | Device:
        """The interface where an answer to the packet would leave: where it comes in, if nobody said."""
        back = routing.towards(state, state.source) if state.source is not None else None
        return back.output if isinstance(back, Send) else OUTSIDE_DEVICE

    def _input(self, paths: list[Path]) -> None:
        """Delivery to the node itself."""
        order = ("mangle", "filter", "nat", "security") if self.nft else ("mangle", "filter", "security", "nat")
        for path in self._tables("INPUT", paths, *order):
            self._end(path, fate.LOCAL)

    def _output(self, paths: list[Path]) -> None:
        """A packet of the node's own."""
        on: list[Path] = []
        for path, decision in self._asked([self._at(path, "OUTPUT") for path in paths], routing.leaving):
            match decision:
                case Deliver():
                    on.append(path._replace(state=path.state._replace(output=LOOPBACK)).noted(fate.Routed(local=True)))
                case Send(output, gateway, broadcast):
                    state = path.state._replace(output=output, gateway=gateway, broadcast=broadcast)
                    on.append(path._replace(state=state).noted(fate.Routed(False, _name(output), gateway)))  # noqa: FBT003 - `local`
                case Refuse(why, reject):
                    self._end(path.noted(fate.Ended(why)), fate.UNROUTABLE, "ROUTING:before-OUTPUT", reject)
        on = self._tables("OUTPUT", on, "raw")
        on = [path._replace(state=path.state._replace(connection=_tracked(path.state))) for path in on]
        on = [behind for path in on for behind in self._mangled(path)]
        on = self._rerouted(self._tables("OUTPUT", on, "nat"), lambda state: state.destination != self.scene.packet.destination, again=True)
        on = self._tables("OUTPUT", on, "filter", "security")
        self._postrouting(on)

    def _mangled(self, path: Path) -> list[Path]:
        """The packet behind mangle OUTPUT; if that has changed its mark or TOS, it is routed again."""
        before = path.state.mark, path.state.tos
        return self._rerouted(self._tables("OUTPUT", [path], "mangle"), lambda state: (state.mark, state.tos) != before)

    def _rerouted(self, paths: list[Path], changed: Callable[[Moving], bool], *, again: bool = False) -> list[Path]:
        """A new routing decision for packets that have changed (net/ipv4/netfilter.c `ip_route_me_harder`)."""
        out = [path for path in paths if not changed(path.state)]
        moved = [path for path in paths if changed(path.state)]
        for path, decision in self._asked(moved, routing.leaving):
            match decision:
                case Deliver() if scene.is_link_local(path.state.destination) and self.scene.family == IPV6:
                    # ip6_route_me_harder looks it up on lo alone, where no link-local address is.
                    self._end(path.noted(fate.Ended(message("a link-local address is not routed again"))), fate.DROPPED, "OUTPUT")
                case Deliver():
                    state = path.state._replace(next_output=LOOPBACK, gateway=None, broadcast=False)
                    path = path._replace(state=state)  # noqa: PLW2901 - the path goes on
                    out.append(path.noted(fate.Routed(local=True, again=True)) if again else path)
                case Send(found, gateway, broadcast):
                    output = found._replace(again=True) if isinstance(found, Device) else found
                    if is_loopback(path.state.source) and path.state.scene.family == IPV4:
                        out += self._leaves_with_loopback(path, output, gateway, broadcast=broadcast, again=again)
                        continue
                    state = path.state._replace(next_output=output, gateway=gateway, broadcast=broadcast)
                    path = path._replace(state=state)  # noqa: PLW2901 - as above
                    out.append(path.noted(fate.Routed(False, _name(output), gateway, again=True)) if again else path)  # noqa: FBT003 - `local`
                case Refuse(why, _):
                    self._end(path.noted(fate.Ended(why)), fate.DROPPED, "OUTPUT")
        return out

    def _leaves_with_loopback(
        self, path: Path, output: str | Device, gateway: Address | None, *, broadcast: bool, again: bool
    ) -> list[Path]:
        """A packet from 127.0.0.1 may only leave where route_localnet says so."""
        name = _name(output)
        out = []
        for on, allowed in self._asked([path], lambda state: routing.localnet(state, name)):
            if allowed:
                state = on.state._replace(next_output=output, gateway=gateway, broadcast=broadcast)
                out.append(on._replace(state=state).noted(fate.Routed(False, name, gateway, again=again)))  # noqa: FBT003 - `local`
            else:
                why = message("a packet from {address} cannot leave the node (route_localnet is 0)", address=on.state.source)
                self._end(on.noted(fate.Ended(why)), fate.DROPPED, "OUTPUT")
        return out

    def _postrouting(self, paths: list[Path]) -> None:
        """What the node itself sends: out, or back in by lo."""
        on = []
        for path in paths:
            state = path.state
            if state.next_output is not None:
                path = path._replace(state=state._replace(output=state.next_output, next_output=None))  # noqa: PLW2901 - the path goes on
            on.append(path)
        broadcast = [path for path in on if path.state.broadcast and path.state.output != LOOPBACK]
        for path in broadcast:
            self._broadcast(path)
        looped = []
        for path in self._tables("POSTROUTING", [path for path in on if path not in broadcast], "mangle", "nat"):
            if path.state.output == LOOPBACK:
                looped.append(path)
            else:
                self._end(path, fate.SENT)
        if looped:
            self._loop(looped)

    def _broadcast(self, path: Path) -> None:
        """Of a broadcast a copy, which no program owns, comes back in; behind it the frame meets POSTROUTING, with the copy's connection.

        What is told is what becomes of the frame (net/ipv4/ip_output.c `ip_mc_output`).
        """
        for copy in self._tables("POSTROUTING", [path._replace(state=path.state._replace(copy=True))], "mangle", "nat"):
            connection = copy.state.connection
            if connection.tracked:
                connection = connection._replace(status=connection.status | {"CONFIRMED"})
            frame = copy._replace(state=path.state._replace(connection=connection, facts=copy.state.facts))
            for on in self._tables("POSTROUTING", [frame], "mangle"):
                self._end(on._replace(state=on.state._replace(source=copy.state.source, source_port=copy.state.source_port)), fate.SENT)

    def _loop(self, paths: list[Path]) -> None:
        """Back in by lo: the packet has its route and, if it is tracked, its entry already."""
        on = []
        for path in paths:
            state = path.state
            connection = state.connection
            if connection.tracked:
                connection = connection._replace(status=connection.status | {"CONFIRMED"})
            state = state._replace(input=LOOPBACK, output=NO_DEVICE, loop=True, broadcast=False, connection=connection)
            on.append(path._replace(state=state))
        for hook, names in (("PREROUTING", ("raw", "mangle")), ("INPUT", ("mangle", "filter", "security"))):
            on = self._tables(hook, on, *names)
        for path in on:
            self._end(path, fate.LOCAL)

    # -- the tables

    @staticmethod
    def _at(path: Path, hook: str) -> Path:
        return path if path.state.hook == hook else path._replace(state=path.state._replace(hook=hook))

    def _tables(self, hook: str, paths: list[Path], *names: str) -> list[Path]:
        """The paths behind some tables at a hook."""
        on = [self._at(path, hook) for path in paths]
        for name in names:
            if not on:
                break
            on = self._nat(hook, on) if name == "nat" else self._table(hook, name, on)
        return on

    def _table(self, hook: str, name: str, paths: list[Path]) -> list[Path]:
        walker = self.tracer.walkers.get(name)
        if walker is None or not walker.table.has_chain(hook) or hook not in BUILT_IN_OF.get(name, ()):
            return paths
        loop = paths[0].state.loop
        out: list[Path] = []
        for effect, path in walker.walk_paths(hook, [path.noted(fate.Enters(hook, name, loop)) for path in paths]):
            out += self._behind(hook, name, effect, path)
        return simplest(out)

    def _behind(self, hook: str, name: str, effect: Effect | Spread, path: Path) -> Iterable[Path]:
        """What goes on behind a table, as one outcome of its walk says."""
        match effect:
            case Verdict.ACCEPT:
                return (path,)
            case Verdict.RETURN:
                return self._policy(hook, name, path)
            case Verdict.DROP:
                self._end(path, fate.DROPPED, hook)
            case Reject(answer):
                told = answer_of(path.state, answer)
                self._end(path, fate.REJECTED if told else fate.DROPPED, hook, told)
            case Queue(number, bypass):
                return self._queued(path, hook, number, bypass=bypass)
            case Translate() if name == "nat":
                return self._translated(path, effect)
            case _:
                self._end(path, fate.UNKNOWN, hook)
        return ()

    def _policy(self, hook: str, name: str, path: Path) -> Iterable[Path]:
        policy, line = self.tracer.policy(name, hook)
        if policy == "ACCEPT":
            return (path,)
        if policy == "DROP":
            self._end(path.noted(fate.Policy(name, hook, Verdict.DROP, line)), fate.DROPPED, hook)
            return ()
        question = Question("policy", message("the policy of {table} {chain} is ACCEPT", table=name, chain=hook), (name, hook))
        question = question if self.tracer.walkers[name].table.line else THE_REST
        accepted, dropped = self._split([path], lambda state: _fact_or(state, question))
        for on in dropped:
            self._end(on, fate.DROPPED, hook)
        return accepted

    def _queued(self, path: Path, hook: str, number: str, *, bypass: bool) -> Iterable[Path]:
        del bypass
        question = Question("queue", message("the program behind queue {number} accepts the packet", number=number), ("queue", number))
        accepted, dropped = self._split([path], lambda state: _fact_or(state, question))
        for on in dropped:
            self._end(on, fate.DROPPED, hook)
        return accepted

    # -- nat

    def _nat(self, hook: str, paths: list[Path]) -> list[Path]:
        """The nat hook: its chains for first packets, what is known already for others (net/netfilter/nf_nat_core.c `nf_nat_inet_fn`)."""
        first: list[Path] = []
        out: list[Path] = []
        for path in paths:
            connection = path.state.connection
            if connection.state == "NEW" and connection.tracked and not path.state.loop:
                first.append(path)
            else:
                out.append(self._translated_as_known(hook, path))
        if first:
            out += self._table(hook, "nat", first)
        return out

    def _translated_as_known(self, hook: str, path: Path) -> Path:
        """A packet of a connection that is translated already."""
        state = path.state
        connection = state.connection
        if not connection.tracked or state.loop or not (connection.translated_source or connection.translated_destination):
            return path
        ends = connection.original if connection.replying else connection.reply
        if ends is None:
            return path
        if hook in {"PREROUTING", "OUTPUT"}:
            new, port = ends.source, ends.source_port
            before, after = Place(state.destination, _known(state.port)), Place(new, port)
            if before == after or new is None:
                return path
            changed = state._replace(destination=new, port=port if state.port is not None else None)
            return path._replace(state=changed).noted(fate.Translated("destination", before, after, ""))
        new, port = ends.destination, ends.destination_port
        before, after = Place(state.source, _known(state.source_port)), Place(new, port)
        if before == after or new is None:
            return path
        keep = state.source_port is None or state.scene.packet.protocol not in WITH_PORTS
        changed = state._replace(source=new, source_port=state.source_port if keep else port)
        return path._replace(state=changed).noted(fate.Translated("source", before, after, ""))

    def _translated(self, path: Path, how: Translate) -> Iterable[Path]:
        """The first packet of a connection behind a rule that translates it."""
        state = path.state
        to_destination = state.hook in {"PREROUTING", "OUTPUT"}
        if not to_destination and how.kind == "MASQUERADE":
            same, others = self._split([path], lambda on: nat.keeps_its_source(on, how))
            if same:
                return [*same, *(one for other in others for one in self._chosen(other, how, to_destination=False))]
        return self._chosen(path, how, to_destination=to_destination)

    def _chosen(self, path: Path, how: Translate, *, to_destination: bool) -> list[Path]:
        """The packet with what the kernel chooses."""
        state = path.state
        out = []
        for chosen in (nat.destinations if to_destination else nat.sources)(state, how):
            on = path if chosen.share == ONE else path._replace(weight=path.weight.times(*chosen.share))
            if chosen.dropped:
                why = message("the interface has no address to translate to")
                self._end(on.noted(fate.Ended(why)), fate.DROPPED, state.hook)
                continue
            out.append(self._with_destination(on, how, chosen) if to_destination else self._with_source(on, how, chosen))
        return out

    def _with_destination(self, path: Path, how: Translate, chosen: nat.Chosen) -> Path:
        state, connection = path.state, path.state.connection
        source_port = state.source_port
        if state.scene.packet.protocol in {ICMP, ICMPV6} and (how.random or how.fully):
            source_port = Some(((0, 65535),), drawn=True)
        if (chosen.address, chosen.port, source_port) == (state.destination, state.port, state.source_port):
            return path
        reply = connection.reply
        if reply is not None:
            port = _known(chosen.port) if state.port is not None else reply.source_port
            reply = reply._replace(source=chosen.address, source_port=port)
        connection = connection._replace(reply=reply, translated_destination=True)
        state = state._replace(destination=chosen.address, port=chosen.port, source_port=source_port, connection=connection)
        if chosen.address is not None and self.tracer.proofs.is_pod(chosen.address):
            state = state._replace(facts=state.facts | {(("local", chosen.address), False)})
        before = Place(path.state.destination, _known(path.state.port))
        after = None if chosen.address is None else Place(chosen.address, _known(chosen.port))
        return path._replace(state=state).noted(fate.Translated("destination", before, after, how.kind))

    @staticmethod
    def _with_source(path: Path, how: Translate, chosen: nat.Chosen) -> Path:
        state, connection = path.state, path.state.connection
        if (chosen.address, chosen.port) == (state.source, state.source_port):
            return path
        reply = connection.reply
        if reply is not None:
            reply = reply._replace(destination=chosen.address)
            if state.scene.packet.protocol in {ICMP, ICMPV6}:
                reply = reply._replace(source_port=_known(chosen.port))  # the id, which conntrack keeps there in both directions
            elif state.source_port is not None:
                reply = reply._replace(destination_port=_known(chosen.port))
        connection = connection._replace(reply=reply, translated_source=True)
        state = state._replace(source=chosen.address, source_port=chosen.port, connection=connection)
        before = Place(path.state.source, _known(path.state.source_port))
        after = None if chosen.address is None else Place(chosen.address, _known(chosen.port))
        return path._replace(state=state).noted(fate.Translated("source", before, after, how.kind))

    # -- questions and ends

    def _asked(self, paths: Iterable[Path], ask: Callable[[Moving], T | Question]) -> Iterable[tuple[Path, T]]:
        """Each path with what is found out about it; one whose question has two answers becomes two."""
        known = self.tracer.answer
        waiting = list(paths)[::-1]
        while waiting:
            path = waiting.pop()
            found = ask(path.state)
            if not isinstance(found, Question):
                yield path, found
                continue
            waiting += [answered(path, found, answer, known) for answer in reversed(possible_answers(found, path, known))]

    def _split(self, paths: list[Path], ask: Callable[[Moving], bool | Question]) -> tuple[list[Path], list[Path]]:
        yes: list[Path] = []
        no: list[Path] = []
        for path, found in self._asked(paths, ask):
            (yes if found else no).append(path)
        return yes, no

    def _end(self, path: Path, outcome: str, where: str = "", reject: str | None = None) -> None:
        """The end of a path; what ends alike under the same answers is one fate."""
        state: Moving = path.state
        connection = state.connection
        ended = _Ended(
            outcome,
            where,
            reject,
            _name(state.output) if outcome in {fate.FORWARDED, fate.SENT} else None,
            state.source,
            _known(state.source_port),
            state.destination,
            _known(state.port),
            state.mark,
            connection.translated_destination,
            connection.translated_source,
        )
        key = ended, frozenset(path.answers)
        other = self.ended.get(key)
        self.ended[key] = path if other is None else either_way(other, path)

    def fates(self) -> tuple[Fate, ...]:
        """The fates, in the order in which they were come to, without answers that make no difference."""
        paths = simplest([path._replace(state=ended) for (ended, _), path in self.ended.items()])
        return tuple([_fate(path, path.state) for path in paths])


class _Ended(NamedTuple):
    """How a path ended: the fields of a `Fate` that say so."""

    outcome: str
    where: str
    reject: str | None
    output: str | None
    source: Address | None
    source_port: int | None
    destination: Address | None
    destination_port: int | None
    mark: int
    dnat: bool
    snat: bool


def _fate(path: Path, ended: _Ended) -> Fate:
    return fate.Fate(path.weight, path.answers, *ended, paths=path.ways, trail=path.trail)


def _number(value: int | None) -> int | Some:
    return ANY_NUMBER if value is None else value


def _known(value: int | Some | None) -> int | None:
    return value.only if isinstance(value, Some) else value


def _name(device: str | Device) -> str | None:
    return device.name if isinstance(device, Device) else device


def _local(state: Moving, address: Address | None) -> bool | Question:
    found = local_address(state, address)
    return question_local(address) if found is None and address is not None else bool(found)


def _tracked(state: Moving) -> Connection:
    """What conntrack makes of a packet behind raw."""
    connection = state.connection
    return connection if connection.state == "UNTRACKED" else first_look(state)


def _fact_or(state: Moving, question: Question) -> bool | Question:
    """The answer that was given before, or the question."""
    fact = state.fact(question.about)  # type: ignore[arg-type]  # the `Key` of a question that is kept as a fact
    return question if fact is None else fact
