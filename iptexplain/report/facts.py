"""The facts of a report as values. `report.gather` finds them out; views (`render.report_*`) say them.

An input is a file with one dump or several. Lines are those of the input, counted from 1, so a place in a report is the number of its input
and a line. Values of other layers (Service ports, findings, problems) stand here as these made them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.lint.finding import SEVERITIES
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iptexplain.analysis.service_port import DumpServices, Route, ServicePort
    from iptexplain.analysis.trace.fate import Trace
    from iptexplain.analysis.trace.whose import Whose
    from iptexplain.lint.finding import Finding, Skipped
    from iptexplain.model.matching import Question
    from iptexplain.model.ruleset import Dump
    from iptexplain.source import Message, Problem, Source

NO_ENDPOINTS, NO_LOCAL_ENDPOINTS, SOURCE_RANGES, UNTOLD = "no endpoints", "no local endpoints", "source ranges", "untold"
"""Why traffic to a Service ends; `UNTOLD`: the rules do not say it."""

REJECT, DROP, POLICY = "reject", "drop", "policy"
"""How a dump stops packets: a rule that answers, a rule that does not, a chain that drops what no rule has taken."""


class TableFacts(NamedTuple):
    """A table of a dump: how many chains are declared, how many rules there are. `counted`: the rules have counters."""

    name: str
    chains: int
    rules: int
    counted: bool


class Place(NamedTuple):
    """Where a Service port listens, and which kinds of sources (`pod`, `node`, `outside`, `outside_allowed`) meet the end there."""

    route: Route
    sources: tuple[str, ...]


class Ended(NamedTuple):
    """Traffic to a Service port that ends in one way for one reason.

    `action` is `reject` or `drop`; `why` is `NO_ENDPOINTS`, `NO_LOCAL_ENDPOINTS`, `SOURCE_RANGES` or `UNTOLD`. `without_effect`: it is
    marked to be dropped, and no rule does that. `packets` is what the rules that end it have counted, None without counters; the rules of
    source ranges and of local endpoints are not counted.
    """

    port: ServicePort
    action: str
    why: str
    without_effect: bool
    places: tuple[Place, ...]
    packets: int | None


class Stop(NamedTuple):
    """A rule that refuses or drops packets, or the policy of a built-in chain that does.

    `kind` is `REJECT`, `DROP` or `POLICY`; `line` is that of the rule, or of the chain's declaration. `packets` is what was counted, None
    without counters. `sentence` says the rule in words (as `explain` does), None for a policy. `owner` is the program whose rule it is, ""
    if none is known.
    """

    kind: str
    table: str
    chain: str
    line: int
    packets: int | None
    sentence: Message | None
    owner: str


class Purpose(NamedTuple):
    """Chains of one kind of a program. `purpose` goes on "This chain …", said of the chain `first`; None: not known what they are for.

    `pattern` is how their names look (`KUBE-SVC-*`); the name itself where that is not known.
    """

    table: str
    pattern: str
    purpose: Message | None
    chains: int
    rules: int
    first: str


class OwnerFacts(NamedTuple):
    """A program that has chains or rules in a dump; `name` "": none that is known. `what` says what it is, None if that is not known."""

    name: str
    what: Message | None
    chains: int
    rules: int
    purposes: tuple[Purpose, ...]


class Target(NamedTuple):
    """A target that iptexplain reads, but whose effect on the packet it does not follow (NFQUEUE, for instance)."""

    name: str
    rules: int
    line: int


class Doubt(NamedTuple):
    """Something that the dump does not tell, on which it depends what Service ports do; `ports` is how many of them."""

    what: Message
    ports: int


class DumpFacts(NamedTuple):
    """One dump of an input.

    `services` are its Service ports and its kube-proxy. `ended` is traffic to Services that is refused or dropped; `stops` are the other
    rules and policies that do so. `unread` are lines that look like the dump's own and could not be read. `targets` and `doubts` are what
    else is not known.
    """

    dump: Dump
    tables: tuple[TableFacts, ...]
    services: DumpServices
    ended: tuple[Ended, ...]
    stops: tuple[Stop, ...]
    owners: tuple[OwnerFacts, ...]
    unread: tuple[int, ...]
    targets: tuple[Target, ...]
    doubts: tuple[Doubt, ...]

    @property
    def ports(self) -> tuple[ServicePort, ...]:
        """Its Service ports, sorted by name."""
        return self.services.ports


class Input(NamedTuple):
    """One input. `number` counts them from 0.

    `problems` is what was repaired or could not be read, `unknown` what was read and is not understood; `remarks` are comments in the dump
    that silence no check. `findings` are those of lint in the order of their lines, `skipped` the checks that could not look.
    """

    number: int
    source: Source
    dumps: tuple[DumpFacts, ...]
    problems: tuple[Problem, ...]
    unknown: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]

    @property
    def name(self) -> str:
        """What the input is called, `-` for standard input."""
        return self.source.name

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return self.source.sha256

    def lines(self) -> list[str]:
        """Its text, line by line, as it was given; bytes that were no UTF-8 are lone surrogates, and nothing is escaped."""
        return self.source.text.split("\n")[:-1]


class Told(NamedTuple):
    """What becomes of one packet.

    `sender` and `to` are what was asked for, in the user's words. `input` is the number of the input and `dump` that of the dump in it that
    the packet was traced through. `whose` names chains for the views. `notes` say which examples were taken for what was asked; `warnings`
    what the trace cannot show. `questions` are those that are open where there are too many cases to tell: `trace` is an outline then; None
    where it is whole. `failed` says why not even that can be told; then `trace` has no fates.
    """

    sender: str
    to: str
    input: int
    dump: int
    trace: Trace
    whose: Whose
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
    questions: tuple[Question, ...] | None = None
    failed: Message | None = None


class Beside(NamedTuple):
    """A file that was given beside the dumps: which kind (`ipset`, `names`, …), what it is called, the digest of its bytes, its lines."""

    kind: str
    name: str
    sha256: str
    lines: int


class Report(NamedTuple):
    """Everything that a report says. `version` is that of iptexplain.

    `anonymized`: the inputs are not the originals, but tell the same in other words; `replaced` says what could not be told in them.
    """

    version: str
    inputs: tuple[Input, ...]
    traces: tuple[Told, ...] = ()
    beside: tuple[Beside, ...] = ()
    anonymized: bool = False
    replaced: tuple[Message, ...] = ()

    def dumps(self) -> Iterator[tuple[Input, DumpFacts]]:
        """All dumps, each with its input."""
        return ((each, dump) for each in self.inputs for dump in each.dumps)

    def findings(self) -> Sequence[tuple[Input, Finding]]:
        """All findings with their inputs: errors first, then warnings, then infos; of one severity in the order of inputs and lines."""
        found = [(each, finding) for each in self.inputs for finding in each.findings]
        return sorted(found, key=lambda one: SEVERITIES.index(one[1].severity))

    def severities(self) -> Mapping[str, int]:
        """How many findings of each severity there are, the gravest first."""
        counts = Counter(finding.severity for each in self.inputs for finding in each.findings)
        return {severity: counts[severity] for severity in SEVERITIES}
