"""Every sample tells the same story in other words, and none of its own words is left."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.services import services
from iptexplain.anonymize.dump import gather
from iptexplain.anonymize.key import Key
from iptexplain.anonymize.needs import Needs
from iptexplain.anonymize.together import How, anonymized
from iptexplain.api import load
from iptexplain.extensions.binding import comment
from iptexplain.owners.kube_proxy import origin
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, PROTOCOLS, SERVICE_CHAIN, endpoint_hash, service_hash
from iptexplain.parsing.reader import read
from iptexplain.render import report_html, report_markdown
from iptexplain.report.gather import gather as facts_of
from tests.anonymize import story
from tests.checkout import ROOT
from tests.dumps import saved_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.model.ruleset import Dump, Ruleset

FILES = saved_files()
IDS = [str(path.relative_to(ROOT)) for path in FILES]
ORIGINS = [row.comment for row in (*origin.ROWS, *origin.IPVS_ROWS) if row.comment]
TEMPLATES = sorted((ROOT / "iptexplain/render/templates").iterdir())
KEYS = (story.KEY, Key(b"one more key for these"))


def prose(*texts: str) -> frozenset[str]:
    """Words that would stand in an output whatever the dump is called: a search for names that are such words proves nothing."""
    return frozenset(word.lower() for text in texts for word in re.findall(r"[A-Za-z][A-Za-z-]*", text))


IN_DUMPS = prose(*ORIGINS, "kubernetes default tcp udp sctp icmp nat filter mangle random")
"""The words that kube-proxy writes."""

IN_PAGES = IN_DUMPS | prose(
    (ROOT / "iptexplain/locale/iptexplain.pot").read_text("utf-8"), *(path.read_text("utf-8") for path in TEMPLATES)
)
"""Those, and the words of this program's sentences and pages."""


@cache
def original(path: Path) -> Ruleset:
    return load(path)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_the_services_routes_shares_and_findings_are_the_same(path: Path) -> None:
    assert story.differences(original(path)) == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_all_names_of_chains_still_verify(path: Path) -> None:
    ruleset = original(path)
    _, other = story.disguised(ruleset)

    ports, others = ([port for dump in services(one) for port in dump.ports] for one in (ruleset, other))

    assert sorted(port.name_verified for port in others) == sorted(port.name_verified for port in ports)
    for port in others:
        if port.name_verified and port.service_port is not None:
            hashes = {found[2] for chain in port.chains if (found := SERVICE_CHAIN.match(chain))}
            assert hashes <= {service_hash(port.service_port.text, port.protocol)}
    for dump in other.dumps:
        assert {*broken_endpoints(dump)} == set()


def broken_endpoints(dump: Dump) -> Iterator[str]:
    """The chains of endpoints whose hash is that of no Service port that leads there."""
    nat = dump.table("nat")
    for name in nat.chains if nat is not None else ():
        found = SERVICE_CHAIN.match(name)
        for rule in nat.rules_of(name) if nat is not None and found is not None else ():
            target, said = ENDPOINT_CHAIN.match(rule.target_name or ""), comment(rule)
            if target is not None and said is not None and " -> " in said:
                service_port, _, end = said.partition(" -> ")
                if target[1] not in {endpoint_hash(service_port, protocol, end) for protocol in PROTOCOLS}:
                    yield target[0]


def words_of(ruleset: Ruleset, disguise: Disguise) -> Iterator[str]:
    """What must not be found: addresses outside ranges that are kept, names of Services, ports and chains, comments in free words."""
    needs = Needs()
    gather(ruleset, needs)
    yield from (str(address) for address in needs.addresses if not disguise.addresses.kept(address))
    for kind in ("ns", "svc", "port", "if", "set", "list", "account", "hardware", "comment", "log", "chain"):
        seen = disguise.pseudonyms.kind(kind)
        yield from (name for name, other in seen.items() if name and name != other)
    for table in (table for dump in ruleset.dumps for table in dump.tables):
        for rule in table.rules:
            said = comment(rule)
            if said is not None and disguise.comments.comment(said) != said:
                yield said


def left(text: str, words: Iterator[str], known: frozenset[str] = IN_DUMPS) -> list[str]:
    """The words that stand in a text by themselves."""
    inside = set(re.findall(r"[\w.:/-]+", text))
    inside |= {part for word in inside for part in re.split(r"[/:]", word)}
    inside |= (
        {word.rstrip(".:,") for word in inside}
        | {word.partition("/")[0] for word in inside}
        | {word.rpartition(":")[0].strip("[]") for word in inside}
    )
    found = []
    for word in sorted(set(words)):
        if word.lower() in known:
            continue
        if word in inside or (not re.fullmatch(r"[\w.:/-]+", word) and word in text):
            found.append(word)
    return found


@pytest.mark.parametrize("key", KEYS, ids=["one key", "another"])
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_original_word_is_left(path: Path, key: Key) -> None:
    ruleset = original(path)
    done = anonymized([ruleset], How(key, counters=True))

    assert left(done.dumps[0], words_of(ruleset, done.disguise)) == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_original_word_is_left_in_a_report(path: Path) -> None:
    ruleset = original(path)
    done = anonymized([ruleset], How(story.KEY))
    report = facts_of([read("dump-1", done.dumps[0].encode("utf-8", "surrogateescape"))])

    for view in (report_markdown, report_html):
        assert left("\n".join(view.page(report)), words_of(ruleset, done.disguise), IN_PAGES) == []


def test_the_search_for_words_finds_what_is_left() -> None:
    ruleset = original(ROOT / "samples/kube-proxy/classic-nginx.save")
    done = anonymized([ruleset], How(story.KEY))
    text = (ROOT / "samples/kube-proxy/classic-nginx.save").read_text("utf-8")

    found = left(text, words_of(ruleset, done.disguise))

    assert {"10.109.35.24", "192.168.104.1", "nginx", "KUBE-SVC-2CMXP7HKUVJN7L6M", "default/nginx cluster IP"} <= {*found}


@pytest.mark.parametrize("path", FILES[:4], ids=IDS[:4])
def test_the_same_key_gives_the_same_bytes(path: Path) -> None:
    first, second = (anonymized([load(path)], How(Key(b"a key that tests may know"))).dumps for _ in range(2))

    assert first == second
    assert anonymized([load(path)], How(KEYS[1])).dumps != first


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_what_is_anonymised_twice_tells_the_same_too(path: Path) -> None:
    _, other = story.disguised(original(path))

    assert story.differences(other) == []
