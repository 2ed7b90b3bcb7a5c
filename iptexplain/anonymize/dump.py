"""A dump written again, value by value, with what stands for each.

Which values a line has, its shape says; what may stand in each, the option of its extension (`model.content`). So keywords, order, blanks
and numbers are those of the dump, and what no extension vouches for is replaced and told (`Doubt`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from iptexplain.anonymize.addresses import parsed
from iptexplain.anonymize.comments import UNREAD
from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Given
from iptexplain.extensions.common.quoting import if_needed
from iptexplain.model.address import Address, Network
from iptexplain.model.content import Content
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy.names import ServicePortName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.extensions.common.extension import Option
    from iptexplain.model.lines import Values
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.model.shape import ClauseShape, OptionShape, Shape

PROGRAM, UNKNOWN, UNREADABLE, LINE, ADDRESSES = "program", "unknown", "unreadable", "line", "addresses"
"""Why something was replaced by what means nothing or something else: a test of raw bytes, a word of an extension that is not known, a
value that its option cannot have, a line that could not be read, a range or a network of NETMAP that would tell too much if it held the
same."""

_CHAIN, _TABLE, _EXTENSION, _PROTECTED = "chain", "table", "extension", "word"
"""What stands in slots that are no values of known options: names of chains, tables and unknown extensions, and words that nobody knows."""

_TABLES = frozenset({"raw", "mangle", "nat", "filter", "security", "broute"})


class Doubt(NamedTuple):
    """Something that could not be kept and not be given another meaning: why, what it is called, and the lines where it stood."""

    why: str
    name: str
    lines: tuple[int, ...]


class _Place(NamedTuple):
    """A slot of a shape that may hold something: what, of which option of which match or target."""

    slot: int
    content: Content | str
    clause: str
    keyword: str
    option: Option | None
    second: bool = False


def _places(shape: Shape) -> Sequence[_Place]:
    """The slots of a shape that have to be looked at."""
    found = []
    if shape.kind == "table":
        return [_Place(0, _TABLE, "", "", None)]
    if shape.chain is not None:
        found.append(_Place(shape.chain, _CHAIN, "", "", None))
    for clause in shape.clauses:
        found += _of_clause(clause)
    return found


def _of_clause(clause: ClauseShape) -> Iterator[_Place]:
    named = clause.name if isinstance(clause.name, str) else ""
    target = clause.kind in {"jump", "goto"}
    if isinstance(clause.name, int):
        yield _Place(clause.name, _CHAIN if target and not clause.unknown else _EXTENSION, "", "", None)
    extension = binding.target_extension(named) if target else binding.match_extension(named)
    known = extension.keywords() if extension is not None else {}
    for option in clause.options:
        keyword = option.name if isinstance(option.name, str) else ""
        if isinstance(option.name, int):
            yield _Place(option.name, _PROTECTED, named, "", None)
        yield from _of_option(named, keyword, option, known.get(keyword))
    for slot in clause.words:
        yield _Place(slot, _PROTECTED, named, "", None)


def _of_option(clause: str, keyword: str, shape: OptionShape, option: Option | None) -> Iterator[_Place]:
    for number, slot in enumerate(shape.values):
        if shape.unknown or option is None or number >= max(1, option.arity):
            yield _Place(slot, _PROTECTED, clause, keyword, None)
        else:
            yield _Place(slot, option.content if number == 0 else Content.PLAIN, clause, keyword, option, second=number > 0)


# ---- first reading ------------------------------------------------------------------------------------------------------------


def gather(ruleset: Ruleset, needs: Needs) -> None:
    """Adds what a dump asks of addresses and which names it holds. Raises nothing: what cannot be read asks nothing."""
    seen: dict[tuple[Content | str, str], set[str]] = defaultdict(set)
    plans: dict[Shape, list[tuple[int, set[str]]]] = {}
    for _, shape, values in _lines(ruleset):
        if shape is None:
            continue
        plan = plans.get(shape)
        if plan is None:
            wanted = (place for place in _places(shape) if place.content in {Content.ADDRESS, Content.INTERFACE, Content.COMMENT, _CHAIN})
            plan = plans[shape] = [(place.slot, seen[place.content, place.clause if place.clause == "NETMAP" else ""]) for place in wanted]
        for slot, into in plan:
            into.add(values[slot])
    needs.chains |= seen[_CHAIN, ""]
    needs.interfaces |= set(map(binding.unquote, seen[Content.INTERFACE, ""]))
    words = {word for text in seen[Content.COMMENT, ""] if "/" in text for word in binding.unquote(text).split() if "/" in word}
    needs.service_ports |= {word for word in words if ServicePortName.parse(word) is not None}
    for (content, clause), texts in seen.items():
        if content is Content.ADDRESS:
            for text in texts:
                gather_place(text, needs, translated=bool(clause))


def gather_place(text: str, needs: Needs, *, translated: bool = False) -> None:
    """Adds what a word with addresses asks: these, the ends of ranges, masks with holes; `translated`: it is the network of a NETMAP."""
    ends, slash, mask = text.partition("/")
    try:
        found = [parsed(end) for end in _ADDRESS.findall(ends)]
        wide = slash and mask != ("128" if ":" in ends else "32") and len(found) == 1 and not _PORTS.search(text)
        network = Network.parse(text) if wide else None
    except ValueError:
        return  # nothing that could be kept together; the second reading replaces it
    if len(found) > 1 and "-" in ends:
        needs.ranges.add((found[0], found[1]))
    if network is None or network.single is not None:
        needs.addresses.update(found)
    elif not str(network).rpartition("/")[2].isdecimal():
        needs.holed.add(network)
    else:
        needs.networks.add(network)
        needs.translated |= {network} if translated else set()


_PORTS = re.compile(r"(?:\]|\.[0-9]+):[0-9]+(?:-[0-9]+)?/")
"""Ports of which the first stands for another, behind an address: `10.0.0.1:80-90/8000`."""

_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){3}|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*")


# ---- second reading -----------------------------------------------------------------------------------------------------------


class Writer:
    """Writes dumps with what stands for their values; `doubts` are those of all dumps so far."""

    def __init__(self, disguise: Disguise, *, counters: bool = False) -> None:
        """`counters`: what was counted stays."""
        self._disguise = disguise
        self._counters = counters
        self._known: dict[tuple[object, ...], _Known] = {}
        self._plans: dict[Shape, _Plan] = {}
        self._doubts: dict[tuple[str, str], list[int]] = defaultdict(list)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What could not be kept and not be given another meaning, in the order of its first line."""
        found = (Doubt(why, name, tuple(lines)) for (why, name), lines in self._doubts.items())
        return tuple(sorted(found, key=lambda doubt: (doubt.lines[0], doubt)))

    def lines(self, ruleset: Ruleset) -> Iterator[str]:
        """The lines of a dump, without their ends: as many as it has, in its order."""
        for line, shape, values in _lines(ruleset):
            if shape is None:
                text = values[0]
                if not text.strip():
                    yield text
                elif text.lstrip().startswith("#"):
                    yield self._disguise.comments.remark(text)
                else:
                    self._doubts[LINE, ""].append(ruleset.lines.source.number(line))
                    yield UNREAD
            elif shape.kind == "comment":
                yield self._disguise.comments.remark(shape.write(values))
            else:
                yield self._plan(shape).write(values, ruleset.lines.source.number(line), self._doubts)

    def _plan(self, shape: Shape) -> _Plan:
        plan = self._plans.get(shape)
        if plan is None:
            steps = []
            for place in _places(shape):
                key = (place.content, place.clause, place.keyword, place.second)
                known = self._known.get(key)
                if known is None:
                    known = self._known[key] = _Known(self._new(place))
                steps.append((place.slot, known, place.keyword or place.clause))
            plan = self._plans[shape] = _Plan(shape, steps, keep_counters=self._counters)
        return plan

    def _new(self, place: _Place) -> Callable[[str], tuple[str, str]]:
        """What gives the other text of a value, and why that does not mean what the value meant ("": it does)."""
        make = self._maker(place)

        def new(raw: str) -> tuple[str, str]:
            text = binding.unquote(raw)
            try:
                other = make(text)
                return _quoted(other, raw, place), self._why(place, text, other)
            except (ValueError, KeyError, TypeError):
                return _quoted(self._disguise.value(text), raw, place), UNREADABLE

        return new

    def _why(self, place: _Place, text: str, other: str) -> str:
        match place.content:
            case Content.PROGRAM:
                return PROGRAM
            case Content.ADDRESS:
                return ADDRESSES if self._disguise.breaks(text, translated=place.clause == "NETMAP") else ""
            case _ if place.content in {_TABLE, _EXTENSION, _PROTECTED} and other != text:
                return UNKNOWN
        return ""

    def _maker(self, place: _Place) -> Callable[[str], str]:
        to = self._disguise
        makers: Mapping[Content | str, Callable[[str], str]] = {
            _CHAIN: to.chain,
            _TABLE: lambda text: text if text in _TABLES else to.value(text),
            _EXTENSION: lambda text: text if text in _EXTENSIONS else to.value(text),
            _PROTECTED: lambda text: text if text == "!" else f"--{to.value(text)}" if text.startswith("--") else to.value(text),
            Content.ADDRESS: to.place,
            Content.INTERFACE: to.interface,
            Content.SET: to.set_name,
            Content.LIST: to.list_name,
            Content.ACCOUNT: to.account,
            Content.COMMENT: to.comments.comment,
            Content.PREFIX: to.comments.prefix,
            Content.HARDWARE: to.hardware,
            Content.PROGRAM: lambda text: to.program(place.keyword, text),
            Content.DATE: to.date,
            Content.PLAIN: lambda text: _checked(place, text),
        }
        return makers[place.content]


class _Known(dict[str, tuple[str, str]]):
    """Values of one kind and what stands for them, worked out when first asked for."""

    def __init__(self, new: Callable[[str], tuple[str, str]]) -> None:
        super().__init__()
        self._new = new

    def __missing__(self, raw: str) -> tuple[str, str]:
        found = self[raw] = self._new(raw)
        return found


class _Plan:
    """How the lines of one shape are written again."""

    def __init__(self, shape: Shape, steps: Sequence[tuple[int, _Known, str]], *, keep_counters: bool) -> None:
        self._shape = shape
        self._steps = steps
        self._drop = None if keep_counters else shape.counters

    def write(self, values: Values, line: int, doubts: Mapping[tuple[str, str], list[int]]) -> str:
        """The line with other values; what means something else is added to `doubts`."""
        new = list(values)
        for slot, known, name in self._steps:
            new[slot], why = known[new[slot]]
            if why and doubts[why, name][-1:] != [line]:
                doubts[why, name].append(line)
        if self._drop is None:
            return self._shape.write(tuple(new))
        if self._shape.kind == "chain":
            new[self._drop] = "[0:0]"
            return self._shape.write(tuple(new))
        new[self._drop] = ""
        return self._shape.write(tuple(new)).lstrip(" ")


_EXTENSIONS = frozenset(
    {
        *(
            "account",
            "condition",
            "dhcpmac",
            "fuzzy",
            "geoip",
            "gradm",
            "iface",
            "ipp2p",
            "ipv4options",
            "layer7",
            "length2",
            "lscan",
            "ndpi",
        ),
        *("pknock", "psd", "quota2", "tls", "webmon", "weburl"),
        *("ACCOUNT", "CHAOS", "DELUDE", "DHCPMAC", "DNETMAP", "ECHO", "FULLCONENAT", "IMQ", "IPMARK", "LOGMARK", "MIRROR", "NDPI", "PROTO"),
        *("ROUTE", "RTPENGINE", "SYSRQ", "TARPIT", "XOR"),
    }
)
"""Extensions that others have made (xtables-addons, patches of distributions): their names tell nothing of who uses them."""


def _checked(place: _Place, text: str) -> str:
    """A value in which nothing can stand that somebody chose, as iptables-save spells it: readers of numbers look at their beginning only.

    Raises ValueError for one that its option cannot have.
    """
    option = place.option
    if option is None or option.parse is None:
        return text
    if place.second or option.words > 1 or option.parse is str:
        if not _VOCABULARY.fullmatch(text):
            raise ValueError(text)
        return text
    if place.keyword == "--mask" and place.clause == "recent":
        return _mask(text)
    value = option.parse(text)
    written = option.write(value.value if isinstance(value, Given) else value)
    if not isinstance(written, str):
        raise TypeError(text)
    return text if _NUMBER.fullmatch(text) else written


def _mask(text: str) -> str:
    """A mask that is the length of a prefix, in the form of an address. Raises ValueError for any other address."""
    family, value = Address.parse(text)
    rest = value ^ ((1 << (32 if family == 4 else 128)) - 1)  # noqa: PLR2004 - IPv4
    if rest & rest + 1:
        raise ValueError(text)
    return text


_NUMBER = re.compile(r"!?(?:\d{1,20}(?:\.\d{1,20})?|0x[0-9a-fA-F]{1,16})(?:[:/,-](?:\d{1,20}|0x[0-9a-fA-F]{1,16}))*")
_FLAGS = (
    *("ALL", "NONE", "FIN", "SYN", "RST", "PSH", "ACK", "URG"),  # of TCP
    *("DATA", "INIT", "SACK", "HEARTBEAT", "ABORT", "SHUTDOWN", "ERROR", "COOKIE", "ECHO", "ECN", "ECNE", "CWR", "COMPLETE"),  # of SCTP
    *("ASCONF", "FORWARD", "TSN", "I", "AUTH", "RE", "CONFIG", "PAD"),
)
_FLAG = rf"(?:{'|'.join(_FLAGS)})(?:_(?:{'|'.join(_FLAGS)})){{0,2}}(?::[A-Za-z]{{1,8}})?"
_VOCABULARY = re.compile(rf"(?:src|dst)(?:,(?:src|dst)){{0,5}}|random|nth|bm|kmp|any|all|only|{_FLAG}(?:,{_FLAG})*")
"""Directions, modes, TCP flags and chunks of SCTP."""


def _quoted(text: str, raw: str, place: _Place) -> str:
    """A value in the spelling of the one that it stands for."""
    if raw == text:
        return raw
    if raw[:1] == '"':
        return if_needed(text) if place.content is Content.COMMENT else f'"{text}"'
    return if_needed(text) if set(text) & set(" \t\"'\\") else text


def _lines(ruleset: Ruleset) -> Iterator[tuple[int, Shape | None, Values]]:
    """All lines of an input: number, shape and values; of a line without a shape its text is the value."""
    lines = ruleset.lines
    marks, shapes = lines.marks, lines.shapes
    start, count = 1, len(marks)
    while start <= count:
        if shapes[ord(marks[start - 1])] is None:
            yield start, None, (lines.source.line_at(lines.start(start)),)
            start += 1
            continue
        end = start
        while end < count and shapes[ord(marks[end])] is not None:
            end += 1
        for line, (shape, values) in enumerate(lines.read(start, end), start):
            yield line, shape, values
        start = end + 1
