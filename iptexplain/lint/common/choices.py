"""The chains of Services that choose among endpoints, and the rules by which they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import may_end
from iptexplain.extensions import binding
from iptexplain.model.shape import per_shape
from iptexplain.model.values import CERTAIN, Threshold
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN
from iptexplain.source import without_collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.lines import Values
    from iptexplain.model.ruleset import ChainName, Table
    from iptexplain.model.shape import Shape


class Way(NamedTuple):
    """One rule that leads to the chain of an endpoint.

    `place` is the rule's among the rules of nat. `threshold` is the k of k/2³¹ with which it matches, None if it does not draw. `list` is
    the list of clients that it asks for (`recent --rcheck`), None if it asks for none. `sure`: it asks for nothing else.
    """

    place: int
    to: str
    threshold: int | None
    list: str | None
    sure: bool


class Choice(NamedTuple):
    """A chain that chooses: the rules that lead to endpoints, and whether a rule behind them takes every packet that is left."""

    chain: ChainName
    ways: tuple[Way, ...]
    closed: bool

    @property
    def drawn(self) -> tuple[Way, ...]:
        """The ways of clients that are on no list."""
        return tuple([way for way in self.ways if way.list is None])

    @property
    def plain(self) -> tuple[Way, ...]:
        """The same if chance alone decides among them, else none."""
        drawn = self.drawn
        return drawn if all(way.sure for way in drawn) else ()


class _Form(NamedTuple):
    """Where the rules of a shape have what a `Way` says."""

    to: int
    probability: int | None
    list: int | None
    sure: bool


@per_shape
def _form(shape: Shape) -> _Form | None:
    target = shape.target
    if target is None or target.unknown or isinstance(target.name, str):
        return None
    probability = listed = None
    rest = []
    for clause in shape.clauses:
        options = {option.name: option.values for option in clause.options if not option.negated}
        if clause.name == "statistic" and "--probability" in options and probability is None:
            probability = options["--probability"][0]
        elif clause.name == "recent" and "--rcheck" in options and "--name" in options and listed is None:
            listed = options["--name"][0]
        else:
            rest.append(clause)
    return _Form(target.name, probability, listed, binding.limits_of(rest) == ())


def choices(subject: Subject) -> tuple[Choice, ...]:
    """The chains of Services in nat with rules that lead to endpoints, worked out once for all checks that ask."""
    return subject.once(_worked_out)


def _worked_out(subject: Subject) -> tuple[Choice, ...]:
    nat = subject.table("nat")
    with without_collector():
        return tuple(_choices(nat)) if nat is not None else ()


def _choices(nat: Table) -> Iterator[Choice]:
    """What shapes say is worked out once for chains of one form."""
    for alike in nat.alike:
        members = [chain for chain in alike.chains if (kind := SERVICE_CHAIN.match(chain)) and kind[1] in layout.ENDPOINT_SET]
        if not members:
            continue
        shapes = nat.rules.shapes_of(alike.places)
        forms = [(number, form) for number, shape in enumerate(shapes) if (form := _form(shape)) is not None]
        closing = [number for number, shape in enumerate(shapes) if may_end(shape)]
        for chain in members if forms else ():
            places = nat.by_chain[chain]
            values = nat.rules.values_of(places)
            found = [(number, way) for number, form in forms if (way := _way(form, places[number], values[number])) is not None]
            if found:
                yield Choice(chain, tuple([way for _, way in found]), bool(closing) and closing[-1] > found[-1][0])


def _way(form: _Form, place: int, values: Values) -> Way | None:
    to = values[form.to]
    if not ENDPOINT_CHAIN.match(to):
        return None
    threshold = None
    sure = form.sure
    if form.probability is not None:
        try:
            threshold = Threshold.parse(values[form.probability]).k
        except ValueError:
            sure = False
    return Way(
        place, to, None if threshold == CERTAIN else threshold, None if form.list is None else binding.unquote(values[form.list]), sure
    )


def destinations(subject: Subject) -> dict[str, str]:
    """Where the chains of endpoints send packets, by chain; without those that say no single destination."""
    nat = subject.table("nat")
    found: dict[str, str] = {}
    for alike in nat.alike if nat is not None else ():
        if nat is None or not any(map(ENDPOINT_CHAIN.match, alike.chains)):
            continue
        slot = _destination(nat.rules.shapes_of(alike.places))
        if slot is not None and isinstance(alike.places, range):
            texts = [text for (text,) in nat.rules.blocks(alike.places, len(alike.chains), (slot,))]
        elif slot is not None:
            texts = [*nat.rules.block(alike.places, (slot,))]
        else:
            continue
        found |= {chain: text for chain, text in zip(alike.chains, texts, strict=True) if ENDPOINT_CHAIN.match(chain)}
    return found


def _destination(shapes: Sequence[Shape]) -> int | None:
    """Where rules of some shapes have their only destination, counted over the values of all of them; None if there is no such thing."""
    found = []
    before = 0
    for shape in shapes:
        if shape.target is not None and shape.target.name == "DNAT":
            found += [before + option.values[0] for option in shape.target.options if option.name == "--to-destination" and option.values]
        before += len(shape.slots)
    return found[0] if len(found) == 1 else None
