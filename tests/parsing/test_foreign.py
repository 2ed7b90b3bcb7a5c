from __future__ import annotations

import pytest

from iptexplain.errors import NotADumpError
from iptexplain.parsing.foreign import hint
from iptexplain.parsing.reader import read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "it is empty"),
        (" \n\t\n", "it is empty"),
        ("\x89PNG\r\n", "a binary file"),
        ("%PDF-1.4\n", "a binary file"),
        ("PK\x03\x04", "a binary file"),
        ("\x7fELF", "a binary file"),
        ("abc\x00def", "a binary file"),
        ("<!DOCTYPE html>\n<html>", "HTML"),
        ("\n  <html>", "HTML"),
        ("<?xml version='1.0'?>", "HTML"),
        ("Chain INPUT (policy ACCEPT)\ntarget prot opt\n", "iptables -L"),
        ("# sudo iptables -L\nChain KUBE-SERVICES (2 references)\n", "iptables -L"),
        ("table ip nat {\n", "nft list ruleset"),
        ("# Warning\ntable inet filter {\n", "nft list ruleset"),
        ("NAMESPACE   NAME    TYPE\n", "kubectl get"),
        ("NAME    READY   STATUS\n", "kubectl get"),
        ('{"a": 1}\n', "JSON"),
        ("[1]\n", "JSON"),
        ("iptables -A INPUT -j DROP\n", "iptables commands"),
        ("#!/bin/sh\nsudo ip6tables -F\n", "iptables commands"),
        ("hello\n", "no table"),
        ("COMMIT\n", "no table"),
    ],
)
def test_what_is_no_dump_is_told_by_its_looks(text: str, expected: str) -> None:
    assert expected in hint(text).english()


@pytest.mark.parametrize("text", ["", "hello\n", "{}\n", "Chain INPUT (policy ACCEPT)\n", "# only a remark\n", "COMMIT\n", "\n"])
def test_an_input_without_a_table_and_a_rule_is_an_error(text: str) -> None:
    with pytest.raises(NotADumpError) as caught:
        read("f.save", text.encode())

    assert hint(text) == caught.value.hint
    assert str(caught.value).startswith("f.save: ")
    assert "{" not in str(caught.value)


def test_the_error_shows_the_first_line_that_was_not_understood() -> None:
    with pytest.raises(NotADumpError) as caught:
        read("f", b"\nhello\nworld\n")

    assert [problem.line for problem in caught.value.problems] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "*nat\nCOMMIT\n",
        "-A X -j DROP\n",
        ":X - [0:0]\n",
        "# iptables -L\n*nat\nCOMMIT\n",
        "Chain INPUT (policy ACCEPT)\n-A INPUT -j DROP\n",
        "iptables-save\n*nat\nCOMMIT\n",
    ],
)
def test_an_input_with_a_table_or_a_rule_is_a_dump_whatever_stands_around_it(text: str) -> None:
    assert len(read("f", text.encode()).dumps) == 1
