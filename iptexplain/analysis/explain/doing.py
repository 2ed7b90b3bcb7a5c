"""What a rule does with the packets that it is about, in words: the second half of its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.terminal import Comes, comes_behind
from iptexplain.extensions import binding, phrasing
from iptexplain.extensions.matches.recent import Recent
from iptexplain.model.matching import Constraint, Field, Jump, SetMark, Verdict
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners.kube_proxy import layout
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Collection

    from iptexplain.analysis.explain.setting import Setting
    from iptexplain.model.ruleset import Rule, Table
    from iptexplain.model.values import Mark
    from iptexplain.source import Message


def doing(setting: Setting, table: Table, rule: Rule, services: Collection[str | None]) -> Message:
    """What a rule does; `services` are the Service ports that it is about."""
    effect = binding.effect(rule)
    if isinstance(effect, Jump):
        return _way(setting, table, effect, services)
    said = phrasing.action(rule)
    if isinstance(effect, Verdict) and said is None:
        return _verdict(setting, table, rule, effect)
    said = said or message("do {text}", text=rule.target_name or "")
    if isinstance(effect, SetMark) and table.name == "nat":
        said = _marking(setting, table, rule, effect) or said
    return message("{action}, go on", action=said) if comes_behind(table, rule) is Comes.CERTAINLY else said


def _way(setting: Setting, table: Table, effect: Jump, services: Collection[str | None]) -> Message:
    """Where a rule leads to."""
    chain = effect.chain
    if not table.has_chain(chain):
        return _gone(setting, table, effect)
    pod = setting.pod_of(chain) if table.name == "nat" else None
    service = setting.service_of(chain)
    mark = setting.marks_masquerade(table.name, chain)
    text = N_("go to {chain}")
    if effect.goto:
        text = N_("go to {chain}, and do not come back here")
    elif not table.rules_of(chain):
        cut = not (setting.dump.complete or table.committed)
        text = N_("go to {chain}, of which this cut dump has no rules") if cut else N_("go to {chain}, which is empty, go on")
    elif mark is not None:
        return message("{action}, go on", action=_for_masquerade(mark))
    elif pod is not None:
        text = N_("to Pod {pod}") if setting.is_pod(pod) else N_("to endpoint {pod}")
    elif service is not None:
        text = N_("go to this Service's chain {chain}") if service in services else N_("go to {service} ({chain})")
    return message(text, chain=chain, pod=pod, service=service)


def _gone(setting: Setting, table: Table, effect: Jump) -> Message:
    """To a chain that the dump does not have; of rules that were pasted alone its name tells what it is."""
    chain = effect.chain
    if table.line:
        text = N_("go to {chain}, which is not in this dump")
        return message(N_("go to {chain}, which is not in this dump, and do not come back here") if effect.goto else text, chain=chain)
    end = setting.lost_pod(chain)
    if end is not None:
        return message("to Pod {pod} ({chain}, which is not among these lines)", pod=end, chain=chain)
    if chain == layout.MARK_MASQUERADE:
        return message("go to {chain}, which is not among these lines (kube-proxy's mark for masquerade), go on", chain=chain)
    return message("go to {chain}, which is not among these lines", chain=chain)


def _for_masquerade(mark: Mark) -> Message:
    return message("mark for masquerade ({mark})", mark=f"{mark.value:#x}")


def _marking(setting: Setting, table: Table, rule: Rule, effect: SetMark) -> Message | None:
    """What one of kube-proxy's rules does to the mark for masquerade; None for other rules."""
    mark = setting.masquerade_mark
    if mark is None:
        return None
    if rule.chain == layout.MARK_MASQUERADE and setting.marks_masquerade(table.name, rule.chain) is not None:
        return _for_masquerade(mark)
    if rule.chain != layout.POSTROUTING or effect.mark != (mark.value, 0) or mark.value != mark.mask:
        return None
    before = [one for one in table.rules_of(rule.chain) if one.index < rule.index]
    only_marked = any(binding.effect(one) is Verdict.RETURN and _asks_only(one, mark) for one in before)
    return message("take the mark off again ({mark})", mark=f"{mark.value:#x}") if only_marked else None


def _asks_only(rule: Rule, mark: Mark) -> bool:
    """Does a rule match all packets without a mark, and no others."""
    tests = binding.tests(rule)
    return len(tests) == 1 and not tests[0].branches and tests[0].constraints == (Constraint(Field.MARK, mark, negated=True),)


def _verdict(setting: Setting, table: Table, rule: Rule, effect: Verdict) -> Message:
    """What a verdict means where the rule stands."""
    match effect:
        case Verdict.ACCEPT if table.name == "filter":
            return message("accept")
        case Verdict.ACCEPT:
            return message("accept (no further rules of table {table} here)", table=table.name)
        case Verdict.DROP:
            return message("drop")
        case Verdict.RETURN:
            return _back(setting, table, rule)
        case Verdict.CONTINUE if any(clause.name == Recent.NAME for clause in rule.shape.clauses):
            return message("nothing else, go on")  # the match itself keeps a list
        case Verdict.CONTINUE:
            return message("only count, go on")


def _back(setting: Setting, table: Table, rule: Rule) -> Message:
    """Where a RETURN leads: behind the last jump that was no goto; without one the policy of the built-in chain decides."""
    if rule.chain in BUILT_IN:
        declared = table.chains.get(rule.chain)
        policy = None if declared is None else declared.policy
        if policy is None:
            return message("no further rules of this chain: its policy, which this dump lacks, decides")
        return message("no further rules of this chain: its policy ({policy}) decides", policy=policy)
    if rule.chain in setting.gone_to(table):
        return message("no further rules of this chain: back to where its caller was called, or the policy decides")
    return message("back to where this chain was called")
