from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.extensions import binding
from iptexplain.extensions.common.extension import Extension, Given
from iptexplain.extensions.matches.mark import MarkMatch
from iptexplain.extensions.targets.mark import MarkTarget
from iptexplain.model.matching import Verdict
from iptexplain.model.values import Mark
from tests.checkout import PACKAGE
from tests.dumps import rule
from tests.parsing.examples import extensions, options

if TYPE_CHECKING:
    from iptexplain.model.matching import Effect, Match

# Options of one match; `=` if they are saved as they stand, else what is saved; then the constraints; then how it decides.
MATCHES = """
-s 10.0.0.0/8;=;SOURCE 10.0.0.0/8;
-s 10.0.0.1;-s 10.0.0.1/32;SOURCE 10.0.0.1/32;
! -s 10.0.0.0/255.255.0.255 -d fd00::1/128;=;! SOURCE 10.0.0.0/255.255.0.255, DESTINATION fd00::1/128;
-i eth0 ! -o veth+ -p tcp;=;IN eth0, OUT veth+ !, PROTOCOL tcp;
! -i eth0 ! -p udp;=;! IN eth0, ! PROTOCOL udp;
-f;=;FRAGMENT None;
! -f;=;! FRAGMENT None;
-m addrtype ! --src-type LOCAL --dst-type LOCAL,BROADCAST;=;! SOURCE_TYPE LOCAL, DESTINATION_TYPE LOCAL,BROADCAST;
-m addrtype --dst-type LOCAL --limit-iface-in;=;;the addresses are as --dst-type LOCAL --limit-iface-in asks
-m addrtype ! --src-type LOCAL --limit-iface-out;=;;the addresses are as ! --src-type LOCAL --limit-iface-out asks
-m conntrack --ctstate RELATED,ESTABLISHED;=;STATE RELATED,ESTABLISHED;
-m conntrack ! --ctstate INVALID;=;! STATE INVALID;
-m conntrack --ctstate NEW --ctproto 6 --ctdir REPLY;=;STATE NEW;the connection is as --ctproto 6 --ctdir REPLY asks
-m conntrack ! --ctorigdst 10.0.0.0/8 --ctexpire 1:2;=;;the connection is as ! --ctorigdst 10.0.0.0/8 --ctexpire 1:2 asks
-m conntrack --ctorigsrc 1.2.3.4/32 --ctreplsrc ::1/128 --ctrepldst ::/0;=;;*
-m conntrack --ctorigsrcport 1:2 --ctorigdstport 80 --ctreplsrcport 3 ! --ctrepldstport 4 --ctstatus ASSURED;=;;*
-m mark --mark 0x4000/0x4000;=;MARK 0x4000/0x4000;
-m mark ! --mark 0x1;=;! MARK 0x1;
-m physdev ! --physdev-is-in;=;! BRIDGE_IN None;
-m physdev --physdev-in eth0 --physdev-is-out --physdev-is-bridged;=;BRIDGE_IN eth0, BRIDGE_OUT None, BRIDGED None;
-m physdev --physdev-is-in --physdev-out eth+;=;BRIDGE_IN None, BRIDGE_OUT eth+;
-m recent --set --name KUBE --mask 255.255.255.255 --rsource;=;;yes
-m recent ! --set --name KUBE --rdest;=;;no
-m recent --rcheck --seconds 10800 --reap --name KUBE --mask 255.255.255.255 --rsource;=;;the client is on the recent list KUBE
-m recent ! --rcheck --name KUBE --rsource;=;;not: the client is on the recent list KUBE
-m recent --update --seconds 60 --hitcount 4 --rttl --name DEFAULT --rsource;=;;*
-m recent --remove --name DEFAULT --rsource;=;;the client is on the recent list DEFAULT
-m sctp --sport 1:2 ! --dport 50000;=;SOURCE_PORT 1:2, ! DESTINATION_PORT 50000;
-m sctp --dport 50000 --chunk-types any DATA,INIT;=;DESTINATION_PORT 50000;the packet holds SCTP chunks any DATA,INIT
-m sctp ! --chunk-types all INIT;=;;not: the packet holds SCTP chunks all INIT
-m statistic --mode random --probability 0.33333333349;=;;715827883/2147483648
-m statistic --mode random ! --probability 0.25000000000;=;;1610612736/2147483648
-m statistic --mode random --probability 1.00000000000;=;;2147483648/2147483648
-m statistic --mode random --probability 0.00000000000;=;;0/2147483648
-m statistic --mode nth --every 3 --packet 0;=;;this is one of every 3 packets, from packet 0 on
-m statistic --mode nth ! --every 3 --packet 2;=;;not: this is one of every 3 packets, from packet 2 on
-m tcp --sport 1024:65535 --dport 80;=;SOURCE_PORT 1024:65535, DESTINATION_PORT 80;
-m tcp --dport 80:80;-m tcp --dport 80;DESTINATION_PORT 80;
-m tcp ! --dport :1024;-m tcp ! --dport 0:1024;! DESTINATION_PORT 0:1024;
-m tcp --tcp-flags FIN,SYN,RST,ACK SYN;=;TCP_FLAGS FIN,SYN,RST,ACK SYN;
-m tcp ! --tcp-flags SYN,ACK NONE;=;! TCP_FLAGS SYN,ACK NONE;
-m tcp --tcp-option 8;=;;the packet has TCP option 8
-m tcp ! --tcp-option 8 --tcp-flags SYN SYN;=;TCP_FLAGS SYN SYN;not: the packet has TCP option 8
-m tcp;=;;
-m udp --sport 68 --dport 67;=;SOURCE_PORT 68, DESTINATION_PORT 67;
-m udp;=;;
"""

# Options of one target; what is saved; its effect.
TARGETS = """
-j DNAT --to-destination 10.0.0.1:80;=;Translate DNAT 10.0.0.1:80
-j DNAT --to-destination [2001:db8::1]:80 --random --persistent;=;Translate DNAT [2001:db8::1]:80
-j DNAT --to-destination 10.0.0.1-10.0.0.5:80-90/8000;=;Translate DNAT 10.0.0.1-10.0.0.5:80-90/8000
-j DNAT --to-destination :53;=;Translate DNAT :53
-j DNAT;=;Opaque DNAT
-j LOG;=;go on
-j LOG --log-prefix "[UFW BLOCK] " --log-level 7 --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode;=;go on
-j MARK --set-xmark 0x4000/0x4000;=;SetMark 0x4000/0x4000
-j MARK --set-xmark 0x1/0xffffffff;=;SetMark 0x1
-j MARK --set-mark 0x1;-j MARK --set-xmark 0x1/0xffffffff;SetMark 0x1
-j MARK --set-mark 0x1/0xf0;-j MARK --set-xmark 0x1/0xf1;SetMark 0x1/0xf1
-j MARK --or-mark 0x4000;-j MARK --set-xmark 0x4000/0x4000;SetMark 0x4000/0x4000
-j MARK --and-mark 0xff;-j MARK --set-xmark 0x0/0xffffff00;SetMark 0x0/0xffffff00
-j MARK --xor-mark 0x4000;-j MARK --set-xmark 0x4000/0x0;SetMark 0x4000/0x0
-j MASQUERADE;=;Translate MASQUERADE None
-j MASQUERADE --random-fully;=;Translate MASQUERADE None
-j MASQUERADE --to-ports 1024-65535 --random;=;Translate MASQUERADE None
-j REDIRECT --to-ports 15001 --random;=;Translate REDIRECT None
-j REDIRECT;=;Translate REDIRECT None
-j REJECT --reject-with icmp-port-unreachable;=;Reject icmp-port-unreachable
-j REJECT --reject-with tcp-reset;=;Reject tcp-reset
-j SNAT --to-source 10.0.0.1-10.0.0.5:1024-2048 --random-fully;=;Translate SNAT 10.0.0.1-10.0.0.5:1024-2048
-j SNAT --to-source fd00::1 --random --persistent;=;Translate SNAT fd00::1
-j SNAT;=;Opaque SNAT
"""


def rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(line.split(";")) for line in table.strip().splitlines()]


def typed(options: str) -> tuple[str, Any]:
    """The beginning (`-m tcp`, nothing for the base options) and the typed value of the one extension in the options."""
    clause = rule(f"-A X {options}").shape.clauses[-1]
    values = rule(f"-A X {options}").values
    assert isinstance(clause.name, str)
    lead = {"base": "", "match": f"-m {clause.name} ", "jump": f"-j {clause.name} "}[clause.kind]
    folder, tables = ("targets", binding.TARGETS) if clause.kind == "jump" else ("matches", binding.MATCHES)
    module = import_module(f"iptexplain.extensions.{folder}.{tables[clause.name]}")
    return lead, module.EXTENSION.read(binding.words(clause, values))


def saved(options: str) -> str:
    """The options as their typed value saves them; text with blanks is quoted."""
    lead, value = typed(options)
    words = []
    for keyword, negated, values in value.save():
        said = " ".join(values)
        quoted = keyword in {"--log-prefix", "--comment"} and not re.fullmatch(r"[\w-]+", said)
        words += [*(["!"] if negated else []), keyword, *([f'"{said}"'] if quoted else values)]
    return (lead + " ".join(words)).rstrip()


def sentence(match: Match) -> str:
    """How a match decides: nothing, `yes` or `no`, its chance, or the question that it asks."""
    branches = match.decide()
    if not branches:
        return ""
    first = branches[0]
    if first.weight is not None:
        other = branches[1].weight
        assert other is not None
        assert (1 << first.weight.exponent) == first.weight.numerator + other.numerator
        assert (first.matches, branches[1].matches, len(branches)) == (True, False, 2)
        return f"{first.weight.numerator}/{1 << first.weight.exponent}"
    if first.question is None:
        assert len(branches) == 1
        return "yes" if first.matches else "no"
    yes, no = branches
    assert yes.question == no.question
    assert (yes.answer, no.answer) == (True, False)
    assert yes.matches is not no.matches
    return ("" if yes.matches else "not: ") + first.question.text.english()


def constraints(match: Match) -> list[str]:
    return [f"{'! ' if negated else ''}{field.name} {wanted}" for field, wanted, negated in match.constraints()]


def described(effect: Effect) -> str:
    if isinstance(effect, Verdict):
        return effect.value
    return " ".join([type(effect).__name__, *(str(value) for value in effect)])


@pytest.mark.parametrize("row", rows(MATCHES) + rows(TARGETS), ids=lambda row: row[0])
def test_an_extension_is_read_and_saved_back(row: tuple[str, ...]) -> None:
    expected = row[0] if row[1] == "=" else row[1]

    assert expected == saved(row[0])
    assert saved(row[0]) == saved(saved(row[0]))


@pytest.mark.parametrize("row", rows(MATCHES), ids=lambda row: row[0])
def test_a_match_says_what_it_demands_of_the_packet(row: tuple[str, ...]) -> None:
    expected = sorted(f"! {part[:-2]}" if part.endswith(" !") else part for part in row[2].split(", ") if part)

    assert expected == sorted(constraints(typed(row[0])[1]))


@pytest.mark.parametrize("row", [row for row in rows(MATCHES) if row[3] != "*"], ids=lambda row: row[0])
def test_a_match_says_how_it_decides(row: tuple[str, ...]) -> None:
    assert row[3] == sentence(typed(row[0])[1])


@pytest.mark.parametrize("row", rows(TARGETS), ids=lambda row: row[0])
def test_a_target_has_an_effect(row: tuple[str, ...]) -> None:
    assert row[2] == described(binding.effect(rule(f"-A X {row[0]}")))


# ---- the tables, the folders and the grammar -----------------------------------------------------------------------------

TABLES = {"matches": binding.MATCHES, "targets": binding.TARGETS}
MODULES = [
    (folder, path.stem) for folder in TABLES for path in sorted((PACKAGE / "extensions" / folder).glob("*.py")) if path.stem != "__init__"
]


def loaded(folder: str, module: str) -> Any:  # noqa: ANN401 - a module has what it has
    return import_module(f"iptexplain.extensions.{folder}.{module}")


@pytest.mark.parametrize("folder", TABLES)
def test_the_table_names_every_module_of_its_folder(folder: str) -> None:
    assert {module for where, module in MODULES if where == folder} == set(TABLES[folder].values())


@pytest.mark.parametrize(("folder", "kind"), [("matches", "match"), ("targets", "target")])
def test_the_table_names_only_what_the_grammar_knows(folder: str, kind: str) -> None:
    known = {extension.name for extension in extensions() if extension.kind == kind}

    assert set() == set(TABLES[folder]) - {""} - known


@pytest.mark.parametrize(("folder", "module"), MODULES)
def test_an_extension_says_where_it_is_documented_and_what_the_kernel_does(folder: str, module: str) -> None:
    text = loaded(folder, module).__doc__

    assert re.search(r"iptables(-extensions)?\(8\)", text)
    assert re.search(r"\bnet/(netfilter|ipv4/netfilter|ipv6/netfilter)/\w+\.c\b", text)


@pytest.mark.parametrize(("folder", "module"), MODULES)
def test_an_extension_is_a_frozen_value_with_one_attribute_an_option(folder: str, module: str) -> None:
    extension = loaded(folder, module).EXTENSION

    assert issubclass(extension, Extension)
    assert set(extension.FIELDS) == {option.attribute for option in extension.OPTIONS}
    assert len(extension.OPTIONS) == len({option.keyword for option in extension.OPTIONS})


@pytest.mark.parametrize(("folder", "module"), MODULES)
def test_the_options_of_an_extension_are_those_of_the_grammar(folder: str, module: str) -> None:
    kind = {"matches": "match", "targets": "target"}[folder]
    names = [name for name, where in TABLES[folder].items() if where == module]
    for name in names:
        rules = [extension.rule for extension in extensions() if (extension.kind, extension.name) == (kind, name)] or ["base_match"]
        owner = "base" if not name else f"{rules[0].removesuffix(kind)}{kind[0]}"
        expected = {(o.keyword, o.negatable, bool(o.terminals)) for o in options() if o.owner == owner}
        found = {(o.keyword, o.negatable, o.parse is not None) for o in loaded(folder, module).EXTENSION.OPTIONS}

        assert expected == found


def test_a_typed_match_is_a_value() -> None:
    one, same, other = (MarkMatch(mark=Given(Mark(value))) for value in (1, 1, 2))

    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert repr(one) == "MarkMatch(mark=Given(value=Mark(value=1, mask=4294967295), negated=False))"
    with pytest.raises(AttributeError):
        one.mark = Given(Mark(2))  # type: ignore[misc]  # that it is refused is the point
    with pytest.raises(TypeError):
        MarkMatch(colour="red")  # type: ignore[call-arg]  # that it is refused is the point
    with pytest.raises(TypeError):
        MarkTarget()  # type: ignore[call-arg]  # that it is refused is the point
