"""How findings are made of hits: places, fingerprints, what is ignored, what could not look."""

from __future__ import annotations

from iptexplain.api import load
from iptexplain.lint.registry import check
from iptexplain.lint.runner import lint
from tests.lint.linted import findings, said, sound

NOWHERE = "-A KUBE-SEP-X -p tcp -m tcp -j DNAT --to-destination 0.0.0.0:0\n"
TEXT = f"*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SEP-X - [0:0]\n-A PREROUTING -j KUBE-SEP-X\n{NOWHERE}COMMIT\n"


def test_a_finding_stands_at_the_word_that_is_meant() -> None:
    (found,) = findings(TEXT, "IX006")

    assert (found.place.line, found.place.column, found.place.width) == (5, NOWHERE.index("--to") + 1, len("--to-destination"))
    assert found.place.text == NOWHERE.rstrip("\n")


def test_a_fingerprint_stays_when_lines_move_and_differs_between_two_of_a_kind() -> None:
    moved = TEXT.replace("-A PREROUTING", "-A PREROUTING -p udp -j ACCEPT\n-A PREROUTING", 1)
    twice = TEXT.replace(NOWHERE, NOWHERE * 2)

    assert [one.fingerprint for one in findings(moved, "IX006")] == [one.fingerprint for one in findings(TEXT, "IX006")]
    assert len({one.fingerprint for one in findings(twice, "IX006")}) == 2


def test_a_comment_above_a_line_silences_a_check_there_only() -> None:
    first, second = NOWHERE, NOWHERE.replace("-p tcp -m tcp ", "")
    silenced = TEXT.replace(NOWHERE, f"# iptexplain: ignore=IX006\n{first}{second}")

    assert [one.place.line for one in findings(silenced, "IX006")] == [7]
    assert findings(silenced.replace("IX006", "KP101, IX006"), "IX006") != ()
    assert len(findings(silenced.replace("ignore=IX006", "ignore=KP101"), "IX006")) == 2


def test_a_comment_above_the_first_table_silences_a_check_everywhere() -> None:
    assert not said("# iptexplain: ignore=IX006\n" + TEXT, "IX006")


def test_places_are_those_of_the_users_input_where_the_text_was_repaired() -> None:
    quoted = "".join(f"> {line}\n" for line in ("a mail", *TEXT.splitlines()))
    (found,) = findings(quoted, "IX006")

    assert found.place.line == 6
    assert found.place.text.endswith(NOWHERE.rstrip("\n"))
    assert found.place.text[found.place.column - 1 :].startswith("--to-destination")


def test_a_comment_silences_the_line_below_it_also_where_the_text_was_repaired() -> None:
    text = TEXT.replace(NOWHERE, f"{NOWHERE}# iptexplain: ignore=IX006\n{NOWHERE}")
    quoted = "".join(f"> {line}\n" for line in ("a mail", "that begins so", *text.splitlines()))

    assert [one.place.line for one in findings(quoted, "IX006")] == [7]


def test_a_check_that_can_look_at_no_dump_is_skipped_with_its_reason() -> None:
    report = lint(load(b"*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"), [check("KP101"), check("IX001")])

    assert [(one.check.code, one.reason.english()) for one in report.skipped] == [
        ("KP101", "nothing of kube-proxy's iptables mode is in the dump")
    ]


def test_where_a_check_could_look_at_one_of_two_dumps_the_other_is_told() -> None:
    both = sound() + "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"

    assert [one.line for one in lint(load(both.encode()), [check("KP101"), check("IX001")]).skipped] == [len(sound().splitlines()) + 1]


def test_a_check_that_would_have_to_look_at_too_many_cases_is_skipped_and_the_others_look() -> None:
    marks = [f"-m set --match-set s{number} src -j MARK --set-xmark {1 << number:#x}/{1 << number:#x}" for number in range(12)]
    asked = "".join(f"-A PREROUTING {mark}\n" for mark in marks)
    text = sound().replace("-A PREROUTING", f"{asked}-A PREROUTING", 1)
    report = lint(load(text.encode()), [check("KP312"), check("KP401")])

    assert [(one.check.code, "cases" in one.reason.english()) for one in report.skipped] == [("KP312", True)]


def test_chains_that_lead_to_each_other_without_end_are_no_reason_to_fall_over() -> None:
    ladder = "".join(f"-A C{number} -j C{number + 1}\n" for number in range(2000))
    text = f"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j C0\n{ladder}-A C2000 -p tcp -j DROP\nCOMMIT\n"
    report = lint(load(text.encode()), [check("IT701"), check("IT704")])

    assert [one.check.code for one in report.findings] == []


def test_comments_silence_by_the_beginning_of_a_code_with_a_reason_and_over_an_empty_line() -> None:
    for comment in ("# iptexplain: ignore=IX006 until Monday", "#iptexplain:ignore = ix0", "# IPTEXPLAIN: ignore=KP1, IX006\n"):
        assert not findings(TEXT.replace(NOWHERE, f"{comment}\n{NOWHERE}"), "IX006"), comment


def test_in_rule_lines_alone_a_comment_silences_the_line_below_it() -> None:
    text = f"{NOWHERE}# iptexplain: ignore=IX006\n{NOWHERE}"

    assert [one.place.line for one in findings(text, "IX006")] == [1]


def test_comments_that_silence_nothing_are_told() -> None:
    text = TEXT.replace(NOWHERE, f"# iptexplain: ignore=ZZ9,IX006\n{NOWHERE}# iptexplain: hush\n")
    report = lint(load(text.encode()), [check("IX006")])

    assert report.findings == ()
    assert [(one.line, one.message.english().split(":")[0]) for one in report.problems] == [
        (5, "this comment does not silence ZZ9"),
        (7, "this comment silences nothing"),
    ]
