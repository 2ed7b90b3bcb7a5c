"""The words around the sentences on rules: hooks, chains with what they are for, comments, owners, where a rule comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain import reading
from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment
from iptexplain.model.matching import Reject, Verdict
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.named import NamedTuple
from iptexplain.owners import makers
from iptexplain.owners.kube_proxy.origin import origin
from iptexplain.source import N_, all_of, message, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.explain.owned import Owned
    from iptexplain.analysis.explain.reading import Opened, Told
    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.owners.kube_proxy.origin import Origin
    from iptexplain.owners.kube_proxy.proxy import Proxy
    from iptexplain.source import Message


class Known(NamedTuple):
    """What the words may know of the dump: the `setting` of its rules, its kube-proxy (None: it has none, or nobody asked).

    `origins`: say where rules come from.
    """

    setting: Setting
    proxy: Proxy | None = None
    origins: bool = False

    def origin(self, item: Told) -> Origin | None:
        """Where a rule comes from, None if that is not known. kubelet writes rules also where there is no kube-proxy."""
        versions, mode = (None, None) if self.proxy is None else (self.proxy.versions, self.proxy.mode)
        return origin(item.table, item.rule, versions, mode)


_HOOKS = {
    "PREROUTING": message("PREROUTING: a packet has come in"),
    "INPUT": message("INPUT: it is for this node itself"),
    "FORWARD": message("FORWARD: it goes on to somewhere else (a Pod, another node)"),
    "OUTPUT": message("OUTPUT: this node itself sends a packet"),
    "POSTROUTING": message("POSTROUTING: a packet is about to leave"),
    reading.NOWHERE: message("Chains that no rule leads to"),
}


def hook_words(name: str) -> Message | None:
    """What is met at a hook, or in its place; None where nothing needs to be said."""
    return _HOOKS.get(name)


def about(found: Sequence[Owned]) -> Message:
    """Who owns how many chains and rules."""
    if not found:
        return message("no rules")
    return all_of([_owned(one) for one in found])


def _owned(one: Owned) -> Message:
    """One owner; what is nobody's at last."""
    rules = message("1 rule") if one.rules == 1 else message("{count} rules", count=one.rules)
    chains = message("1 chain") if one.chains == 1 else message("{count} chains", count=one.chains)
    owner = verbatim(one.owner) if one.owner else message("nobody known")
    return message("{owner}: {rules} in {chains}" if one.chains else "{owner}: {rules}", owner=owner, rules=rules, chains=chains)


_CHAINS = {
    (False, False): N_("{table} {chain}"),
    (True, False): N_("{table} {chain} ({whose})"),
    (False, True): N_("{table} {chain}: {purpose}"),
    (True, True): N_("{table} {chain} ({whose}): {purpose}"),
}
"""The line above a chain, by whether it is known whose it is and what for."""


def chain_words(item: Opened, known: Known) -> Message:
    """A chain: its name, whose it is, what it is for."""
    if item.chain in BUILT_IN:
        if item.policy is None:
            return message("{table} {chain}", table=item.table, chain=item.chain)
        text = N_("{table} {chain}, policy {policy}") if item.rules else N_("{table} {chain}, no rules, policy {policy}")
        return message(text, table=item.table, chain=item.chain, policy=item.policy)
    owner = known.setting.owners.of_chain(item.table, item.chain)
    purpose = None if owner is None else owner.purpose(item.chain, item.table)
    service = known.setting.service_of(item.chain)
    whose = service if service is not None else None if owner is None else owner.name
    return message(_CHAINS[whose is not None, purpose is not None], table=item.table, chain=item.chain, whose=whose, purpose=purpose)


def rule_words(item: Told) -> Message:
    """The sentence on a rule, and what of the chain it leads to is not told below it."""
    said = item.sentence.text
    if item.loop:
        return message("{sentence} (round in a circle: that chain leads here)", sentence=said)
    if item.again:
        return message("{sentence} (told above)", sentence=said)
    if item.folded is not None:
        first, last = item.folded
        text = N_("{sentence} ({chain}, line {first})") if first == last else N_("{sentence} ({chain}, lines {first} to {last}, likewise)")
        return message(text, sentence=said, chain=item.rule.target_name, first=first, last=last)
    return said


def remark(item: Told, known: Known) -> Message | None:
    """The comment of a rule, if it says something that the sentence does not.

    kube-proxy's comments name the Service, as the sentence does; where traffic ends they say why. Those of Calico are hashes.
    """
    said = comment(item.rule)
    if not said or said.startswith(_HASHES):
        return None
    owner, ends = known.setting.owners.of_rule(item.table, item.rule), binding.effect(item.rule)
    if owner in makers.KUBE and not (known.origins or ends is Verdict.DROP or isinstance(ends, Reject)):
        return None
    return message('"{comment}"', comment=said)


_HASHES = "cali:"
"""How Calico's comments begin that are marks for itself (felix/iptables/table.go)."""


def origin_words(item: Told, known: Known) -> Iterator[Message]:
    """Where one of kube-proxy's rules comes from, if that is wanted and known."""
    found = known.origin(item) if known.origins else None
    if found is not None:
        text = _ORIGINS[bool(found.since), bool(found.until)]
        yield message(text, function=found.function, since=found.since, until=found.until, why=message(found.why))


_ORIGINS = {
    (False, False): N_("written by {function}: {why}"),
    (True, False): N_("written by {function}, from Kubernetes {since} on: {why}"),
    (False, True): N_("written by {function}, up to Kubernetes {until}: {why}"),
    (True, True): N_("written by {function}, from Kubernetes {since} to {until}: {why}"),
}
"""By whether the first version is known, and whether there is a last one."""
