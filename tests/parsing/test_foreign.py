from __future__ import annotations

import gzip
import re
import time

import pytest

from iptexplain.errors import NotADumpError
from iptexplain.parsing.foreign import hint
from iptexplain.parsing.looks import LOOKS, MAGIC
from iptexplain.parsing.reader import read
from tests.dumps import ruleset

_SENTENCES = {sentence for sentence, *_ in (*MAGIC, *LOOKS)}
_KLOG = "I0318 12:00:00.123456       1 proxier.go:870] "
_LOOKS: tuple[tuple[str, str | bytes], ...] = (
    ("it is empty", ""),
    ("it is empty", " \n\t\r\n"),
    # ---- files that are no text
    ("gzip twice", gzip.compress(gzip.compress(b"*nat\nCOMMIT\n", mtime=0), mtime=0)),
    ("a zip archive", b"PK\x03\x04\x14\x00\x08"),
    ("a 7z archive", b"7z\xbc\xaf\x27\x1c\x00\x04"),
    ("with xz", b"\xfd7zXZ\x00\x00\x04"),
    ("with bzip2", b"BZh91AY&SY\x8e"),
    ("with zstd", b"(\xb5/\xfd\x04\x58"),
    ("a PDF file", b"%PDF-1.4\n%\xe2\xe3\n"),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00"),
    ("a picture", b"GIF89a\x01\x00"),
    ("a picture", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    ("(pcap)", b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00"),
    ("(pcap)", b"\xa1\xb2\xc3\xd4\x00\x02\x00\x04"),
    ("(pcapng)", b"\n\r\r\n\x1c\x00\x00\x00M<+\x1a\x01\x00"),
    ("(pcapng)", b"\n\r\r\n\xb4\x00\x00\x00M<+\x1a\x01\x00"),
    ("a word processor", b"{\\rtf1\\ansi *nat}"),
    ("a program", b"\x7fELF\x02\x01"),
    ("a tar archive", b"node1/rules".ljust(257, b"\x00") + b"ustar\x00"),
    ("a binary file", b"abc\x00def"),
    ("Base64", "IyBHZW5lcmF0ZWQgYnkgaXB0YWJsZXMtc2F2ZQo=\n"),
    ("Base64", "H4sIAAAAAAAAA9NKLMkEAHVbaZsDAAAA"),
    # ---- lists of rules
    ("iptables -L", "Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination\n"),
    ("iptables -L", "\n  Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\nnum   pkts bytes target     prot opt in     out\n"),
    ("iptables -L", "root@n1:~# iptables -t nat -nL\nChain KUBE-SERVICES (2 references)\n"),
    ("iptables -L", "# Warning: iptables-legacy tables present, use iptables-legacy to see them\nChain INPUT (policy DROP)\n"),
    ("iptables -L", "num  target     prot opt source               destination\n1    ACCEPT     all  --  anywhere  anywhere\n"),
    ("nft list ruleset", "# Warning: table ip nat is managed by iptables-nft, do not touch!\ntable ip nat {\n\tchain KUBE-SERVICES {\n"),
    ("nft list ruleset", "$ sudo nft list ruleset\n\ntable inet filter { # handle 1\n"),
    ("nft -j", '{"nftables": [{"metainfo": {"version": "1.0.6"}}]}\n'),
    ("commands of nft", "add table ip nat\nadd chain ip nat prerouting\n"),
    ("commands of nft", "#!/usr/sbin/nft -f\nflush ruleset\n"),
    ("iptables-xml", '<iptables-rules version="1.0">\n  <table name="nat" >\n'),
    ("ebtables -L", "Bridge table: filter\n\nBridge chain: INPUT, entries: 0, policy: ACCEPT\n"),
    ("ipvsadm", "-A -t 10.96.0.1:443 -s rr\n-a -t 10.96.0.1:443 -r 10.0.0.1:6443 -m -w 1\n"),
    ("ipvsadm", "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n"),
    ("ipset", "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536\n"),
    ("ipset", "Name: KUBE-CLUSTER-IP\nType: hash:ip,port\nRevision: 5\n"),
    ("ufw status", "Status: active\n\nTo                         Action      From\n"),
    ("firewall-cmd", "public (active)\n  target: default\n  icmp-block-inversion: no\n"),
    # ---- clusters and containers
    (
        "kubectl get",
        "NAME         TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb   ClusterIP   10.96.0.1\n",
    ),
    ("kubectl get", "NAMESPACE     NAME                       READY   STATUS    RESTARTS   AGE\n"),
    ("kubectl get", "$ kubectl get endpoints\nNAME         ENDPOINTS             AGE\n"),
    ("kubectl get", "kubernetes   ClusterIP   10.96.0.1   <none>   443/TCP   5d\n"),
    ("kubectl describe", "Name:                     web\nNamespace:                shop\nLabels:                   <none>\n"),
    ("in YAML", "apiVersion: v1\nkind: List\nitems: []\n"),
    ("in YAML", "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"),
    ("in JSON", '{\n    "apiVersion": "v1",\n    "items": []\n}\n'),
    ("written by iptexplain", '{"schema":"iptexplain.ast/1","inputs":[]}\n'),
    ("list of containers", "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n"),
    ("list of containers", "CONTAINER           IMAGE               CREATED             STATE\n"),
    # ---- addresses, connections, packets
    ("network interfaces", "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n"),
    ("network interfaces", "eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n"),
    ("these are routes", "default via 10.0.0.1 dev eth0 proto dhcp\n"),
    ("these are routes", "10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.1\n"),
    ("these are routes", "Kernel IP routing table\nDestination     Gateway\n"),
    ("rules of routing", "0:\tfrom all lookup local\n"),
    ("rules of routing", "32764:\tfrom all fwmark 0x1 lookup 100\n"),
    ("these are sockets", "State    Recv-Q   Send-Q     Local Address:Port\n"),
    ("these are sockets", "Netid State  Recv-Q Send-Q Local Address:Port\n"),
    ("these are sockets", "Active Internet connections (only servers)\nProto Recv-Q Send-Q\n"),
    ("these are connections", "tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=4 dport=5\n"),
    ("these are connections", "ipv4     2 udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=4 dport=53\n"),
    ("the target LOG", "Jan  1 00:00:00 n1 kernel: [1.2] drop: IN=eth0 OUT= MAC=00 SRC=10.0.0.1 DST=10.0.0.2 LEN=60\n"),
    ("tcpdump", "12:00:00.123456 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S]\n"),
    ("a log of Kubernetes", f'{_KLOG}"Syncing iptables rules"\n'),
    # ---- what went wrong
    ("was not found", "bash: iptables-save: command not found\n"),
    ("was not found", "$ sudo iptables-save\nsudo: iptables-save: command not found\n"),
    ("was not found", "sh: 1: ip6tables-save: not found\n"),
    ("was not found", "zsh: command not found: iptables-save\n"),
    ("was not found", 'error: exec: "iptables-save": executable file not found in $PATH\n'),
    ("was not found", "bash: /usr/sbin/iptables-save: No such file or directory\n"),
    ("without root", "iptables-save v1.8.9 (legacy): Cannot initialize: Permission denied\n"),
    ("without root", "iptables v1.8.7 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n"),
    ("without root", "Fatal: can't open lock file /run/xtables.lock: Permission denied\n"),
    ("message of sudo", "sudo: a terminal is required to read the password\n"),
    ("message of sudo", "ann is not in the sudoers file.\n"),
    ("iptables-legacy-save", "iptables v1.8.7 (nf_tables): Could not fetch rule set generation id: Invalid argument\n"),
    ("iptables-legacy-save", "iptables-save: Failed to initialize nft: Protocol not supported\n"),
    ("what nft prints is not read", "# Table `nat' is incompatible, use 'nft' tool.\n"),
    ("what nft prints is not read", "iptables v1.8.7 (nf_tables): table `nat' is incompatible, use 'nft' tool.\n"),
    ("an error message of iptables", "modprobe: FATAL: Module ip_tables not found\n"),
    ("an error message of iptables", "iptables-restore: line 5 failed\n"),
    ("an error message of kubectl", 'Error from server (NotFound): pods "kube-proxy-x" not found\n'),
    ("an error message of kubectl", "error: unable to upgrade connection: container not found\n"),
    ("an error of Docker", "Error response from daemon: No such container: kind\n"),
    ("an error message of ssh", "ssh: connect to host n1 port 22: Connection refused\n"),
    ("an error message of ssh", "ann@n1: Permission denied (publickey,password).\n"),
    ("iptables --version", "iptables v1.8.9 (nf_tables)\n"),
    ("help of iptables", "iptables v1.8.9\n\nUsage: iptables -[ACD] chain rule-specification [options]\n"),
    # ---- commands, and other kinds of text
    ("iptables commands", "iptables -A INPUT -j DROP\n"),
    ("iptables commands", "#!/bin/sh\nsudo ip6tables -F\n"),
    ("iptables commands", 'if true; then\n    "x"\n    /sbin/iptables -t nat -F\n'),
    ("iptables commands", "IPT=/sbin/iptables\n$IPT -F\n"),
    ("iptables commands", "${IPTABLES} -P INPUT DROP\n"),
    ("a script", "#!/bin/sh\necho hello\n"),
    ("warns of legacy ones", "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n"),
    ("begins with comments", "# Generated by iptables-save v1.8.9\n# Completed\n"),
    ("HTML", "<!DOCTYPE html>\n<html>"),
    ("HTML", "\n  <html>"),
    ("HTML", "<?xml version='1.0'?>"),
    ("JSON", '{"a": 1}\n'),
    ("JSON", "[1]\n"),
    ("no table", "hello\n"),
    ("no table", "COMMIT\n"),
)


def error(given: str | bytes) -> NotADumpError:
    """What is raised for a text, or the bytes of a file, that hold no dump."""
    with pytest.raises(NotADumpError) as caught:
        read("f.save", given.encode() if isinstance(given, str) else given)
    return caught.value


@pytest.mark.parametrize(("expected", "given"), _LOOKS)
def test_what_is_no_dump_is_told_by_its_looks(expected: str, given: str | bytes) -> None:
    assert expected in error(given).hint.english()


def test_every_kind_has_an_example() -> None:
    told = {error(given).hint.template for _, given in _LOOKS}

    assert not _SENTENCES - told


@pytest.mark.parametrize("sentence", sorted(_SENTENCES))
def test_a_sentence_is_short_and_says_what_to_do(sentence: str) -> None:
    assert len(sentence) < 140
    assert re.search("run |give |unpack |decode |save ", sentence) is not None
    assert "{" not in sentence


@pytest.mark.parametrize("text", [text for _, text in _LOOKS if isinstance(text, str) and text.strip()])
def test_the_same_in_a_comment_or_around_a_table_is_a_dump(text: str) -> None:
    remarks = [f"# {line}" for line in text.splitlines()]

    assert len(ruleset(*remarks, "*nat", ":KUBE-SERVICES - [0:0]", "COMMIT").dumps) == 1
    assert len(ruleset("*nat", ":KUBE-SERVICES - [0:0]", "COMMIT", *text.splitlines()).dumps) >= 1


def test_a_far_beginning_is_not_looked_at() -> None:
    assert "no table" in error("hello\n" * 2000 + "Chain INPUT (policy ACCEPT)\n").hint.english()


@pytest.mark.parametrize("text", [*"a -#.\n\t<[{:=x", "a ", "a\n", "# \n", "NAME ", "A ", "a b ", "iptables: ", "IN= OUT= ", "1: from a "])
def test_long_texts_of_one_thing_take_no_time(text: str) -> None:
    began = time.process_time()
    for end in ("", "x", "\n"):
        hint(text * 8000 + end)

    assert time.process_time() - began < 1


@pytest.mark.parametrize("text", ["", "hello\n", "{}\n", "Chain INPUT (policy ACCEPT)\n", "# only a remark\n", "COMMIT\n", "\n"])
def test_an_input_without_a_table_and_a_rule_is_an_error(text: str) -> None:
    caught = error(text)

    assert hint(text) == caught.hint
    assert str(caught).startswith("f.save: ")
    assert "{" not in str(caught)


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
