"""What `explain` says of shares is what the Services view works out by walking packets through the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.explain.sentence import Sentences
from iptexplain.analysis.explain.setting import Setting
from iptexplain.analysis.services import services
from tests.dumps import ruleset, saved_files

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 400_000
"""Bytes of a dump that is looked at here."""

FILES = [path for path in saved_files() if "ipvs" not in path.parts and path.stat().st_size < _LARGEST]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_share_of_an_endpoint_is_that_of_the_services_view(path: Path) -> None:
    found = ruleset(*path.read_text("utf-8", "surrogateescape").splitlines())
    compared = expected = 0
    for view in services(found):
        nat = view.dump.table("nat")
        said = Sentences(Setting(view.dump))
        for port in view.ports:
            for name, kinds in (("cluster", ("KUBE-SVC-",)), ("local", ("KUBE-SVL-", "KUBE-XLB-"))):
                ends = {end.chain: end for end in port.endpoint_sets.get(name, ()) if end.share is not None}
                chains = [chain for chain in port.chains if chain.startswith(kinds)]
                if nat is None or len(ends) < 2:
                    continue
                expected += len(ends)
                for rule in (rule for chain in chains for rule in nat.rules_of(chain)):
                    drawn, end = said.of(nat, rule).drawn, ends.get(rule.target_name or "")
                    if drawn is not None and end is not None and end.share is not None:
                        compared += 1
                        assert drawn.share.reduced() == end.share.reduced(), rule.text

    assert expected == compared
