"""Dumps and what is known beside them, anonymised together: one meaning for each address and name in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.kinds import form
from iptexplain.anonymize.disguise import Disguise
from iptexplain.anonymize.dump import Writer, gather
from iptexplain.anonymize.needs import Needs
from iptexplain.errors import UsageError
from iptexplain.inputs.places import parse_end
from iptexplain.named import NamedTuple
from iptexplain.source import message, without_collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.anonymize.dump import Doubt
    from iptexplain.anonymize.key import Key
    from iptexplain.inputs.names import Names
    from iptexplain.model.address import Network
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.source import Source


class Anonymized(NamedTuple):
    """The other texts, in the order of the inputs, and what stands for what in them.

    `dumps` are the texts of the dumps, `beside` those of the other files, `doubts` what had to be replaced by something that means
    nothing, for each dump.
    """

    dumps: tuple[str, ...]
    beside: tuple[str, ...]
    doubts: tuple[tuple[Doubt, ...], ...]
    disguise: Disguise

    def end(self, text: str) -> str:
        """One end of a packet's way, as `trace` takes it, in the other words: an address, a Service, `pod`, `node` or `outside`.

        Raises `UsageError` for a part of a name, which could be that of several Services.
        """
        found = parse_end(text)
        if found is not None:
            place, slash, protocol = text.partition("/")
            return f"{self.disguise.place(place)}{slash}{protocol}"
        if "/" not in text:
            if text.lower() in _KINDS:
                return text
            raise UsageError(message("with --anonymize a Service is named in full, NAMESPACE/NAME[:PORT], not as {text}", text=text))
        namespace, name, *rest = text.split("/", 2)
        other = self.disguise.services.service_port(f"{namespace}/{name}")
        if other is None:
            raise UsageError(message("expected an address or NAMESPACE/NAME[:PORT], found: {text}", text=text))
        return "/".join([other, *rest])


_KINDS = frozenset({"pod", "node", "outside"})


class How(NamedTuple):
    """How to anonymise: `keep` are networks whose addresses stay, `counters` says whether what was counted stays.

    `names` are the Service ports of a cluster, to tell what hashes stand for.
    """

    key: Key
    keep: tuple[Network, ...] = ()
    counters: bool = False
    names: Names | None = None


def anonymized(rulesets: Sequence[Ruleset], how: How, beside: Iterable[tuple[str, Source]] = ()) -> Anonymized:
    """The dumps in other words. `beside` are other files, each with its kind (`beside.kinds.MODULES`).

    Raises `MissingProgramError` if the library that encrypts is not there, and `UnreadableInputError` for another file that cannot be read.
    """
    files = [(form(kind), source) for kind, source in beside]
    needs = Needs()
    with without_collector():
        for ruleset in rulesets:
            gather(ruleset, needs)
        for kind, source in files:
            kind.gather(source, needs)
        disguise = Disguise(how.key, needs, how.keep, [dump for ruleset in rulesets for dump in ruleset.dumps], how.names)
        texts, doubts = [], []
        for ruleset in rulesets:
            writer = Writer(disguise, counters=how.counters)
            texts.append("".join([f"{line}\n" for line in writer.lines(ruleset)]))
            doubts.append(writer.doubts)
        others = ["".join([f"{line}\n" for line in kind.lines(source, disguise, counters=how.counters)]) for kind, source in files]
    return Anonymized(tuple(texts), tuple(others), tuple(doubts), disguise)
