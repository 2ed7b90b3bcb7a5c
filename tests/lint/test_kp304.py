"""KP304: unequal shares."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

LAST = '-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.166.130:80" -j KUBE-SEP-QZQ6SCLOCLOPP2FJ\n'


def test_it_catches_a_chain_in_which_the_rule_of_one_endpoint_is_missing() -> None:
    lines = sound().splitlines(keepends=True)
    broken = "".join(line for line in lines if "0.50000000000" not in line)

    (found,) = said(broken, "KP304")
    assert found.startswith("KP304 warning ")
    assert found.endswith(
        ": 192.168.104.1:80 gets fewer connections to default/nginx than its share:"
        " KUBE-SVC-2CMXP7HKUVJN7L6M chooses it with the chance 0.33333 where 1/2 would be fair"
    )
    assert "192.168.104.1:80 gets more connections to default/nginx " in said(sound().replace("0.33333333349", "0.40000000000"), "KP304")[0]


def test_it_is_silent_where_the_chances_are_those_of_kube_proxy_in_every_version() -> None:
    assert not said(sound(), "KP304")
    assert not said(sound("external-access"), "KP304")
    assert not said(sound().replace("0.33333333349", "0.33332999982"), "KP304")


def test_it_leaves_chains_to_the_other_checks_that_tell_them() -> None:
    twice = sound().replace(LAST, LAST.replace("QZQ6SCLOCLOPP2FJ", "E4DERYY2XOMCBE7I")).replace("0.33333333349", "0.40000000000")

    assert not said(sound().replace(LAST, ""), "KP304")
    assert not said(twice, "KP304")


def _moved(number: int, place: int) -> str:
    """The sample with another order of the rules by which the Service chooses."""
    lines = sound().splitlines(keepends=True)
    at = [index for index, line in enumerate(lines) if line.startswith("-A KUBE-SVC-2CMXP7HKUVJN7L6M ") and "-j KUBE-SEP-" in line]
    rules = [lines[index] for index in at]
    rules.insert(place, rules.pop(number))
    for index, rule in zip(at, rules, strict=True):
        lines[index] = rule
    return "".join(lines)


def test_it_catches_an_endpoint_behind_the_rule_that_takes_all_the_rest() -> None:
    (found,) = findings(_moved(2, 1), "KP304")

    assert found.severity == "warning"
    assert found.place.message.english() == (
        "KUBE-SVC-2CMXP7HKUVJN7L6M gives 192.168.166.130:80 all connections to default/nginx that are left, before other rules get any:"
        " 192.168.166.129:80 gets none"
    )
    assert ["0.50000000000" in _moved(2, 1).splitlines()[one.line - 1] for one in found.related] == [True]
    assert said(_moved(2, 0), "KP304")[0].endswith("before other rules get any: 2 endpoints get none")


def test_it_catches_an_endpoint_behind_a_rule_that_has_lost_its_chance() -> None:
    (found,) = said(sound().replace("-m statistic --mode random --probability 0.50000000000 ", ""), "KP304")

    assert found.endswith("before other rules get any: 192.168.166.130:80 gets none")


def test_it_is_silent_where_the_chain_before_the_others_sends_nothing_on() -> None:
    lines = _moved(2, 1).splitlines(keepends=True)

    assert not said("".join(line for line in lines if not line.startswith("-A KUBE-SEP-QZQ6SCLOCLOPP2FJ ")), "KP304")
