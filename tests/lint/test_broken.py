"""Every check finds what is broken in dumps of several versions of kube-proxy, or beside them, and no other check says anything."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from iptexplain.api import load, load_ip_addr, load_ipset
from iptexplain.lint.beside import Beside
from iptexplain.lint.check import ADDRESSES, OTHER_BACKEND, OTHER_FAMILY, SETS
from iptexplain.lint.finding import INFO
from iptexplain.lint.registry import CODES, check
from iptexplain.lint.runner import lint
from tests.checkout import ROOT
from tests.lint.broken import BESIDE, BROKEN, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lint.broken import Break, Pair

INPUTS = frozenset({OTHER_BACKEND, OTHER_FAMILY, SETS, ADDRESSES})
"""What a check may need beside a dump."""

ALL = [check(code) for code in CODES]
BREAKS: list[Break | Pair] = [*BROKEN.values(), *BESIDE.values()]


@cache
def healthy(version: str, dump: str) -> str:
    return (ROOT / f"tests/data/kube-proxy/{version}/{dump}.save").read_text("utf-8")


def found(text: str, beside: Beside | None = None) -> dict[tuple[str, str], str]:
    """The codes of all findings, by fingerprint and severity."""
    return {(one.fingerprint, one.severity): one.check.code for one in lint(load(text.encode()), ALL, beside or Beside()).findings}


def read(kind: str, text: str) -> Beside:
    """What a node gives beside a dump."""
    raw = text.encode()
    if kind == "ipset":
        return Beside(sets=load_ipset(raw))
    if kind == "addr":
        return Beside(links=load_ip_addr(raw))
    return Beside(backend=load(raw)) if kind == "backend" else Beside(ip6=load(raw))


def places(broken: Break | Pair) -> Iterator[tuple[str, str]]:
    """The versions and dumps to break: the first dump in each version, with one of the others in turn, which saves half of the time."""
    first, *others = broken.dumps
    for at, version in enumerate(broken.versions):
        yield version, first
        if others:
            yield version, others[at % len(others)]


@cache
def known(version: str, dump: str) -> dict[tuple[str, str], str]:
    return found(healthy(version, dump))


def test_every_check_has_a_break() -> None:
    assert {made.code for made in ALL if not INPUTS & set(made.needs)} == set(BROKEN)
    assert {made.code for made in ALL if INPUTS & set(made.needs)} == set(BESIDE)


def test_every_break_is_done_to_three_versions_or_more() -> None:
    assert all(len(set(broken.versions) & set(VERSIONS)) >= 3 for broken in BREAKS)


def test_every_reason_for_another_finding_is_given() -> None:
    others = {code: reason for broken in BREAKS for code, reason in broken.also.items()}

    assert set(others) <= set(CODES)
    assert all(others.values())


@pytest.mark.parametrize("dump", sorted({dump for broken in BROKEN.values() for dump in broken.dumps}))
@pytest.mark.parametrize("version", VERSIONS)
def test_the_dumps_are_healthy(version: str, dump: str) -> None:
    assert [code for (_, severity), code in known(version, dump).items() if severity != INFO] == []


@pytest.mark.parametrize("code", BROKEN)
def test_a_break_gives_its_code_and_no_other(code: str) -> None:
    broken = BROKEN[code]
    severity = check(code).severity
    grave = {code, *broken.also} if severity != INFO else set(broken.also)

    actual = {}
    for version, dump in places(broken):
        old = known(version, dump)
        new = {key: said for key, said in found(broken.change(healthy(version, dump))).items() if key not in old}
        severities = {how for (_, how), said in new.items() if said == code}
        actual[version, dump] = (severities, {said for (_, how), said in new.items() if how != INFO})

    assert {place: ({severity}, grave) for place in actual} == actual


@pytest.mark.parametrize("code", BESIDE)
def test_a_broken_input_beside_a_dump_gives_its_code_and_no_other(code: str) -> None:
    pair = BESIDE[code]
    severity = pair.severity or check(code).severity
    grave = {code, *pair.also} if severity != INFO else set(pair.also)

    actual = {}
    for version, dump in places(pair):
        text, origin = pair.change(healthy(version, dump)), healthy(version, pair.made_from or dump)
        old = found(text, read(pair.input, pair.sound(origin)))
        assert code not in old.values()
        assert {said for (_, how), said in old.items() if how != INFO} == set()
        new = {key: said for key, said in found(text, read(pair.input, pair.broken(origin))).items() if key not in old}
        severities = {how for (_, how), said in new.items() if said == code}
        actual[version, dump] = (severities, {said for (_, how), said in new.items() if how != INFO})

    assert {place: ({severity}, grave) for place in actual} == actual
