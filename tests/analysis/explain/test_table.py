"""The table of sentences: rules with the exact sentence on each, in English and in Japanese. It stands in `sentences.txt`.

A block of it has four lines: the table and the family, the rule, the sentence in English, and the one in Japanese (`-` while there is
none). Empty lines stand between blocks; lines that begin with `#` say what the next blocks are about.

The Japanese lines are written by `UPDATE_SENTENCES=1 pytest tests/analysis/explain/test_table.py`, out of the catalogue, and then read by
people. The English ones are written by hand.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.explain.sentence import Sentences
from iptexplain.analysis.explain.setting import Setting
from iptexplain.named import NamedTuple
from iptexplain.render import language
from tests.checkout import ROOT
from tests.dumps import ruleset, saved_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iptexplain.model.ruleset import Rule, Ruleset
    from iptexplain.source import Message

TABLE = Path(__file__).parent / "sentences.txt"
NONE = "-"
UPDATE = "UPDATE_SENTENCES"
LANGUAGE = "ja"
FIELD = re.compile(r"\{[^{}]*\}")
LEAST = 120
"""How many rules the table has at least."""

MATCHES = (
    "addrtype",
    "comment",
    "connlimit",
    "connmark",
    "conntrack",
    "hashlimit",
    "icmp",
    "icmp6",
    "iprange",
    "limit",
    "mac",
    "mark",
    "multiport",
    "owner",
    "pkttype",
    "recent",
    "rpfilter",
    "sctp",
    "set",
    "state",
    "statistic",
    "tcp",
    "udp",
)
"""The matches that occur in dumps which people have published; with `OPTIONS`, what of them is used there."""
TARGETS = (
    "ACCEPT",
    "CHECKSUM",
    "CONNMARK",
    "CT",
    "DNAT",
    "DROP",
    "LOG",
    "MARK",
    "MASQUERADE",
    "NFLOG",
    "NOTRACK",
    "REDIRECT",
    "REJECT",
    "RETURN",
    "SNAT",
    "TCPMSS",
    "TRACE",
)
"""The targets that occur there."""
OPTIONS = """
-s -d -i -o -p -j -g ! --dport --sport --tcp-flags --dports --sports --ports --icmp-type --icmpv6-type --dst-type --src-type
--limit-iface-out --comment --connlimit-above --connlimit-mask --connlimit-saddr --mark --ctstate --ctproto --ctorigsrcport --ctorigdst
--ctorigdstport --hashlimit-above --hashlimit-burst --hashlimit-mode --hashlimit-name --hashlimit-htable-expire --src-range --dst-range
--limit --limit-burst --mac-source --uid-owner --gid-owner --pkt-type --set --update --rcheck --remove --seconds --reap
--hitcount --name --mask --rsource --validmark --invert --match-set --state --mode --probability --checksum-fill --restore-mark
--save-mark --nfmask --ctmask --set-xmark --or-mark --xor-mark --notrack --helper --to-destination --to --to-source --to-ports
--random-fully --log-prefix --log-level --log-tcp-options --log-ip-options --nflog-prefix --reject-with --clamp-mss-to-pmtu
"""
"""The option words that occur there."""
NEGATED = """
-s -d -i -o -p --sport --dport --tcp-flags --src-type --dst-type --mark --ctstate --src-range --dst-range --uid-owner --gid-owner
--match-set
"""
"""Those of them that occur negated there."""

CHAINS = {
    "raw": "PREROUTING OUTPUT",
    "mangle": "PREROUTING INPUT FORWARD OUTPUT POSTROUTING",
    "nat": "PREROUTING INPUT OUTPUT POSTROUTING",
    "filter": "INPUT FORWARD OUTPUT",
}
POLICIES = {("filter", "FORWARD"): "DROP"}
"""The policies other than ACCEPT."""
MARKING = """
*nat
-A PREROUTING -j KUBE-SERVICES
-A OUTPUT -j KUBE-SERVICES
-A POSTROUTING -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
"""
"""The mark for masquerade: what kube-proxy always writes."""
AROUND = {
    "ipv4": MARKING
    + """
*nat
:WEB
-A WEB -s 192.0.2.200/32 -j ACCEPT
-A KUBE-SERVICES -d 198.51.100.10/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-WEB2AAAAAAAAAAAA
-A KUBE-SERVICES -d 203.0.113.80/32 -p tcp -m comment --comment "shop/web:http external IP" -m tcp --dport 80 -j KUBE-EXT-WEB2AAAAAAAAAAAA
-A KUBE-SERVICES -d 198.51.100.20/32 -p tcp -m comment --comment "shop/cart cluster IP" -m tcp --dport 6379 -j KUBE-SVC-CART2AAAAAAAAAAA
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m comment --comment shop/web:http -m tcp --dport 30080 -j KUBE-EXT-WEB2AAAAAAAAAAAA
-A KUBE-EXT-WEB2AAAAAAAAAAAA -m comment --comment "masquerade traffic for shop/web:http external destinations" -j KUBE-MARK-MASQ
-A KUBE-EXT-WEB2AAAAAAAAAAAA -j KUBE-SVC-WEB2AAAAAAAAAAAA
-A KUBE-SVC-WEB2AAAAAAAAAAAA ! -s 192.0.2.0/24 -d 198.51.100.10/32 -p tcp -m comment --comment "shop/web:http cluster IP" \
-m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-WEB2AAAAAAAAAAAA -m comment --comment "shop/web:http -> 192.0.2.11:8080" \
-m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-POD2AAAAAAAAAAAA
-A KUBE-SVC-WEB2AAAAAAAAAAAA -m comment --comment "shop/web:http -> 192.0.2.12:8080" \
-m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-POD2BBBBBBBBBBBB
-A KUBE-SVC-WEB2AAAAAAAAAAAA -m comment --comment "shop/web:http -> 192.0.2.13:8080" -j KUBE-SEP-POD2CCCCCCCCCCCC
-A KUBE-SEP-POD2AAAAAAAAAAAA -p tcp -m comment --comment shop/web:http -m tcp -j DNAT --to-destination 192.0.2.11:8080
-A KUBE-SEP-POD2BBBBBBBBBBBB -p tcp -m comment --comment shop/web:http -m tcp -j DNAT --to-destination 192.0.2.12:8080
-A KUBE-SEP-POD2CCCCCCCCCCCC -p tcp -m comment --comment shop/web:http -m tcp -j DNAT --to-destination 192.0.2.13:8080
-A KUBE-SEP-CART2AAAAAAAAAAA -p tcp -m comment --comment shop/cart \
-m recent --set --name KUBE-SEP-CART2AAAAAAAAAAA --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 192.0.2.21:6379
-A KUBE-SVC-MAIL2AAAAAAAAAAA -m statistic --mode random --probability 0.33332999982 -j KUBE-SEP-POD2AAAAAAAAAAAA
-A KUBE-SVC-MAIL2AAAAAAAAAAA -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-POD2BBBBBBBBBBBB
-A KUBE-SVC-MAIL2AAAAAAAAAAA -j KUBE-SEP-POD2CCCCCCCCCCCC
-A CANARY -p tcp -m statistic --mode random --probability 0.90000000037 -j KUBE-SEP-POD2AAAAAAAAAAAA
-A CANARY -p tcp -j KUBE-SEP-POD2BBBBBBBBBBBB
*filter
:WEB
:EMPTY
-A WEB -s 192.0.2.200/32 -j ACCEPT
-A INPUT -j KUBE-FIREWALL
-A FORWARD -j KUBE-FORWARD
-A FORWARD -j KUBE-SERVICES
""",
    "ipv6": MARKING
    + """
*nat
-A KUBE-SERVICES -d 2001:db8:5::a/128 -p tcp -m comment --comment "shop/web6:http cluster IP" -m tcp --dport 80 \
-j KUBE-SVC-WEB6AAAAAAAAAAAA
-A KUBE-SVC-WEB6AAAAAAAAAAAA -m comment --comment "shop/web6:http -> [2001:db8:1::11]:8080" \
-m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-POD6AAAAAAAAAAAA
-A KUBE-SVC-WEB6AAAAAAAAAAAA -m comment --comment "shop/web6:http -> [2001:db8:1::12]:8080" -j KUBE-SEP-POD6BBBBBBBBBBBB
-A KUBE-SEP-POD6AAAAAAAAAAAA -p tcp -m comment --comment shop/web6:http -m tcp -j DNAT --to-destination [2001:db8:1::11]:8080
-A KUBE-SEP-POD6BBBBBBBBBBBB -p tcp -m comment --comment shop/web6:http -m tcp -j DNAT --to-destination [2001:db8:1::12]:8080
""",
}
"""What stands around each rule of the table: Services, and some chains. Rules by table; `:` declares a chain that no rule here is in."""


class Block(NamedTuple):
    """A block of the table; `line` is the one of its file where the Japanese sentence stands, counted from 0."""

    table: str
    family: str
    rule: str
    english: str
    japanese: str
    line: int

    def __str__(self) -> str:
        return f"{self.table} {self.family} {self.rule}"


def _blocks() -> Iterator[Block]:
    found: list[str] = []
    for number, line in enumerate([*TABLE.read_text("utf-8").splitlines(), ""]):
        if line.startswith("#"):
            assert not found, f"line {number + 1}: a comment within a block"
        elif line:
            found.append(line)
        elif found:
            assert len(found) == 4, f"line {number}: a block has four lines"
            where, rule, english, japanese = found
            table, family = where.split(" ")
            assert table in CHAINS, f"line {number - 3}: no table {table}"
            assert family in AROUND, f"line {number - 3}: no family {family}"
            yield Block(table, family, rule, english, japanese, number - 1)
            found = []


BLOCKS = tuple(_blocks())


def _around(family: str) -> dict[str, list[str]]:
    """The rules and the declared chains around those of the table, by table."""
    found: dict[str, list[str]] = {name: [] for name in CHAINS}
    table = ""
    for line in AROUND[family].split("\n"):
        if line.startswith("*"):
            table = line[1:]
        elif line:
            found[table].append(line)
    return found


def _declared(table: str, lines: Iterable[str]) -> list[str]:
    """The chains of a table: the built-in ones, those declared, and those of the rules."""
    own = {line[1:] if line.startswith(":") else line.split(" ")[1] for line in lines}
    built_in = CHAINS[table].split(" ")
    policies = [f":{chain} {POLICIES.get((table, chain), 'ACCEPT')} [0:0]" for chain in built_in]
    return [*policies, *(f":{chain} - [0:0]" for chain in sorted(own.difference(built_in)))]


@cache
def _with(block: Block) -> Ruleset:
    """The dump that a rule of the table stands in: a rule from around is told where it is, any other one at the end of its table."""
    tables = _around(block.family)
    if block.rule not in tables[block.table]:
        tables[block.table].append(block.rule)
    program = {"ipv4": "iptables", "ipv6": "ip6tables"}[block.family]
    lines = [f"# Generated by {program}-save v1.8.9 on Thu Jan  1 00:00:00 2026"]
    for name, rules in tables.items():
        lines += [f"*{name}", *_declared(name, rules), *(line for line in rules if not line.startswith(":")), "COMMIT"]
    return ruleset(*lines)


def _rule(block: Block) -> Rule:
    """The rule of a block, read."""
    table = _with(block).dumps[0].table(block.table)
    assert table is not None
    at = [line for line in _around(block.family)[block.table] if not line.startswith(":")]
    return table.rules[at.index(block.rule) if block.rule in at else len(at)]


def _told(block: Block) -> Message:
    """The sentence on the rule of a block."""
    (dump,) = _with(block).dumps
    table = dump.table(block.table)
    assert table is not None
    return Sentences(Setting(dump)).of(table, _rule(block)).text


def _used(rules: Iterable[Rule]) -> tuple[set[str], set[str]]:
    """The names of matches and of targets in rules, as the project reads them; what it does not know is left out."""
    matches, targets = set(), set()
    for shape in {rule.shape for rule in rules}:
        matches |= {clause.name for clause in shape.clauses if clause.kind == "match" and not clause.unknown}
        if shape.target is not None and not shape.target.unknown:
            targets.add(shape.target.name)
    return {name for name in matches if isinstance(name, str)}, {name for name in targets if isinstance(name, str)}


def _read() -> list[Rule]:
    return [_rule(block) for block in BLOCKS]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_the_english_sentence(block: Block) -> None:
    assert _told(block).english() == block.english


def test_the_japanese_sentences() -> None:
    """One test for all: it says how many are missing, then which differ, then which a catalogue with holes has left in English."""
    missing = sum(block.japanese == NONE for block in BLOCKS)
    if not os.environ.get(UPDATE):
        assert not missing, f"{missing} of {len(BLOCKS)} rules have no Japanese sentence: write them with {UPDATE}=1, then read them"
    left = set()

    def translated(template: str) -> str:
        text = language.translated(template)
        if text == template and any(map(str.isalpha, FIELD.sub("", template))):
            left.add(template)
        return text

    language.use(LANGUAGE)
    try:
        told = [_told(block).told(translated) for block in BLOCKS]
    finally:
        language.use(language.ENGLISH)
    if os.environ.get(UPDATE):
        _write(told)
        pytest.skip(f"{len(told)} Japanese sentences written: read them")
    assert told == [block.japanese for block in BLOCKS]
    assert not left, "templates that the catalogue leaves in English"


def _write(japanese: list[str]) -> None:
    """Puts the Japanese sentences into the table."""
    lines = TABLE.read_text("utf-8").splitlines()
    for block, sentence in zip(BLOCKS, japanese, strict=True):
        lines[block.line] = sentence
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


def test_the_table_is_long_enough_and_has_every_rule_once() -> None:
    assert len(BLOCKS) >= LEAST
    assert not [key for key, times in Counter(map(str, BLOCKS)).items() if times > 1]


def test_every_match_and_target_of_published_dumps_is_in_the_table() -> None:
    matches, targets = _used(_read())

    assert not set(MATCHES) - matches
    assert not set(TARGETS) - targets


def test_every_option_of_published_dumps_is_in_the_table() -> None:
    words = [block.rule.split(" ") for block in BLOCKS]

    assert not set(OPTIONS.split()) - {word for rule in words for word in rule}
    assert not set(NEGATED.split()) - {word for rule in words for before, word in pairwise(rule) if before == "!"}


def test_every_match_and_target_of_the_samples_and_the_test_dumps_is_in_the_table() -> None:
    matches, targets = _used(_read())
    paths = [*saved_files(), *ROOT.glob("samples/**/*.rules")]
    read = [ruleset(*path.read_text("utf-8", "surrogateescape").splitlines()) for path in paths]
    asked, done = _used(rule for one in read for dump in one.dumps for table in dump.tables for rule in table.rules)

    assert asked
    assert done
    assert not asked - matches
    assert not done - targets
