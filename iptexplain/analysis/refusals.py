"""What kube-proxy's part of filter does with packets to Services: refuse, drop, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.endings import unknown
from iptexplain.analysis.service_port import DROP, NONE, REJECT, Answer
from iptexplain.analysis.walk import Outcome
from iptexplain.model.matching import Broken, Reject, Verdict
from iptexplain.model.share import ONE
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.traffic import Source
    from iptexplain.analysis.walk import Path, Walker
    from iptexplain.model.ruleset import Rule
    from iptexplain.owners.kube_proxy.signs import Versions


class Refusals(NamedTuple):
    """The filter table of a dump (None: it has none), and the versions of the kube-proxy that wrote it."""

    walker: Walker | None
    versions: Versions | None

    def met(self, source: Source, path: Path, *, to_local: bool) -> Iterator[tuple[Answer, Path]]:
        """What kube-proxy's part of filter does with a packet that nat has left alone. Other makers' rules are no matter here."""
        hooks = ["OUTPUT"] if source.local else []
        hooks += ["INPUT"] if to_local else [] if source.local else ["FORWARD"]
        going = [path]
        walker = self.walker
        for hook in hooks:
            if walker is None:
                break
            outcomes = [(o, at) for at in going for o in _in_filter(walker, hook, at, self.versions)]
            going = []
            for (effect, end), at in outcomes:
                joined = end._replace(weight=end.weight.times(*at.weight), answers=(*at.answers, *end.answers))
                if isinstance(effect, Reject):
                    yield Answer(REJECT), joined
                elif effect is Verdict.DROP:
                    yield Answer(DROP), joined
                elif effect in {Verdict.RETURN, Verdict.ACCEPT}:
                    going.append(joined)
                else:
                    yield unknown(effect), joined
        yield from ((Answer(NONE), at) for at in going)


def _in_filter(walker: Walker, hook: str, path: Path, versions: Versions | None) -> Sequence[Outcome]:
    """The walk through a hook's chain of filter; without built-in chains (rule lines alone) through those that it would lead to."""
    if walker.table.has_chain(hook):
        return walker.walk(hook, [path.state], through=_is_kube_proxys)
    left: Sequence[Outcome] = (Outcome(Verdict.RETURN, path._replace(weight=ONE, answers=())),)
    for chain in filter(walker.table.has_chain, layout.FILTER_HOOKS[hook]):
        if hook == "FORWARD" and chain == layout.EXTERNAL_SERVICES and versions is not None and versions.before(layout.FORWARDED_FROM):
            continue
        left = [end for o in left for end in (walker.walk(chain, [o.path.state]) if o.effect is Verdict.RETURN else [o])]
        if hook == "FORWARD" and chain == layout.EXTERNAL_SERVICES and not (versions is not None and versions.since(layout.FORWARDED_FROM)):
            unsure = Broken(message("rules that lead to chain {chain} were left out", chain=chain))
            left = [o if o.effect is Verdict.RETURN else Outcome(unsure, o.path) for o in left]
    return left


def _is_kube_proxys(rule: Rule) -> bool:
    return rule.target_name in layout.FILTER_CHAINS or rule.chain in layout.FILTER_CHAINS
