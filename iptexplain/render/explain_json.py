"""`explain -f json`: each chain with whose it is and what for, each rule with its sentence, in the order of reading; always in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.explain import reading
from iptexplain.extensions import binding
from iptexplain.extensions.binding import comment
from iptexplain.model.matching import Jump
from iptexplain.render import documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iptexplain.analysis.explain.owned import Owned, Owners
    from iptexplain.analysis.explain.reading import Item, Opened, Told
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.render.documents import Json
    from iptexplain.render.explain_words import Known, Page


def document(rulesets: Sequence[Ruleset], pages: Iterable[Page]) -> str:
    """All dumps as one document."""
    problems = [problem for ruleset in rulesets for problem in ruleset.problems]
    owners: list[Json] = []
    chains: list[Json] = []
    for page in pages:
        items, known = page.items, page.known
        where = {"file": page.file, "dump": page.dump.number}
        found = known.setting.owners
        owners += [{**where, **_owner(one, found)} for one in found.summary()]
        chains += _chains(where, items, known)
    return documents.write(
        {
            **documents.head("explain"),
            "inputs": documents.inputs(rulesets),
            "warnings": documents.warnings(problems),
            "owners": owners,
            "chains": chains,
        }
    )


def _owner(one: Owned, owners: Owners) -> Json:
    what = owners.what(one.owner)
    return {"name": one.owner or None, "what": None if what is None else what.english(), "chains": one.chains, "rules": one.rules}


def _chains(where: Json, items: Iterable[Item], known: Known) -> list[Json]:
    """The chains in the order of reading, each with its rules, which may go on behind the chains that they lead to."""
    found: list[Json] = []
    rules: dict[tuple[str, str], list[Json]] = {}
    hook = ""
    for item in items:
        if isinstance(item, reading.Hook):
            hook = item.name
        elif isinstance(item, reading.Opened):
            found.append({**where, "hook": hook if hook in reading.HOOKS else None, **_opened(item, known)})
            rules[item.table, item.chain] = found[-1]["rules"]
        else:
            rules[item.table, str(item.rule.chain)].append(_told(item, known))
    return found


def _opened(item: Opened, known: Known) -> Json:
    owner = known.setting.owners.of_chain(item.table, item.chain)
    purpose = None if owner is None else owner.purpose(item.chain, item.table)
    kind = None if owner is None else owner.kind(item.chain, item.table)
    return {
        "table": item.table,
        "name": item.chain,
        "line": item.line,
        "policy": item.policy,
        "owner": None if owner is None else owner.name,
        "since": (kind.since or None) if kind is not None else None,
        "until": (kind.until or None) if kind is not None else None,
        "purpose": None if purpose is None else purpose.english(),
        "service": known.setting.service_of(item.chain),
        "rules": [],
    }


def _told(item: Told, known: Known) -> Json:
    drawn = item.sentence.drawn
    found = known.origin(item)
    return {
        "line": item.rule.line,
        "text": item.rule.text,
        "sentence": item.sentence.text.english(),
        "comment": comment(item.rule),
        "owner": known.setting.owners.of_rule(item.table, item.rule),
        "leads_to": effect.chain if isinstance(effect := binding.effect(item.rule), Jump) else None,
        "goto": isinstance(effect, Jump) and effect.goto,
        "service": item.sentence.service,
        "endpoint": item.sentence.pod,
        "probability": None if drawn is None else float(drawn.share),
        "fraction": None if drawn is None else drawn.share.fraction(),
        "threshold": None if drawn is None else drawn.threshold,
        "origin": None if found is None else {"function": found.function, "since": found.since or None, "until": found.until or None},
    }
