from __future__ import annotations

from tests.report.gathered import GATEWAY, MIXED, dump


def test_programs_have_what_they_are_and_how_much_is_theirs() -> None:
    proxy, kubelet = dump(MIXED).owners

    assert (proxy.name, proxy.chains, proxy.rules) == ("kube-proxy", 388, 1123)
    assert proxy.what is not None
    assert (kubelet.name, kubelet.chains, kubelet.rules) == ("kubelet", 1, 3)


def test_chains_of_one_kind_are_one_purpose() -> None:
    proxy, _ = dump(MIXED).owners
    (spread,) = [one for one in proxy.purposes if one.pattern.startswith("KUBE-SVC-")]
    declared = [chain for table in dump(MIXED).dump.tables for chain in table.chains if chain.startswith("KUBE-SVC-")]

    assert (spread.table, spread.chains, spread.first) == ("nat", len(declared), declared[0])
    assert str(spread.purpose) == "spreads connections over the endpoints"
    assert sum(one.chains for one in proxy.purposes) == proxy.chains


def test_chains_of_nobody_stand_for_themselves() -> None:
    (nobody,) = dump(GATEWAY).owners

    assert (nobody.name, nobody.what) == ("", None)
    assert [(one.table, one.pattern, one.purpose, one.rules) for one in nobody.purposes] == [("filter", "guests", None, 4)]
