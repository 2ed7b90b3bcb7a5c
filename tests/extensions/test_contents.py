from __future__ import annotations

from importlib import import_module
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iptexplain.extensions import binding
from iptexplain.model.content import Content
from tests.dumps import rule
from tests.extensions.test_extensions import MATCHES, TARGETS, clause_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.extensions.common.extension import Extension, Option, Words
    from tests.extensions.test_extensions import Row

NAME, IPV4, IPV6, HARDWARE, DAY = "acme-corp", "203.0.113.7", "2001:db8::77", "02:00:5e:10:00:01", "2026-01-02"
FREE = (NAME, IPV4, IPV6, HARDWARE, DAY)
"""What no plain value may hold."""


_LEADS = {"matches": "-m", "targets": "-j"}


class Said(NamedTuple):
    """An option and the extension that it is of; `lead` is `-m` or `-j`."""

    lead: str
    extension: type[Extension]
    option: Option

    def __str__(self) -> str:
        return f"{self.lead} {self.extension.NAME} {self.option.keyword}".replace("-m  ", "")


def every_option() -> list[Said]:
    """The options of all extensions, in order."""
    found = []
    for folder, table in (("matches", binding.MATCHES), ("targets", binding.TARGETS)):
        for module in dict.fromkeys(table.values()):
            extension = import_module(f"iptexplain.extensions.{folder}.{module}").EXTENSION
            found += [Said(_LEADS[folder], extension, option) for option in extension.OPTIONS]
    return found


OPTIONS = every_option()
PLAIN = [said for said in OPTIONS if said.option.content is Content.PLAIN and said.option.arity]

CHOSEN = {
    Content.ADDRESS: """
        -s; -d; -m conntrack --ctorigsrc; -m conntrack --ctorigdst; -m conntrack --ctreplsrc; -m conntrack --ctrepldst;
        -m iprange --src-range; -m iprange --dst-range; -m ipvs --vaddr; -m policy --tunnel-dst; -m policy --tunnel-src;
        -m rt --rt-0-addrs; -m srh --srh-psid; -m srh --srh-nsid; -m srh --srh-lsid; -j DNAT --to-destination; -j DNPT --src-pfx;
        -j DNPT --dst-pfx; -j NETMAP --to; -j SNAT --to-source; -j SNPT --src-pfx; -j SNPT --dst-pfx; -j TEE --gateway; -j TPROXY --on-ip
    """,
    Content.INTERFACE: "-i; -o; -m physdev --physdev-in; -m physdev --physdev-out; -j TEE --oif",
    Content.SET: "-m set --match-set; -m set --set; -j SET --add-set; -j SET --del-set; -j SET --map-set",
    Content.LIST: """
        -m connlabel --label; -m hashlimit --hashlimit-name; -m helper --helper; -m nfacct --nfacct-name; -m osf --genre;
        -m rateest --rateest; -m rateest --rateest1; -m rateest --rateest2; -m recent --name; -j CT --helper; -j CT --timeout;
        -j IDLETIMER --label; -j LED --led-trigger-id; -j RATEEST --rateest-name
    """,
    Content.ACCOUNT: """
        -m cgroup --path; -m devgroup --src-group; -m devgroup --dst-group; -m owner --uid-owner; -m owner --gid-owner;
        -m owner --cmd-owner; -m realm --realm; -j SECMARK --selctx
    """,
    Content.COMMENT: "-m comment --comment",
    Content.PREFIX: "-j LOG --log-prefix; -j NFLOG --nflog-prefix; -j ULOG --ulog-prefix",
    Content.HARDWARE: "-m mac --mac-source; -j CLUSTERIP --clustermac",
    Content.PROGRAM: "-m bpf --bytecode; -m bpf --object-pinned; -m string --string; -m string --hex-string; -m u32 --u32",
    Content.DATE: "-m time --datestart; -m time --datestop",
}
"""The options whose values are not plain."""

_BEGINS = frozenset({IPV4, IPV6, HARDWARE, DAY})
"""What begins with digits: iptables takes those, and does not look at the rest."""

TAKEN = {
    "-m connlimit --connlimit-mask": frozenset({IPV4, IPV6}),  # a mask; it is kept as its length
    "-m hashlimit --hashlimit": _BEGINS,
    "-m hashlimit --hashlimit-above": _BEGINS,
    "-m hashlimit --hashlimit-burst": _BEGINS,
    "-m hashlimit --hashlimit-rate-interval": _BEGINS,
    "-m hashlimit --hashlimit-upto": _BEGINS,
    "-m limit --limit": _BEGINS,
    "-m recent --mask": frozenset({IPV4, IPV6}),  # a mask, which looks like an address
    "-m statistic --mode": frozenset(FREE),  # the match refuses all but `random` and `nth`, not the option
    "-m string --algo": frozenset(FREE),  # the match refuses all but `bm` and `kmp`, not the option
    "-m time --monthdays": _BEGINS,
}
"""The plain options whose words may be other than plain, as far as the option itself knows."""

_MASKS = {"-m recent --mask"}
"""The plain options whose saved words may look like addresses."""


def takes(said: Said, words: list[str]) -> bool:
    """Does the option by itself take these words."""
    assert said.option.parse is not None
    try:
        said.option.parse(*words)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def test_every_option_with_another_content_than_plain_is_known_here() -> None:
    expected = {content: sorted(map(str.strip, names.split(";"))) for content, names in CHOSEN.items()}
    found: dict[Content, list[str]] = {}
    for said in OPTIONS:
        if said.option.content is not Content.PLAIN:
            found.setdefault(said.option.content, []).append(str(said))

    assert expected == {content: sorted(names) for content, names in found.items()}
    assert set(Content) == {*expected, Content.PLAIN}


def test_what_has_no_words_is_plain() -> None:
    assert [str(said) for said in OPTIONS if not said.option.arity and said.option.content is not Content.PLAIN] == []


def test_options_that_give_one_attribute_have_one_content() -> None:
    contents: dict[tuple[type[Extension], str], set[Content]] = {}
    for _, extension, option in OPTIONS:
        if option.arity and option.attribute != "elements":  # those of policy are a list of what several options say
            contents.setdefault((extension, option.attribute), set()).add(option.content)

    assert [key for key, found in contents.items() if len(found) > 1] == []


@pytest.mark.parametrize("said", PLAIN, ids=str)
def test_a_plain_option_refuses_what_somebody_chose_freely(said: Said) -> None:
    taken = {text for text in FREE for words in words_with(said, text) if takes(said, words)}

    assert TAKEN.get(str(said), frozenset()) == taken


def words_with(said: Said, text: str) -> list[list[str]]:
    """Words of an option with a text in the place of each."""
    if said.option.arity == 1:
        return [[text]]
    return [[*words[:at], text, *words[at + 1 :]] for words in EXAMPLES[said] for at in range(len(words))]


def examples() -> dict[Said, set[tuple[str, ...]]]:
    """The words that each option has in the tests of the extensions."""
    found: dict[Said, set[tuple[str, ...]]] = {}
    for row in GOOD:
        extension = extension_of(row)
        known = extension.keywords()
        for keyword, _, words in clause_of(row.options).options:
            if words:
                found.setdefault(Said(_LEADS[row.folder], extension, known[keyword]), set()).add(words)
    return found


def extension_of(row: Row) -> type[Extension]:
    """The class of the one extension in a row."""
    extension = clause_of(row.options).extension
    assert extension is not None
    return extension


GOOD = [row for row in (*MATCHES, *TARGETS) if row.saved != "FAIL"]
EXAMPLES = examples()


def test_every_plain_option_has_an_example() -> None:
    assert [str(said) for said in PLAIN if said not in EXAMPLES] == []


@pytest.mark.parametrize("said", [said for said in OPTIONS if said.option.arity > 1 and said.option.content is not Content.PLAIN], ids=str)
def test_only_the_first_word_is_not_plain(said: Said) -> None:
    assert takes(said, [NAME, "src"])
    assert [text for text in FREE for end in (text, f"src,{text}", f"src{text}") if takes(said, [NAME, end])] == []


@pytest.mark.parametrize("row", GOOD, ids=str)
def test_plain_words_are_saved_without_what_somebody_chose_freely(row: Row) -> None:
    """Whoever writes them as they are saved gives nothing away, even where iptables takes words that it looks at only in part."""
    leaks = []
    for text, changed in disturbed(row):
        try:
            value = extension_of(row).read(changed)
        except (KeyError, TypeError, ValueError):
            continue
        if text in value.written(row.to):
            leaks.append(changed)

    assert leaks == []


def disturbed(row: Row) -> Iterator[tuple[str, tuple[Words, ...]]]:
    """The options of a row with a text in the place of a plain word, or behind it; and the text."""
    clause, extension = clause_of(row.options), extension_of(row)
    known = extension.keywords()
    for number, option in enumerate(clause.options):
        said = Said(_LEADS[row.folder], extension, known[option.keyword])
        first = 0 if said.option.content is Content.PLAIN and str(said) not in _MASKS else 1
        for at in range(first, len(option.values)):
            word = option.values[at]
            for text, before in product(FREE, ("", word, f"{word} ", f"{word},", f"{word}/")):
                values = (*option.values[:at], before + text, *option.values[at + 1 :])
                yield text, (*clause.options[:number], option._replace(values=values), *clause.options[number + 1 :])


@pytest.mark.parametrize(
    ("content", "line", "values"),
    [
        (
            Content.ADDRESS,
            "-s 10.0.0.0/8 ! -d 192.0.2.1/32 -j DNAT --to-destination 10.0.0.1:80-90",
            "10.0.0.0/8 192.0.2.1/32 10.0.0.1:80-90",
        ),
        (Content.ADDRESS, "-m iprange --src-range 10.0.0.1-10.0.0.9 -j SNAT --to-source 192.0.2.1", "10.0.0.1-10.0.0.9 192.0.2.1"),
        (
            Content.ADDRESS,
            "-m conntrack --ctstate NEW --ctorigdst 192.0.2.1 -j TPROXY --on-port 1 --on-ip 127.0.0.1",
            "192.0.2.1 127.0.0.1",
        ),
        (Content.INTERFACE, "-i eth0 ! -o cali+ -m physdev --physdev-in veth1 --physdev-is-bridged", "eth0 cali+ veth1"),
        (Content.SET, "-m set --match-set guests src,dst -j SET --add-set clients src --exist --timeout 5", "guests clients"),
        (Content.LIST, "-m recent --update --seconds 60 --name ssh --mask 255.255.255.255 --rsource", "ssh"),
        (Content.LIST, "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name web", "web"),
        (Content.LIST, "-j CT --helper ftp", "ftp"),
        (Content.ACCOUNT, "-m owner --uid-owner 1000 -m realm --realm 0x1 -m devgroup --src-group 0x2", "1000 0x1 0x2"),
        (Content.COMMENT, '-m comment --comment "of acme" -j ACCEPT', '"of acme"'),
        (Content.PREFIX, '-j LOG --log-prefix "acme: " --log-level 7 --log-uid', '"acme: "'),
        (Content.HARDWARE, "-m mac --mac-source 02:00:5e:10:00:01", "02:00:5e:10:00:01"),
        (Content.PROGRAM, '-m string --string "acme" --algo bm --to 65535 -m u32 --u32 "0x0=0x1"', '"acme" "0x0=0x1"'),
        (Content.DATE, "-m time --timestart 08:00:00 --timestop 17:00:00 --datestart 2026-01-02T00:00:00", "2026-01-02T00:00:00"),
    ],
)
def test_the_values_of_a_rule_that_are_not_plain_are_found(content: Content, line: str, values: str) -> None:
    found = chosen(f"-A X {line}")

    assert values == " ".join(value for _, value in found)
    assert {content} == {kind for kind, _ in found}


def chosen(line: str) -> list[tuple[Content, str]]:
    """The values of a rule that are not plain, in order."""
    read = rule(line)
    found: list[tuple[Content, str]] = []
    for clause in read.shape.clauses:
        assert isinstance(clause.name, str)
        extension = (binding.target_extension if clause.kind in {"jump", "goto"} else binding.match_extension)(clause.name)
        known = {} if extension is None else extension.keywords()
        for option in clause.options:
            assert isinstance(option.name, str)
            content = known[option.name].content
            if content is not Content.PLAIN:
                found.append((content, read.values[option.values[0]]))
    return found


def test_the_options_of_names_take_any_name() -> None:
    kinds = {Content.INTERFACE, Content.SET, Content.LIST, Content.COMMENT, Content.PREFIX}
    refused = [str(said) for said in OPTIONS if said.option.content in kinds and not takes(said, [NAME, "src"][: said.option.arity])]

    assert refused == []
