"""What the matches addrtype to ipvs ask, in words."""

from __future__ import annotations

import pytest

from tests.extensions.said import said

_IPV4 = (
    ("-m addrtype --dst-type LOCAL", ("to: this node's addresses",)),
    ("-m addrtype ! --src-type LOCAL", ("from: addresses other than this node's",)),
    (
        "-m addrtype --src-type BROADCAST --dst-type UNICAST,ANYCAST,MULTICAST",
        ("from: broadcast addresses", "to: addresses of type UNICAST, anycast addresses or multicast addresses"),
    ),
    ("-m addrtype ! --src-type LOCAL --limit-iface-out", ("from: addresses other than those of the interface it leaves by",)),
    ("-m addrtype --dst-type LOCAL --limit-iface-in", ("to: addresses of the interface it comes in by",)),
    (
        "-m addrtype ! --src-type UNICAST,LOCAL --limit-iface-in",
        (("from: addresses other than addresses of type UNICAST or this node's addresses (seen from the interface it comes in by alone)"),),
    ),
    (
        "-m addrtype --dst-type UNSPEC,BROADCAST --limit-iface-out",
        ("to: addresses of type UNSPEC or broadcast addresses (seen from the interface it leaves by alone)",),
    ),
    ("-p ah -m ah --ahspi 3", ("what: AH", "if: with AH SPI 3")),
    ("-p ah -m ah ! --ahspi 0", ("what: AH", "if: with any AH SPI but 0")),
    ("-p ah -m ah --ahspi 3:9", ("what: AH", "if: with AH SPI 3 to 9")),
    ("-p ah -m ah ! --ahspi 3:9", ("what: AH", "if: with any AH SPI but 3 to 9")),
    ("-p ah -m ah --ahspi 3:", ("what: AH", "if: with AH SPI of at least 3")),
    ("-p ah -m ah ! --ahspi 3:", ("what: AH", "if: with AH SPI of at most 2")),
    ("-p ah -m ah --ahspi 0:4294967295", ("what: AH", "if: with any AH SPI")),
    ("-p ah -m ah --ahspi 4:3", ("what: AH", "if: no packet at all (AH SPI 4 to 3 is an empty range)")),
    ("-p ah -m ah", ("what: AH", "if: with an authentication header (AH)")),
    ('-m bpf --bytecode "2,48 0 0 9,6 0 0 1"', ('if: accepted by the BPF program "2,48 0 0 9,6 0 0 1"',)),
    ("-m bpf --object-pinned /sys/fs/bpf/x", ("if: accepted by the BPF program loaded as /sys/fs/bpf/x",)),
    ("-m cgroup --cgroup 1", ("if: of a local program with net_cls class 1 (cgroup)",)),
    ("-m cgroup ! --cgroup 1", ("if: of a local program with any net_cls class but 1 (cgroup)",)),
    ("-m cgroup --path /kubepods", ("if: of a local program in the cgroup /kubepods or below it",)),
    ("-m cgroup ! --path /kubepods", ("if: of a local program outside the cgroup /kubepods",)),
    (
        "-m cluster --cluster-local-nodemask 0x2 --cluster-total-nodes 2 --cluster-hash-seed 0xfeed",
        ("if: the connection falling to node 2 of 2 in the cluster (by a hash of its source address, seed 0xfeed)",),
    ),
    (
        "-m cluster ! --cluster-local-nodemask 0x2 --cluster-total-nodes 2 --cluster-hash-seed 0xfeed",
        ("if: the connection not falling to node 2 of 2 in the cluster (by a hash of its source address, seed 0xfeed)",),
    ),
    (
        "-m cluster --cluster-local-nodemask 0x3 --cluster-total-nodes 4 --cluster-hash-seed 1",
        ("if: the connection falling to one of the nodes 1 or 2 of 4 in the cluster (by a hash of its source address, seed 0x1)",),
    ),
    (
        "-m cluster ! --cluster-local-nodemask 0x7 --cluster-total-nodes 4 --cluster-hash-seed 1",
        ("if: the connection falling to none of the nodes 1, 2 or 3 of 4 in the cluster (by a hash of its source address, seed 0x1)",),
    ),
    (
        "-m connbytes --connbytes 1000: --connbytes-mode packets --connbytes-dir original",
        ("if: packet count of the connection so far at least 1000 (sent by the client)",),
    ),
    (
        "-m connbytes ! --connbytes 1000 --connbytes-mode packets --connbytes-dir reply",
        ("if: packet count of the connection so far below 1000 (sent by the server)",),
    ),
    (
        "-m connbytes --connbytes 0:1000 --connbytes-mode packets --connbytes-dir both",
        ("if: packet count of the connection so far at most 1000 (both ways)",),
    ),
    (
        "-m connbytes ! --connbytes 0:1000 --connbytes-mode bytes --connbytes-dir original",
        ("if: byte count of the connection so far above 1000 (sent by the client)",),
    ),
    (
        "-m connbytes --connbytes 10:1000 --connbytes-mode bytes --connbytes-dir reply",
        ("if: byte count of the connection so far 10 to 1000 (sent by the server)",),
    ),
    (
        "-m connbytes ! --connbytes 10:1000 --connbytes-mode bytes --connbytes-dir both",
        ("if: byte count of the connection so far below 10 or above 1000 (both ways)",),
    ),
    (
        "-m connbytes --connbytes 500:500 --connbytes-mode avgpkt --connbytes-dir original",
        ("if: mean packet size of the connection so far exactly 500 bytes (sent by the client)",),
    ),
    (
        "-m connbytes ! --connbytes 500:500 --connbytes-mode avgpkt --connbytes-dir reply",
        ("if: mean packet size of the connection so far exactly 500 bytes (sent by the server)",),
    ),
    (
        "-m connbytes --connbytes 1400: --connbytes-mode avgpkt --connbytes-dir both",
        ("if: mean packet size of the connection so far at least 1400 bytes (both ways)",),
    ),
    ('-m connlabel --label "40"', ("if: the connection has label 40",)),
    ("-m connlabel ! --label eth0-in", ("if: the connection does not have label eth0-in",)),
    ("-m connlabel --label 40 --set", ("if: after putting label 40 on the connection",)),
    ("-m connlabel ! --label 40 --set", ("if: after failing to put label 40 on the connection",)),
    (
        "-m connlimit --connlimit-above 10 --connlimit-mask 32 --connlimit-saddr",
        ("if: with more than 10 connections at once from the source (/32)",),
    ),
    (
        "-m connlimit ! --connlimit-above 10 --connlimit-mask 32 --connlimit-daddr",
        ("if: with at most 10 connections at once to the destination (/32)",),
    ),
    (
        "-m connlimit --connlimit-upto 10 --connlimit-mask 24 --connlimit-saddr",
        ("if: with at most 10 connections at once from the source network (/24)",),
    ),
    (
        "-m connlimit ! --connlimit-upto 10 --connlimit-mask 24 --connlimit-daddr",
        ("if: with more than 10 connections at once to the destination network (/24)",),
    ),
    (
        "-m connlimit --connlimit-upto 10 --connlimit-mask 0 --connlimit-saddr",
        ("if: with at most 10 connections at once from all sources together",),
    ),
    (
        "-m connlimit --connlimit-above 10 --connlimit-mask 0 --connlimit-daddr",
        ("if: with more than 10 connections at once to all destinations together",),
    ),
    ("-m connlimit --connlimit-above 10", ("if: with more than 10 connections at once from the source address",)),
    ("-m connlimit --connlimit-above 10 --connlimit-daddr", ("if: with more than 10 connections at once to the destination address",)),
    ("-m connmark --mark 0x1/0xff", ("if: with 0x1 in the bits 0xff of the connection mark",)),
    ("-m connmark ! --mark 0x4000/0x4000", ("if: with bit 0x4000 of the connection mark not set",)),
    ("-m cpu --cpu 0", ("if: handled by CPU 0",)),
    ("-m cpu ! --cpu 1", ("if: handled by any CPU but 1",)),
    ("-p dccp -m dccp --dport 5001 --dccp-types REQUEST,RESPONSE", ("what: DCCP", "to: port 5001", "if: of DCCP type REQUEST or RESPONSE")),
    ("-p dccp -m dccp ! --dccp-types ACK", ("what: DCCP", "if: of any DCCP type but ACK")),
    ("-p dccp -m dccp --dccp-option 2", ("what: DCCP", "if: with DCCP option 2")),
    ("-p dccp -m dccp ! --dccp-option 2", ("what: DCCP", "if: without DCCP option 2")),
    ("-m devgroup --src-group 0x5", ("if: coming in by an interface of group 5",)),
    ("-m devgroup ! --src-group default", ("if: coming in by an interface of any group but 0 (default)",)),
    ("-m devgroup --src-group 0x5/0xf", ("if: coming in by an interface of a group with 0x5 in its bits 0xf",)),
    (
        "-m devgroup ! --src-group 0x5/0xf --dst-group 0x1",
        ("if: coming in by an interface of a group with anything but 0x5 in its bits 0xf", "if: leaving by an interface of group 1"),
    ),
    ("-m devgroup ! --dst-group 7", ("if: leaving by an interface of any group but 7",)),
    ("-m devgroup --dst-group 0x0/0xf0", ("if: leaving by an interface of a group with 0x0 in its bits 0xf0",)),
    ("-m devgroup ! --dst-group 0x10/0xf0", ("if: leaving by an interface of a group with anything but 0x10 in its bits 0xf0",)),
    ("-m dscp --dscp 0x2e", ("if: with DSCP 46 (EF)",)),
    ("-m dscp ! --dscp 0x01", ("if: with any DSCP but 1",)),
    ("-m dscp --dscp-class CS0", ("if: with DSCP 0 (CS0)",)),
    ("-m dscp --dscp-class AF41", ("if: with DSCP 34 (AF41)",)),
    ("-p tcp -m ecn --ecn-tcp-ece --ecn-tcp-cwr", ("what: TCP", "if: with TCP flag ECE set", "if: with TCP flag CWR set")),
    (
        "-p tcp -m ecn ! --ecn-tcp-ece ! --ecn-tcp-cwr ! --ecn-ip-ect 3",
        ("what: TCP", "if: with TCP flag ECE not set", "if: with TCP flag CWR not set", "if: with any ECN bits but 3 (CE: congestion)"),
    ),
    ("-m ecn --ecn-ip-ect 0", ("if: with ECN bits 0 (Not-ECT: ECN not used)",)),
    ("-m ecn --ecn-ip-ect 1", ("if: with ECN bits 1 (ECT(1))",)),
    ("-m ecn --ecn-ip-ect 2", ("if: with ECN bits 2 (ECT(0))",)),
    ("-p esp -m esp --espspi 500", ("what: ESP", "if: with ESP SPI 500")),
    ("-p esp -m esp ! --espspi 0:500", ("what: ESP", "if: with ESP SPI of at least 501")),
    ("-p esp -m esp", ("what: ESP",)),
    (
        "-m hashlimit --hashlimit-upto 40/sec --hashlimit-burst 5 --hashlimit-name all",
        ("if: at most 40 packets a second for all packets together (up to 5 at once; counter all)",),
    ),
    (
        "-m hashlimit --hashlimit-upto 40/sec --hashlimit-burst 20 --hashlimit-mode srcip --hashlimit-name syn-flood",
        ("if: at most 40 packets a second for each source address (up to 20 at once; counter syn-flood)",),
    ),
    (
        "-m hashlimit --hashlimit-above 1/min --hashlimit-burst 5 --hashlimit-mode dstip,dstport --hashlimit-name x",
        (
            (
                "if: more than 1 packet a minute for each combination of destination address and destination "
                "port (after 5 at once; counter x)"
            ),
        ),
    ),
    (
        (
            "-m hashlimit --hashlimit-above 3/hour --hashlimit-burst 1 --hashlimit-mode srcip,srcport"
            " --hashlimit-name x --hashlimit-srcmask 24"
        ),
        (("if: more than 3 packets an hour for each combination of source network (/24) and source port (after 1 at once; counter x)"),),
    ),
    (
        "-m hashlimit ! --hashlimit-upto 3/day --hashlimit-mode dstip --hashlimit-name x --hashlimit-dstmask 16",
        ("if: more than 3 packets a day for each destination network (/16) (after 5 at once; counter x)",),
    ),
    (
        "-m hashlimit --hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-mode srcip --hashlimit-name x",
        ("if: at most 512 KiB a second for each source address (up to 1 MiB at once; counter x)",),
    ),
    (
        "-m hashlimit --hashlimit-above 4kb/s --hashlimit-burst 400kb --hashlimit-name x",
        ("if: more than 4 KiB a second for all packets together (after 400 KiB at once; counter x)",),
    ),
    (
        "-m hashlimit --hashlimit-above 10mb/s --hashlimit-mode srcip --hashlimit-name x",
        ("if: more than 10 MiB a second for each source address (counter x)",),
    ),
    (
        "-m hashlimit --hashlimit-above 512b/s --hashlimit-burst 512 --hashlimit-name x",
        ("if: more than 512 bytes a second for all packets together (after 512 bytes at once; counter x)",),
    ),
    (
        (
            "-m hashlimit --hashlimit-upto 20/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-htable-size 64"
            " --hashlimit-htable-max 4096 --hashlimit-htable-expire 31991"
        ),
        (
            "if: at most 20 packets a second for all packets together (up to 5 at once; counter x)",
            "if: counting anew after 31.991 s without packets",
            "if: with room for 4096 counts (packets beyond that are dropped)",
        ),
    ),
    (
        "-m hashlimit --hashlimit-upto 60/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-rate-match --hashlimit-rate-interval 10",
        ("if: at most 60 packets in 10 s for all packets together (counter x)",),
    ),
    (
        "-m hashlimit --hashlimit-above 40mb/s --hashlimit-mode srcip --hashlimit-name x --hashlimit-rate-match",
        ("if: more than 40 MiB in 1 s for each source address (counter x)",),
    ),
    (
        "-m hashlimit --hashlimit-upto 60000000/min --hashlimit-name x --hashlimit-rate-match",
        ("if: at most 0 packets in 60 s for all packets together (counter x)",),
    ),
    ("-m helper --helper ftp", ("if: of a connection that the helper ftp announced",)),
    ("-m helper ! --helper sip", ("if: not of a connection that the helper sip announced",)),
    ('-m helper --helper ""', ("if: of a connection that a conntrack helper announced",)),
    ('-m helper ! --helper ""', ("if: not of a connection that a conntrack helper announced",)),
    ("-p icmp -m icmp --icmp-type 8", ("what: ICMP", "if: of type 8 (echo-request, ping)")),
    ("-p icmp -m icmp ! --icmp-type 3/4", ("what: ICMP", "if: of any type but 3/4 (fragmentation-needed)")),
    ("-p icmp -m icmp --icmp-type 3/99", ("what: ICMP", "if: of type 3/99 (destination-unreachable)")),
    ("-p icmp -m icmp --icmp-type 42/1", ("what: ICMP", "if: of type 42/1")),
    ("-p icmp -m icmp ! --icmp-type 42", ("what: ICMP", "if: of any type but 42")),
    ("-p icmp -m icmp --icmp-type any", ("what: ICMP", "if: of any type")),
    ("-p icmp -m icmp ! --icmp-type any", ("what: ICMP", "if: of no type")),
    ("-p ipcomp -m ipcomp --ipcompspi 18", ("what: IPCOMP", "if: with IPComp index (CPI) 18")),
    (
        "-p ipcomp -m ipcomp ! --ipcompspi 18 --compres",
        (
            "what: IPCOMP",
            "if: with any IPComp index (CPI) but 18",
            "if: whatever the reserved field of the IPComp header (the rule wants 0, the kernel does not look)",
        ),
    ),
    ("-p ipcomp -m ipcomp", ("what: IPCOMP",)),
    ("-m ipvs --ipvs", ("if: of a connection that this node balances (IPVS)",)),
    ("-m ipvs ! --ipvs", ("if: of no connection that this node balances (IPVS)",)),
    (
        "-m ipvs --vproto 6 --vaddr 10.96.0.1 --vport 443",
        (
            "if: of a connection that this node balances (IPVS)",
            "if: its service of TCP",
            "if: its service at 10.96.0.1",
            "if: its service at port 443",
        ),
    ),
    (
        "-m ipvs ! --vproto 17 ! --vaddr 10.96.0.0/16 ! --vport 53",
        (
            "if: of a connection that this node balances (IPVS)",
            "if: its service not of UDP",
            "if: its service not at 10.96.0.0/16",
            "if: its service not at port 53",
        ),
    ),
    (
        "-m ipvs --vdir ORIGINAL --vmethod GATE",
        (
            "if: of a connection that this node balances (IPVS)",
            "if: in the direction of the first packet",
            "if: forwarded by direct routing",
        ),
    ),
    (
        "-m ipvs --vdir REPLY ! --vmethod GATE",
        (
            "if: of a connection that this node balances (IPVS)",
            "if: in the direction of the replies",
            "if: not forwarded by direct routing",
        ),
    ),
    (
        "-m ipvs --vmethod IPIP --vportctl 21",
        (
            "if: of a connection that this node balances (IPVS)",
            "if: forwarded in a tunnel (IPIP)",
            "if: its controlling connection at port 21",
        ),
    ),
    (
        "-m ipvs ! --vmethod IPIP ! --vportctl 21",
        (
            "if: of a connection that this node balances (IPVS)",
            "if: not forwarded in a tunnel (IPIP)",
            "if: its controlling connection, if any, not at port 21",
        ),
    ),
    (
        "-m ipvs --vmethod MASQ",
        ("if: of a connection that this node balances (IPVS)", "if: forwarded with addresses changed (masquerading)"),
    ),
    (
        "-m ipvs ! --vmethod MASQ",
        ("if: of a connection that this node balances (IPVS)", "if: not forwarded with addresses changed (masquerading)"),
    ),
)
_IPV6 = (
    ("-m addrtype --dst-type LOCAL", ("to: this node's addresses",)),
    ("-m ah", ("if: with an authentication header (AH)",)),
    (
        "-m ah ! --ahspi 4:3 --ahlen 24 --ahres",
        ("if: with any AH SPI", "if: with an AH header of 24 bytes", "if: with 0 in the reserved field of the AH header"),
    ),
    ("-m ah ! --ahlen 24", ("if: with an AH header of any length but 24 bytes",)),
    ("-m ah --ahlen 0", ("if: with an authentication header (AH)",)),
    (
        "-m connlimit --connlimit-above 10 --connlimit-mask 128 --connlimit-saddr",
        ("if: with more than 10 connections at once from the source address",),
    ),
    (
        "-m connlimit --connlimit-above 10 --connlimit-mask 64 --connlimit-saddr",
        ("if: with more than 10 connections at once from the source network (/64)",),
    ),
    ("-m dst", ("if: with an IPv6 header of destination options",)),
    (
        "-m dst --dst-len 42 --dst-opts 149:92,12",
        (
            "if: with an IPv6 header of destination options, 42 bytes long",
            "if: beginning with the destination options 149 (92 bytes) and 12",
        ),
    ),
    ("-m dst ! --dst-len 42", ("if: with an IPv6 header of destination options, not 42 bytes long",)),
    ("-m eui64", ("if: with a source address made from the sender's MAC address (EUI-64)",)),
    ("-m frag", ("if: only fragments (IPv6)",)),
    ("-m frag --fragid 42 --fraglast", ("if: only last fragments (IPv6)", "if: with fragment identification 42")),
    (
        "-m frag ! --fragid 0:42 --fragres --fragfirst",
        (
            "if: only first fragments (IPv6)",
            "if: with fragment identification of at least 43",
            "if: with 0 in the reserved fields of the fragment header",
        ),
    ),
    ("-m frag --fragid 3:42 --fragmore", ("if: only fragments with more to follow (IPv6)", "if: with fragment identification 3 to 42")),
    (
        "-m frag --fraglen 8",
        ("if: only fragments (IPv6)", "if: whatever the length of the fragment header (the rule wants 8, the kernel does not look)"),
    ),
    (
        "-m frag ! --fraglen 8",
        (
            "if: only fragments (IPv6)",
            "if: whatever the length of the fragment header (the rule wants any but 8, the kernel does not look)",
        ),
    ),
    (
        "-m hashlimit --hashlimit-upto 10/sec --hashlimit-mode srcip --hashlimit-name x --hashlimit-srcmask 64",
        ("if: at most 10 packets a second for each source network (/64) (up to 5 at once; counter x)",),
    ),
    ("-m hbh", ("if: with an IPv6 header of hop-by-hop options",)),
    (
        "-m hbh ! --hbh-len 8 --hbh-opts 5:2",
        ("if: with an IPv6 header of hop-by-hop options, not 8 bytes long", "if: beginning with the hop-by-hop options 5 (2 bytes)"),
    ),
    ("-m hl --hl-eq 42", ("if: with hop limit 42",)),
    ("-m hl ! --hl-eq 42", ("if: with any hop limit but 42",)),
    ("-m hl --hl-lt 42", ("if: with hop limit below 42",)),
    ("-m hl --hl-gt 42", ("if: with hop limit above 42",)),
    ("-p ipv6-icmp -m icmp6 --icmpv6-type 135", ("what: ICMPv6", "if: of type 135 (neighbour-solicitation)")),
    ("-p ipv6-icmp -m icmp6 ! --icmpv6-type 128", ("what: ICMPv6", "if: of any type but 128 (echo-request, ping)")),
    ("-p ipv6-icmp -m icmp6 --icmpv6-type 1/0", ("what: ICMPv6", "if: of type 1/0 (no-route)")),
    ("-m ipv6header --header hop-by-hop,ipv6-frag --soft", ("if: with at least the IPv6 headers hop-by-hop options and fragment",)),
    ("-m ipv6header ! --header ipv6-frag --soft", ("if: with none of the IPv6 headers fragment",)),
    (
        "-m ipv6header --header ipv6-opts,ipv6-route,ah,esp",
        (("if: with exactly the IPv6 headers destination options, routing, authentication (AH) and encryption (ESP)"),),
    ),
    ("-m ipv6header ! --header ipv6-nonxt,protocol", ("if: with other IPv6 headers than exactly no next header and payload",)),
)


@pytest.mark.parametrize(("options", "phrases"), _IPV4)
def test_a_match_of_ipv4_is_said_in_words(options: str, phrases: tuple[str, ...]) -> None:
    """Each phrase with its place in the sentence."""
    assert said(options) == phrases


@pytest.mark.parametrize(("options", "phrases"), _IPV6)
def test_a_match_of_ipv6_is_said_in_words(options: str, phrases: tuple[str, ...]) -> None:
    """Each phrase with its place in the sentence."""
    assert said(options, family=6) == phrases
