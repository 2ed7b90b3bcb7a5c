"""Fates with one story: they differ in nothing but addresses, interfaces and the rules of single endpoints (the Pods of a Service)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.trace.fate import ARRIVES
from iptexplain.analysis.trace.story import tell
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.analysis.trace.fate import Fate, Trace
    from iptexplain.analysis.trace.story import Story
    from iptexplain.analysis.trace.whose import Whose
    from iptexplain.model.share import Share
    from iptexplain.source import Message

    Assumed = tuple[Message, bool]


class Group(NamedTuple):
    """Fates with one story, the likeliest first in `stories`, and what they rest on.

    `share` is their chance together. `stays`: the client stays with an endpoint that remembers it (session affinity); which of the stories
    is its own depends on which endpoint that is, and it has the chance `share` then.
    """

    share: Share
    stories: tuple[Story, ...]
    assumed: tuple[Assumed, ...]
    stays: bool = False

    @property
    def first(self) -> Story:
        """The story that stands for all of them."""
        return self.stories[0]

    @property
    def arrives(self) -> bool:
        """Does the packet get on."""
        return self.first.fate.outcome in ARRIVES


def groups(trace: Trace, whose: Whose) -> list[Group]:
    """A packet's fates in groups: those without assumptions first, then those of each set of assumptions, in the order of the fates."""
    found: dict[object, list[Story]] = {}
    rests: dict[object, tuple[tuple[Assumed, ...], bool]] = {}
    several = len({fate.destination for fate in trace.fates if fate.dnat}) > 1
    for fate in trace.fates:
        if fate.share.numerator:
            story = tell(fate, trace.packet, whose)
            assumed, stays = _assumed(fate, several=several)
            key = frozenset(assumed), story.key, fate.share.reduced() if stays else None
            rests[key] = assumed, stays
            found.setdefault(key, []).append(story)
    made = [_group(stories, *rests[key]) for key, stories in found.items()]
    worlds: dict[frozenset[Assumed], list[Group]] = {frozenset(): []}
    for group in _unasked(made):
        worlds.setdefault(frozenset(group.assumed), []).append(group)
    usual = sorted(worlds, key=lambda world: (_HOST_NETWORK, True) in world)
    return [group for world in usual for group in worlds[world]]


def _group(stories: Sequence[Story], assumed: tuple[Assumed, ...], stays: bool) -> Group:  # noqa: FBT001 - as `_assumed` gives it
    share = stories[0].fate.share
    for story in () if stays else stories[1:]:
        share = share.plus(story.fate.share)
    return Group(share.reduced(), tuple(sorted(stories, key=lambda story: -float(story.fate.share))), assumed, stays)


def _assumed(fate: Fate, *, several: bool) -> tuple[tuple[Assumed, ...], bool]:
    """What a fate rests on, and whether the client stays with an endpoint; what is the same for each of `several` is said at once."""
    found: list[Assumed] = []
    remembered = None
    for question, answer in fate.answers:
        said = question.text.fields
        if question.kind == _RECENT and str(said.get("list")).startswith(layout.ENDPOINT):
            seconds = said.get("seconds")
            text = message("the client was here before (session affinity)")
            if seconds:
                text = message("the client was here in the last {seconds} seconds (session affinity)", seconds=seconds)
            remembered = text, answer or (remembered is not None and remembered[1])
        elif several and fate.dnat and question.about == ("local", fate.destination):
            found.append((_HOST_NETWORK, answer))
        else:
            found.append((question.text, answer))
    if remembered is not None:
        found.append(remembered)
    return tuple(found), remembered is not None and remembered[1]


_HOST_NETWORK = message("the one that is chosen has an address of this node (host network)")

_RECENT = "recent"
"""The kind of questions about the match `recent`."""


def _anywhere(group: Group, other: Group) -> Group:
    """The group without the interface where the packet leaves, if that is another one in the other group."""
    if {story.fate.output for story in group.stories} == {story.fate.output for story in other.stories}:
        return group
    return group._replace(stories=tuple([story._replace(fate=story.fate._replace(output=None)) for story in group.stories]))


def _unasked(found: Sequence[Group]) -> list[Group]:
    """The groups without assumptions that make no difference: the same story with the same chances whether one holds or not."""
    known: dict[object, Group] = {}
    waiting = list(found)[::-1]
    while waiting:
        group = waiting.pop()
        ends = frozenset(
            [(one.fate.source, one.fate.destination, one.fate.destination_port, one.fate.share.reduced()) for one in group.stories]
        )
        same = group.first.key, ends, group.stays
        answers = frozenset(group.assumed)
        for said, answer in group.assumed:
            other = known.pop((same, answers ^ {(said, answer), (said, not answer)}), None)
            if other is not None:
                group = _anywhere(group, other)._replace(assumed=tuple([one for one in group.assumed if one[0] != said]))
                waiting.append(group)
                break
        else:
            known[same, answers] = group
    return list(known.values())
