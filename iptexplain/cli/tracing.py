"""What `trace` does with packets: which dump each of them meets, and its story or document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace import ends
from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.analysis.trace.unknown import Narrowing
from iptexplain.errors import TooManyCasesError, UsageError
from iptexplain.inputs.packets import make_packet
from iptexplain.inputs.places import End, parse_end
from iptexplain.model import names
from iptexplain.model.packet import TCP, UNSAID, WITH_PORTS
from iptexplain.model.values import Interface
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.render.words import say
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from iptexplain.analysis.trace.whose import Whose
    from iptexplain.cli.packet import Described
    from iptexplain.inputs.names import Names
    from iptexplain.model.address import Address
    from iptexplain.model.matching import Question
    from iptexplain.model.node import Node
    from iptexplain.model.packet import Packet
    from iptexplain.model.ruleset import Dump, Ruleset
    from iptexplain.render.style import Style
    from iptexplain.render.trace_text import How
    from iptexplain.source import Message

_FAMILIES = {"ipv4": 4, "ipv6": 6}


class _Place(NamedTuple):
    """The dump that packets of one family are traced through, where it stands, and what traces them."""

    file: str
    dump: Dump
    tracer: Tracer


class Bench:
    """The inputs, and what was found out so far: tracers are made for the families that are asked for.

    One packet that cannot be traced is an error; among many it has its line, and the others are traced all the same. `notes` say what
    stands for the ends of the packet, `doubts` what a trace cannot show.
    """

    def __init__(self, rulesets: Sequence[Ruleset], node: Node | None, cluster: Names | None, at: datetime | None) -> None:
        """`node` None: nothing is known of it. `cluster` are names of Services. `at` is the time for rules that ask for it."""
        self._dumps = [(ruleset, dump) for ruleset in rulesets for dump in ruleset.dumps]
        self._node = node
        self._cluster = cluster
        self._at = at
        self._places: dict[int, _Place] = {}
        self._own: dict[Address, bool] = {}
        self._not_in: Interface | None = None
        self.notes: list[Message] = []
        self.doubts: list[Message] = []
        self._many = True

    # -- the packet that options describe

    def packet(self, described: Described) -> Packet:
        """The packet; a Service is found by its name, and a kind of sender has an example. Raises `UsageError`."""
        self._many = False
        links = None if self._node is None or not self._node.links_known else self._node.links
        if links is not None and described.interface is not None and described.interface not in links:
            raise UsageError(message("--in {name}: the node has {links}", name=described.interface, links=", ".join(links)))
        sender, to = described.sender(), parse_end(described.to or "")
        family = sender.address.family if isinstance(sender, End) else None
        keys: dict[str, object] = {}
        if to is None:
            to = self._service(described.to or "", family)
        if isinstance(sender, str):
            found = ends.sender(sender, to.address.family, self._of(to.address.family), self._node, to.address)
            self.notes.append(found.note)
            self._own[found.address] = sender == ends.NODE
            self._not_in = found.not_in
            if found.input != UNSAID:
                keys["iif"] = found.input
            sender = End(found.address)
        keys |= {"src": str(sender.address), "dst": str(to.address), "sport": sender.port, "dport": to.port}
        if to.protocol is not None:
            keys["proto"] = to.protocol
        made = make_packet({**keys, **described.keys(to.address.family)})
        _check(made, to, described)
        return made

    def _service(self, text: str, family: int | None) -> End:
        from iptexplain.analysis.trace.service_end import service

        sets = None if self._node is None else self._node.sets
        found = service(text, self._dumps, family=family, names=self._cluster, sets=sets)
        return End(found.address, found.port, _number(found.protocol))

    # -- dumps

    def _of(self, family: int) -> list[tuple[Ruleset, Dump]]:
        """The dumps that packets of a family meet."""
        return [(ruleset, dump) for ruleset, dump in self._dumps if _FAMILIES.get(dump.family or "", family) == family]

    def place(self, family: int) -> _Place:
        """The dump for a family: that with kube-proxy's Services, else with the most rules. Raises `UsageError` if there is none."""
        found = self._places.get(family)
        if found is None:
            fitting = self._of(family)
            if not fitting:
                raise UsageError(message("the packet is of IPv{family}, and no dump here is", family=family))
            ruleset, dump = max(fitting, key=lambda one: _weight(one[1]))  # the first of equal ones
            self._doubt(dump, sum(any(len(table.rules) for table in one.tables) for _, one in fitting))
            tracer = Tracer(dump, self._node, answer=self._answer, at=self._at)
            found = self._places[family] = _Place(ruleset.source.name, dump, tracer)
        return found

    def _doubt(self, dump: Dump, several: int) -> None:
        """Warns of what a trace through a dump cannot show."""
        if several > 1:
            text = N_(
                "there are {count} dumps of this family: only that of line {line} is traced, though the node has the rules of all of them"
            )
            self.doubts.append(message(text, count=several, line=dump.first_line))
        nat = dump.table("nat")
        shapes = () if nat is None else nat.rules.distinct_shapes(nat.places_of(layout.SERVICES))
        if any(clause.name == "set" for shape in shapes for clause in shape.clauses):
            self.doubts.append(message("kube-proxy is in ipvs mode here: what IPVS does to the packet is not traced"))
        if any(table.line == 0 for table in dump.tables):
            self.doubts.append(message("rule lines alone: what others do to the packet, and whether it comes to these, is not known"))
        elif len(dump.tables) == 1:
            text = N_("only table {table} is in this dump: what other tables do to the packet is not known")
            self.doubts.append(message(text, table=dump.tables[0].name))

    def _answer(self, question: Question) -> bool | None:
        """Is an example the node's own address, does it come in by the Pods' interface: that was said with it."""
        about = question.about
        if isinstance(about, tuple) and about[0] == "kept" and self._own.get(about[1][0]):
            return False  # whichever of the node's addresses it stands for, the Pod sees one of these
        asked = question.text.fields.get("interface")
        if self._not_in is not None and isinstance(about, Narrowing) and about.attribute == "input" and isinstance(asked, Interface):
            return False if self._not_in.covers(asked) else None
        return self._own.get(about[1]) if isinstance(about, tuple) and about[0] == "local" else None

    # -- views

    def documents(self, packets: Iterable[Packet]) -> Iterator[str]:
        """A JSON document on one line for each packet."""
        from iptexplain.render.trace_json import Documents

        writers: dict[int, Documents] = {}
        for packet in packets:
            writer = writers.get(packet.family)
            try:
                place = self.place(packet.family)
                if writer is None:
                    writer = writers[packet.family] = Documents(place.file, place.dump, packet.family)
                yield writer.line(place.tracer.trace(packet))
            except (TooManyCasesError, UsageError) as error:
                if not self._many:
                    raise
                if writer is None:
                    file, dump = self._dumps[0][0].source.name, self._dumps[0][1]
                    writer = Documents(file, dump, packet.family)
                yield writer.failed(packet, error.message)

    def stories(self, packets: Iterable[Packet], width: int, style: Style, *, verbose: bool, brief: bool) -> Iterator[str]:
        """The story of each packet; `brief` without its head."""
        from iptexplain.analysis.trace.whose import Whose
        from iptexplain.render.trace_text import How, lines

        known: dict[int, Whose] = {}
        how = How(width, style, verbose, brief, self.notes)
        for number, packet in enumerate(packets):
            place = self.place(packet.family)
            if packet.family not in known:
                known[packet.family] = Whose(place.dump, self._cluster)
            if number:
                yield ""
            try:
                yield from lines(place.tracer.trace(packet), known[packet.family], how)
            except TooManyCasesError:
                yield from self._outline(place.tracer, packet, known[packet.family], how)

    def _outline(self, tracer: Tracer, packet: Packet, whose: Whose, how: How) -> Iterator[str]:
        """What may become of a packet with too many cases."""
        from iptexplain.render.trace_text import outline

        try:
            yield from outline(*tracer.outline(packet), whose, how)
        except TooManyCasesError as error:
            if not self._many:
                raise
            yield say(error.message)

    def warnings(self, *, told: bool) -> list[str]:
        """What is to be said beside the views; `told`: a view has said which examples were taken."""
        return [say(one) for one in (*self.doubts, *(() if told else self.notes))]


def _check(packet: Packet, to: End, described: Described) -> None:
    """Raises `UsageError` for what was said of a packet and does not go together."""
    name = names.protocol(str(packet.protocol))
    if to.protocol is not None and to.protocol != packet.protocol:
        raise UsageError(message("--icmp-type makes it {name}, and --to says another protocol", name=name))
    if to.port is not None and packet.protocol not in WITH_PORTS:
        raise UsageError(message("--to says port {port}, and {name} has no ports", port=to.port, name=name))
    if described.flags is not None and packet.protocol != TCP:
        raise UsageError(message("--tcp-flags says flags, and {name} has none", name=name))


def _weight(dump: Dump) -> tuple[bool, int]:
    """Which of the dumps of a node the packet's way is rather seen in."""
    nat = dump.table("nat")
    return nat is not None and bool(nat.places_of(layout.SERVICES)), sum(len(table.rules) for table in dump.tables)


def _number(protocol: str) -> int:
    """The number of a Service's protocol."""
    from iptexplain.inputs.places import parse_protocol

    return parse_protocol(names.protocol(protocol))
