"""Does an anonymised dump tell the same story: Services, shares, routes and findings of the original, in its other words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from iptexplain.analysis.services import services
from iptexplain.anonymize.disguise import Disguise
from iptexplain.anonymize.dump import Writer, gather
from iptexplain.anonymize.key import Key
from iptexplain.anonymize.needs import Needs
from iptexplain.lint.runner import findings
from iptexplain.owners.kube_proxy.names import service_hash
from iptexplain.parsing.reader import read
from iptexplain.render import services_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.model.ruleset import Ruleset

KEY = Key(b"a key that tests may know")


def disguised(ruleset: Ruleset, *, counters: bool = True, key: Key = KEY) -> tuple[Disguise, Ruleset]:
    """What stands for what, and the anonymised dump as it is read."""
    needs = Needs()
    gather(ruleset, needs)
    disguise = Disguise(key, needs, dumps=ruleset.dumps)
    text = "".join(f"{line}\n" for line in Writer(disguise, counters=counters).lines(ruleset))
    return disguise, read(ruleset.source.name, text.encode("utf-8", "surrogateescape"))


def facts(ruleset: Ruleset) -> Any:  # noqa: ANN401 - JSON
    """Services, routes and shares as data, without what tells of the file itself."""
    document = json.loads(services_json.document([(ruleset, services(ruleset))]))
    for one in document["inputs"]:
        del one["sha256"]
    document["warnings"] = [warning["line"] for warning in document["warnings"]]
    return document


def translated(value: Any, disguise: Disguise, under: str = "") -> Any:  # noqa: ANN401 - JSON
    """The same data in the words of the disguise."""
    if isinstance(value, dict):
        found = {key: translated(one, disguise, key) for key, one in value.items()}
        if "service_port_name" in value:
            _name(value, found, disguise)
        if under == "local_detector" and value["value"] is not None:
            found["value"] = _detected(value, disguise)
        return found
    if isinstance(value, list):
        return [translated(one, disguise, under) for one in value]
    if not isinstance(value, str) or not value:
        return value
    make = _WORDS.get(under)
    return value if make is None else make(disguise, value)


def _told(disguise: Disguise, text: str) -> str:
    """A sentence with other names of chains."""
    return " ".join([disguise.chain(word) if word.startswith("KUBE-") else word for word in text.split()])


_WORDS: dict[str, Callable[[Disguise, str], str]] = {
    **dict.fromkeys(("address", "ip", "dst", "cluster_ip", "external_ips", "load_balancer_ips", "source_ranges"), Disguise.place),
    **dict.fromkeys(("chain", "chains", "unlisted_chains"), Disguise.chain),
    "taken_by": lambda disguise, text: disguise.services.service_port(text) or text,
    "depends_on": _told,
}
"""What is made of the texts under a key of the document."""


def _name(port: dict[str, Any], found: dict[str, Any], disguise: Disguise) -> None:
    names = disguise.services
    found["namespace"], found["name"] = names.pair(port["namespace"], port["name"]) if port["name"] else ("", "")
    found["port_name"] = names.port(port["port_name"])
    text = found["service_port_name"] = names.service_port(port["service_port_name"]) or port["service_port_name"]
    if port["chains"]:
        found["hash"] = disguise.chain(f"KUBE-SVC-{port['hash']}").removeprefix("KUBE-SVC-")
    elif port["hash"]:  # nothing bears it: it follows from the name
        assert port["hash"] == service_hash(port["service_port_name"], port["protocol"])
        found["hash"] = service_hash(text, port["protocol"])


def _detected(detector: dict[str, Any], disguise: Disguise) -> str:
    match detector["kind"]:
        case "cluster-cidr":
            return disguise.place(detector["value"])
        case "interface-prefix":
            return disguise.interface(f"{detector['value']}+").removesuffix("+")
        case _:
            return disguise.interface(detector["value"])


def in_order(document: Any) -> Any:  # noqa: ANN401 - JSON
    """The Services in an order that does not depend on their names; other lists of names and addresses sorted."""
    for port in document["service_ports"]:
        for key in ("chains", "external_ips", "load_balancer_ips", "source_ranges"):
            port[key] = sorted(port[key])
        for places in port["routes"].values():
            places.sort(key=lambda route: json.dumps(route, sort_keys=True))
    document["service_ports"].sort(key=lambda port: json.dumps(port, sort_keys=True))
    return document


def found(ruleset: Ruleset) -> list[tuple[str, int, str, list[int]]]:
    """What lint finds, and in which lines."""
    findings_ = findings(ruleset)
    return sorted((f.check.code, f.place.line, f.severity, sorted(related.line for related in f.related)) for f in findings_)


def differences(ruleset: Ruleset) -> list[str]:
    """What the anonymised dump says otherwise."""
    disguise, other = disguised(ruleset)
    wrong = []
    if in_order(translated(facts(ruleset), disguise)) != in_order(facts(other)):
        wrong.append("services")
    here, there = found(ruleset), found(other)
    if here != there:
        wrong.append(f"lint: no more {[one for one in here if one not in there]}, new {[one for one in there if one not in here]}")
    if len(ruleset.lines.marks) != len(other.lines.marks):
        wrong.append("another number of lines")
    return wrong
