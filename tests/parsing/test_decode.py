from __future__ import annotations

import gzip
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import UnreadableInputError
from iptexplain.parsing.decode import decode

DUMP = b'*nat\n-A X -m comment --comment "\xc3\xa9" -j DROP\nCOMMIT\n'


def test_text_is_taken_as_it_is() -> None:
    assert DUMP.decode() == decode("f", DUMP).text


@pytest.mark.parametrize(("data", "text"), [(b"", ""), (b"a", "a\n"), (b"a\n", "a\n"), (b"\n", "\n"), (b"a\r\n", "a\n")])
def test_the_text_ends_with_a_newline(data: bytes, text: str) -> None:
    assert text == decode("f", data).text


@pytest.mark.parametrize(("data", "expected"), [(b"", True), (b"a", False), (b"a\n", True), (gzip.compress(b"a"), False)])
def test_it_is_remembered_whether_the_last_line_had_its_newline(data: bytes, expected: bool) -> None:  # noqa: FBT001 - a column
    assert expected == decode("f", data).complete_line


def test_gzip_is_unpacked() -> None:
    assert DUMP.decode() == decode("f.save", gzip.compress(DUMP)).text


def test_concatenated_gzip_files_are_one_text() -> None:
    assert DUMP.decode() * 3 == decode("f", gzip.compress(DUMP) + gzip.compress(b"") + gzip.compress(DUMP) + gzip.compress(DUMP)).text


def test_zeros_behind_gzip_data_are_padding() -> None:
    assert DUMP.decode() == decode("f", gzip.compress(DUMP) + bytes(512)).text


def test_the_digest_is_that_of_the_bytes_as_given() -> None:
    packed = gzip.compress(DUMP)

    assert hashlib.sha256(packed).hexdigest() == decode("f", packed).sha256
    assert hashlib.sha256(DUMP).hexdigest() == decode("f", DUMP).sha256


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b",
        b"\x1f\x8b\x08",
        b"\x1f\x8bnot gzip at all",
        gzip.compress(DUMP)[:-1],
        gzip.compress(DUMP)[:20],
        gzip.compress(DUMP)[:-8] + bytes(8),
        gzip.compress(DUMP) + b"rubbish",
        gzip.compress(DUMP) + gzip.compress(DUMP)[:-4],
    ],
)
def test_broken_gzip_data_are_an_error_that_names_the_file(data: bytes) -> None:
    with pytest.raises(UnreadableInputError, match=r"^f\.gz: "):
        decode("f.gz", data)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iptexplain.parsing.decode._MOST_BYTES", 1000)

    assert len(decode("f", gzip.compress(b"a" * 999 + b"\n")).text) == 1000
    for data in (gzip.compress(b"a" * 1001), gzip.compress(b"a" * 600) + gzip.compress(b"a" * 600)):
        with pytest.raises(UnreadableInputError, match="more than"):
            decode("f", data)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_utf_8_are_not_lost(data: bytes) -> None:
    if data[:2] == b"\x1f\x8b":
        return
    source = decode("f", data)
    back = source.text.encode("utf-8", "surrogateescape")

    assert data == (back if source.complete_line else back[:-1])


@given(st.binary(max_size=200))
def test_packed_or_not_is_the_same_text(data: bytes) -> None:
    if data[:2] == b"\x1f\x8b":
        return

    assert decode("f", data).text == decode("f", gzip.compress(data)).text
