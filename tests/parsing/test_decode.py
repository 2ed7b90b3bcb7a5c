from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import UnreadableInputError
from iptexplain.parsing.decode import decode as decode_stream

if TYPE_CHECKING:
    from iptexplain.source import Source

DUMP = b'*nat\n-A X -m comment --comment "\xc3\xa9" -j DROP\nCOMMIT\n'


def decode(name: str, data: bytes) -> Source:
    return decode_stream(name, BytesIO(data))


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


def test_a_chain_whose_name_ends_in_a_carriage_return_keeps_it() -> None:
    text = "*filter\n:INPUT ACCEPT [0:0]\n:X\r - [0:0]\n-A INPUT -j X\r\n-A X\r -j DROP\nCOMMIT\n"
    found = decode("f", text.encode())

    assert text == found.text
    assert found.notes == ()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_utf_8_are_not_lost(data: bytes) -> None:
    if data[:2] == b"\x1f\x8b" or data[1:2] == b"\0" or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return  # something else than UTF-8
    source = decode("f", data)
    back = source.text.encode("utf-8", "surrogateescape")

    assert source.notes or data == (back if source.complete_line else back[:-1])
    assert not source.notes or b"\r" in data or data.startswith(b"\xef\xbb\xbf")


@given(st.binary(max_size=200))
def test_packed_or_not_is_the_same_text(data: bytes) -> None:
    if data[:2] == b"\x1f\x8b":
        return

    assert decode("f", data).text == decode("f", gzip.compress(data)).text


@pytest.mark.parametrize("size", range(1, 12))
def test_a_text_read_in_pieces_is_the_text(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "aé€😀\n".encode() + b"\xff\xe2\x82 \xf0\x9f\x98"
    monkeypatch.setattr("iptexplain.parsing.decode._PIECE", size)

    assert data.decode("utf-8", "surrogateescape") + "\n" == decode("f", data).text
    assert data.decode("utf-8", "surrogateescape") + "\n" == decode("f", gzip.compress(data)).text
    assert hashlib.sha256(data).hexdigest() == decode("f", data).sha256


def test_no_input_is_kept_twice() -> None:
    code = (
        "import gzip, re, sys; from iptexplain.parsing.decode import decode;"
        "peak = lambda: int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]) * 1024;"
        "before = peak(); text = decode('-', sys.stdin.buffer).text; print((peak() - before) / len(text))"
    )
    data = DUMP.replace(b"\xc3\xa9", b"e") * 600_000
    for whole in (data, gzip.compress(data, 1)):
        done = subprocess.run([sys.executable, "-c", code], input=whole, capture_output=True, check=True)

        assert float(done.stdout) < 1.3
