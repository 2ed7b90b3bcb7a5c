"""Services in ipvs mode rest on what is given beside the dump: anonymised together, all of it tells the same story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.services import services
from iptexplain.anonymize.beside.kinds import form
from iptexplain.anonymize.disguise import Disguise
from iptexplain.anonymize.dump import Writer, gather
from iptexplain.anonymize.needs import Needs
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.inputs.ipvs import parse_ipvs
from iptexplain.inputs.names import parse_names
from iptexplain.parsing.reader import read
from iptexplain.render import services_json
from tests.anonymize.story import KEY, in_order, translated
from tests.checkout import ROOT
from tests.inputs.sources import file, source

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Ruleset
    from iptexplain.source import Source

SAMPLE = "samples/ipvs/"


def facts(ruleset: Ruleset, beside: dict[str, Source]) -> Any:  # noqa: ANN401 - JSON
    """Services as data, without what tells of the file itself."""
    found = services(
        ruleset,
        names=parse_names(beside["names"]) if "names" in beside else None,
        sets=parse_ipset(beside["ipset"]) if "ipset" in beside else None,
        ipvs=parse_ipvs(beside["ipvs"]) if "ipvs" in beside else None,
    )
    document = json.loads(services_json.document([(ruleset, found)]))
    for one in document["inputs"]:
        del one["sha256"]
    document["warnings"] = [warning["line"] for warning in document["warnings"]]
    return document


@pytest.mark.parametrize("kinds", [("ipset", "ipvs", "names"), ("ipset", "ipvs"), ("ipset", "names"), ("ipset",)], ids=" ".join)
def test_services_in_ipvs_mode_are_the_same_in_other_words(kinds: tuple[str, ...]) -> None:
    ruleset = read("dump", (ROOT / SAMPLE / "dump.save").read_bytes())
    files = {"ipset": file(SAMPLE + "ipset.txt"), "ipvs": file(SAMPLE + "ipvsadm.txt"), "names": file(SAMPLE + "services.json")}
    beside = {kind: files[kind] for kind in kinds}
    needs = Needs()
    gather(ruleset, needs)
    for kind, given in beside.items():
        form(kind).gather(given, needs)
    names = parse_names(beside["names"]) if "names" in beside else None
    to = Disguise(KEY, needs, dumps=ruleset.dumps, names=names)
    text = "".join([f"{line}\n" for line in Writer(to).lines(ruleset)])
    other = {kind: source(*form(kind).lines(given, to, counters=False)) for kind, given in beside.items()}

    expected = in_order(translated(facts(ruleset, beside), to))

    assert expected["service_ports"]
    assert expected == in_order(facts(read("dump", text.encode()), other))
