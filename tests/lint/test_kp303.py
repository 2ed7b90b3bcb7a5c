"""KP303: connections that get past all endpoints."""

from __future__ import annotations

from tests.lint.linted import said, sound

LAST = '-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.166.130:80" -j KUBE-SEP-QZQ6SCLOCLOPP2FJ\n'


def test_it_catches_a_chain_whose_last_rule_draws_and_says_how_much_is_lost() -> None:
    (found,) = said(sound().replace(LAST, ""), "KP303")

    assert found.startswith("KP303 error ")
    assert found.endswith("of the connections to KUBE-SVC-2CMXP7HKUVJN7L6M, 33.3 % reach no endpoint")


def test_it_says_of_a_very_small_loss_that_it_is_one() -> None:
    drawn = LAST.replace("-j", "-m statistic --mode random --probability 0.99999999000 -j")
    (found,) = said(sound().replace(LAST, drawn), "KP303")

    assert "less than 0.01 %" in found


def test_it_is_silent_on_sound_chains_and_where_another_rule_takes_the_rest() -> None:
    certain = LAST.replace("-j", "-m statistic --mode random --probability 1.00000000000 -j")

    assert not said(sound(), "KP303")
    assert not said(sound("local-policies"), "KP303")
    assert not said(sound().replace(LAST, certain), "KP303")
    assert not said(sound().replace(LAST, "-A KUBE-SVC-2CMXP7HKUVJN7L6M -j DNAT --to-destination 10.0.0.1:80\n"), "KP303")


def test_it_does_not_judge_chains_in_which_more_than_chance_decides() -> None:
    asked = (
        sound()
        .replace(LAST, "")
        .replace("-m statistic --mode random --probability 0.5", "-s 10.0.0.0/8 -m statistic --mode random --probability 0.5")
    )

    assert not said(asked, "KP303")
    assert not said(sound().replace(LAST, "").rpartition("COMMIT")[0], "KP303")
