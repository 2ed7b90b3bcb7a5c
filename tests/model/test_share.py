from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from iptexplain.model.share import ONE, Share

SHARES = st.builds(Share, st.integers(0, 1 << 70), st.integers(0, 200), st.integers(0, 50).map(lambda half: 2 * half + 1))


def exact(share: Share) -> Fraction:
    return Fraction(share.numerator, share.odd << share.exponent)


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 40))
def test_every_fraction_is_a_share(numerator: int, denominator: int) -> None:
    assert Fraction(numerator, denominator) == exact(Share.part(numerator, denominator))


@given(SHARES, st.integers(0, 1 << 31))
def test_a_share_of_a_share_is_their_product(share: Share, k: int) -> None:
    assert exact(share) * Fraction(k, 1 << 31) == exact(share.times(k, 31))


@given(SHARES, SHARES)
def test_a_share_is_multiplied_by_another(one: Share, other: Share) -> None:
    assert exact(one) * exact(other) == exact(one.times(*other))


@given(SHARES, SHARES)
def test_shares_add_up_exactly(one: Share, other: Share) -> None:
    assert exact(one) + exact(other) == exact(one.plus(other))
    assert one.plus(other).reduced() == other.plus(one).reduced()


@given(SHARES)
def test_a_reduced_share_is_the_same_share_in_the_smallest_numbers(share: Share) -> None:
    reduced = share.reduced()

    assert exact(share) == exact(reduced)
    assert reduced.exponent == 0 or reduced.numerator % 2 == 1
    assert reduced == reduced.reduced()


@given(SHARES, SHARES)
def test_equal_shares_have_one_reduced_form(one: Share, other: Share) -> None:
    assert (exact(one) == exact(other)) is (one.reduced() == other.reduced())


@given(SHARES)
def test_the_float_is_the_nearest(share: Share) -> None:
    assert float(exact(share)) == float(share)


@given(SHARES, st.integers(1, 120))
def test_a_fraction_is_exact_or_not_given(share: Share, most: int) -> None:
    text = share.fraction(most)
    whole = str(exact(share))

    assert text == (whole if len(whole.replace("/", "")) <= most else None)


@given(st.lists(st.integers(0, 1 << 31), max_size=40))
def test_what_is_left_of_one_and_what_is_gone_make_one(thresholds: list[int]) -> None:
    left, gone = ONE, Share(0, 0)
    for k in thresholds:
        gone = gone.plus(left.times(k, 31))
        left = left.times((1 << 31) - k, 31)

    assert left.plus(gone).reduced() == ONE


def test_zero_and_one_have_no_denominator() -> None:
    assert (Share(0, 31).fraction(), Share(1 << 31, 31).fraction()) == ("0", "1")
    assert ONE.times(715827883, 31).fraction() == "715827883/2147483648"


def test_a_very_small_share_is_a_float_nevertheless() -> None:
    share = ONE
    for _ in range(200):
        share = share.times(1, 31)

    assert float(share) == 0.0
    assert share.fraction() is None
