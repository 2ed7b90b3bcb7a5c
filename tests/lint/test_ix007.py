"""IX007: a rule says something that iptexplain does not know."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound


def _filter(*rules: str) -> str:
    return "\n".join(["*filter", ":INPUT ACCEPT [0:0]", ":MINE - [0:0]", *(f"-A INPUT {rule}" for rule in rules), "COMMIT", ""])


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("-m dreamt-up --level 3 -j DROP", "match dreamt-up is not known"),
        ("-j DREAMT --level 3", "target DREAMT is not known"),
        ("-p tcp -m tcp --dreamt 3 -j DROP", "option --dreamt of tcp is not known"),
        ("-j MINE (of my own)", "the words behind chain MINE are not known"),
    ],
)
def test_it_tells_what_is_not_known(rule: str, sentence: str) -> None:
    (found,) = said(_filter("-j ACCEPT", rule), "IX007")
    assert found.startswith(f"IX007 warning 5: {sentence}")


def test_it_catches_an_unknown_match_in_a_sound_dump() -> None:
    broken = sound().replace("-A KUBE-FORWARD ", "-A KUBE-FORWARD -m dreamt-up --level 3 ", 1)

    (found,) = findings(broken, "IX007")
    assert found.place.text[found.place.column - 1 :].startswith("dreamt-up")


def test_each_unknown_thing_is_told_once_with_the_number_of_its_rules() -> None:
    text = _filter("-m dreamt-up --level 3 -j DROP", "-j DREAMT --level 3", "-m dreamt-up --level 4 -j ACCEPT")

    assert [line.rpartition("(")[2] for line in said(text, "IX007")] == ["rules: 2)", "rules: 1)"]


def test_lines_that_cannot_be_read_at_all_are_told_once_and_what_they_may_have_said_is_not_missed() -> None:
    noted = sound().replace("-j KUBE-SERVICES\n", "-j KUBE-SERVICES now\n   and a note\n")
    text = noted.replace(" --to-destination", "\n--to-destination", 1)
    (found,) = [one for one in said(text, "IX007") if "could not be read" in one]

    assert found.endswith("this line could not be read, so it is missing in all that is said (such lines: 5)")
    assert not [one for one in said(text) if " error " in one]


def test_the_rest_of_a_rule_that_was_broken_in_two_is_a_line_that_could_not_be_read() -> None:
    text = sound().replace(" -j DNAT --to-destination", "\n -j DNAT --to-destination", 1)

    assert [one.split(" ")[0] for one in said(text) if " info " not in one] == ["IX007"]


def test_prose_around_a_dump_is_no_line_of_it() -> None:
    assert not said(f"root@node:~# iptables-save\n{sound()}\nbye\n", "IX007")


def test_it_is_silent_on_a_sound_dump_and_on_an_unsupported_revision() -> None:
    assert not said(sound(), "IX007")
    assert not said(_filter("-m recent [unsupported revision] -j DROP", "-j LOG [unsupported revision]"), "IX007")
