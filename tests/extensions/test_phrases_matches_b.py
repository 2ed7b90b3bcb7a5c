"""What matches ask, in words: base, iprange to mac, and mh to udp (not tcp)."""

from __future__ import annotations

import pytest

from iptexplain.extensions.common.extension import Given
from iptexplain.extensions.common.numbers import MAX_8, Range, extent_of
from iptexplain.extensions.matches.statistic import EXTENSION as STATISTIC
from iptexplain.extensions.matches.statistic import said as chance
from iptexplain.extensions.matches.tcpmss import TcpmssMatch
from iptexplain.model.share import percent
from iptexplain.model.values import Threshold
from tests.extensions.said import said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            "-s 10.0.0.1/32 -d 10.0.0.0/8 -i eth0 -o veth+ -p tcp",
            ["from: 10.0.0.1", "to: 10.0.0.0/8", "if: coming in by eth0", "if: leaving by any interface veth*", "what: TCP"],
        ),
        (
            "! -s 10.0.0.1/32 ! -d 10.0.0.0/8 ! -i eth0 ! -o veth+ ! -p tcp",
            [
                "from: any address but 10.0.0.1",
                "to: outside 10.0.0.0/8",
                "if: not coming in by eth0",
                "if: not leaving by any interface veth*",
                "what: everything but TCP",
            ],
        ),
        ("! -i veth+ ! -o eth0", ["if: not coming in by any interface veth*", "if: not leaving by eth0"]),
        ("-i veth+ -o eth0", ["if: coming in by any interface veth*", "if: leaving by eth0"]),
        ("-s 10.0.0.0/255.0.0.255 -p ipv6", ["from: 10.0.0.0/255.0.0.255", "what: IPv6 in IP"]),
        (
            "! -s 0.0.0.0/0 -d 0.0.0.0/0 -i + ! -o +",
            ["from: no address", "to: any address", "if: whatever the interface", "if: no packet at all (by no interface)"],
        ),
        ("-p 4 -f", ["what: IP in IP", "if: a second or later fragment"]),
        ("! -p 250 ! -f", ["what: everything but protocol 250", "if: not a second or later fragment"]),
        ("! -p all", ["what: nothing"]),
        ("-p all -d 10.0.0.0/8", ["to: 10.0.0.0/8", "what: everything"]),
        (
            "-m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.0.0.1-10.0.0.9",
            ["from: 10.0.0.1-10.0.0.9", "to: outside 10.0.0.1-10.0.0.9"],
        ),
        ("-m iprange --src-range 10.0.0.1-10.0.0.1 ! --dst-range 10.0.0.1-10.0.0.1", ["from: 10.0.0.1", "to: any address but 10.0.0.1"]),
        ("-m iprange --src-range 10.0.0.9-10.0.0.1", ["from: no address"]),
        ("-m iprange ! --src-range 10.0.0.9-10.0.0.1", ["from: any address"]),
        ("-p udp -m udp --sport 53 --dport 1024:65535", ["what: UDP", "from: port 53", "to: ports 1024-65535"]),
        ("-p udp -m udp ! --sport 1024:2048 ! --dport 53", ["what: UDP", "from: any port but 1024-2048", "to: any port but 53"]),
        ("-p udp -m udp --sport 0:65535 ! --dport 0:65535", ["what: UDP", "from: any port", "to: no port"]),
        ("-p tcp -m multiport --dports 80,443,8000:8010", ["what: TCP", "to: ports 80, 443 or 8000-8010"]),
        ("-p tcp -m multiport ! --sports 80", ["what: TCP", "from: any port but 80"]),
        ("-p tcp -m multiport --dports 80", ["what: TCP", "to: port 80"]),
        ("-p tcp -m multiport ! --dports 80,443", ["what: TCP", "to: any port but 80 or 443"]),
        ("-p tcp -m multiport --ports 80,443", ["what: TCP", "if: with source or destination port 80 or 443"]),
        ("-p tcp -m multiport ! --ports 8000:8010", ["what: TCP", "if: with neither source nor destination port 8000-8010"]),
        ("-m length --length 100", ["if: 100 bytes long"]),
        ("-m length ! --length 100", ["if: not 100 bytes long"]),
        ("-m length --length 64:128", ["if: 64 to 128 bytes long"]),
        ("-m length ! --length 64:128", ["if: not 64 to 128 bytes long"]),
        ("-m length --length 1000:65535", ["if: at least 1000 bytes long"]),
        ("-m length ! --length 0:999", ["if: at least 1000 bytes long"]),
        ("-m length ! --length 1000:65535", ["if: at most 999 bytes long"]),
        ("-m length --length 0:65535", ["if: whatever its length"]),
        ("-m length --length 128:64", ["if: of a length that no packet has"]),
        ("-m limit --limit 5/min", ["if: at most 5 packets a minute (up to 5 at once)"]),
        ("-m limit --limit 5/min --limit-burst 10", ["if: at most 5 packets a minute (up to 10 at once)"]),
        ("-m limit --limit 5/min --limit-burst 1", ["if: at most 5 packets a minute, never several at once"]),
        ("-m mac --mac-source 02:42:ac:11:00:02", ["from: MAC address 02:42:ac:11:00:02"]),
        ("-m mac ! --mac-source 02:42:ac:11:00:02", ["from: any MAC address but 02:42:ac:11:00:02"]),
        ("-m nfacct --nfacct-name  web", ["if: counted in the accounting object web"]),
        ("-p tcp -m osf --genre Linux", ["what: TCP", "if: opening a TCP connection as Linux does (OS fingerprint)"]),
        (
            "-p tcp -m osf ! --genre Linux --ttl 0 --log 0",
            [
                "what: TCP",
                (
                    "if: opening a TCP connection as any known system does (OS fingerprint; where it logs, the "
                    "kernel does not look at the name Linux)"
                ),
                "if: with exactly the TTL of the fingerprint",
                "if: while the kernel logs each system that fits, or that none does",
            ],
        ),
        (
            "-p tcp -m osf --genre Linux --ttl 1 --log 1",
            [
                "what: TCP",
                (
                    "if: opening a TCP connection as any known system does (OS fingerprint; where it logs, the "
                    "kernel does not look at the name Linux)"
                ),
                "if: with at most the TTL of the fingerprint",
                "if: while the kernel logs the first system that fits, or that none does",
            ],
        ),
        (
            "-p tcp -m osf --genre Linux --ttl 2 --log 2",
            [
                "what: TCP",
                (
                    "if: opening a TCP connection as any known system does (OS fingerprint; where it logs, the "
                    "kernel does not look at the name Linux)"
                ),
                "if: whatever its TTL",
                "if: while the kernel logs each system that fits, or that none does",
            ],
        ),
        ("-m owner --uid-owner 1000 --gid-owner 100", ["if: sent by user ID 1000", "if: sent by a program of group ID 100"]),
        ("-m owner ! --uid-owner 1000 ! --gid-owner 100", ["if: not sent by user ID 1000", "if: not sent by a program of group ID 100"]),
        ("-m owner --uid-owner 0 --gid-owner 0", ["if: sent by user ID 0 (root)", "if: sent by a program of group ID 0 (root)"]),
        (
            "-m owner ! --uid-owner 0 ! --gid-owner 0",
            ["if: not sent by user ID 0 (root)", "if: not sent by a program of group ID 0 (root)"],
        ),
        (
            "-m owner --uid-owner 1000-1999 --gid-owner 100-199",
            ["if: sent by one of the user IDs 1000 to 1999", "if: sent by a program of one of the group IDs 100 to 199"],
        ),
        (
            "-m owner ! --uid-owner 1000-1999 ! --gid-owner 100-199",
            ["if: not sent by one of the user IDs 1000 to 1999", "if: not sent by a program of one of the group IDs 100 to 199"],
        ),
        ("-m owner --gid-owner 100 --suppl-groups", ["if: sent by a program with group ID 100 among all its groups"]),
        ("-m owner ! --gid-owner 100 --suppl-groups", ["if: sent by a program without group ID 100 among all its groups"]),
        ("-m owner --gid-owner 0 --suppl-groups", ["if: sent by a program with group ID 0 (root) among all its groups"]),
        ("-m owner ! --gid-owner 0 --suppl-groups", ["if: sent by a program without group ID 0 (root) among all its groups"]),
        (
            "-m owner --gid-owner 100-199 --suppl-groups",
            ["if: sent by a program with one of the group IDs 100 to 199 among all its groups"],
        ),
        (
            "-m owner ! --gid-owner 100-199 --suppl-groups",
            ["if: sent by a program with none of the group IDs 100 to 199 among all its groups"],
        ),
        ("-m owner --socket-exists", ["if: sent through a local socket"]),
        ("-m owner ! --socket-exists", ["if: not sent through a local socket"]),
        (
            "-m owner --pid-owner 12 --sid-owner 13 --cmd-owner sshd",
            ["if: sent by process 12", "if: sent by a process of session 13", "if: sent by a program named sshd"],
        ),
        (
            "-m owner ! --pid-owner 12 ! --sid-owner 13 ! --cmd-owner sshd",
            ["if: not sent by process 12", "if: not sent by a process of session 13", "if: not sent by a program named sshd"],
        ),
        (
            "-m physdev --physdev-in vnet0 --physdev-out vnet+",
            ["if: coming in by bridge port vnet0", "if: leaving by any bridge port vnet*"],
        ),
        (
            "-m physdev ! --physdev-in vnet0 ! --physdev-out vnet+",
            ["if: not coming in by bridge port vnet0", "if: not leaving by any bridge port vnet*"],
        ),
        (
            "-m physdev --physdev-in vnet+ --physdev-out vnet0",
            ["if: coming in by any bridge port vnet*", "if: leaving by bridge port vnet0"],
        ),
        (
            "-m physdev ! --physdev-in vnet+ ! --physdev-out vnet0",
            ["if: not coming in by any bridge port vnet*", "if: not leaving by bridge port vnet0"],
        ),
        (
            "-m physdev --physdev-is-in --physdev-is-out --physdev-is-bridged",
            ["if: coming in by a bridge port", "if: leaving by a bridge port", "if: bridged (not routed)"],
        ),
        (
            "-m physdev ! --physdev-is-in ! --physdev-is-out ! --physdev-is-bridged",
            ["if: not coming in by a bridge port", "if: not leaving by a bridge port", "if: not bridged"],
        ),
        ("-m physdev --physdev-in + ! --physdev-out +", ["if: coming in by a bridge port", "if: not leaving by a bridge port"]),
        ("-m pkttype --pkt-type unicast", ["if: sent to this machine alone on the local network"]),
        ("-m pkttype ! --pkt-type unicast", ["if: not sent to this machine alone on the local network"]),
        ("-m pkttype --pkt-type broadcast", ["if: sent as a broadcast on the local network"]),
        ("-m pkttype ! --pkt-type broadcast", ["if: not sent as a broadcast on the local network"]),
        ("-m pkttype --pkt-type multicast", ["if: sent as a multicast on the local network"]),
        ("-m pkttype ! --pkt-type multicast", ["if: not sent as a multicast on the local network"]),
        ("-m pkttype --pkt-type otherhost", ["if: sent to another machine on the local network"]),
        ("-m pkttype ! --pkt-type otherhost", ["if: not sent to another machine on the local network"]),
        ("-m policy --dir in --pol ipsec", ["if: coming in through IPsec"]),
        ("-m policy --dir in --pol none", ["if: coming in without IPsec"]),
        ("-m policy --dir out --pol ipsec", ["if: leaving through IPsec"]),
        ("-m policy --dir out --pol none", ["if: leaving without IPsec"]),
        (
            (
                "-m policy --dir in --pol ipsec --reqid 5 --spi 0x5 --proto esp "
                "--mode tunnel --tunnel-dst 10.0.0.1/32 --tunnel-src 10.0.0.0/8"
            ),
            [("if: coming in through IPsec (ESP, tunnel mode, tunnel from 10.0.0.0/8, tunnel to 10.0.0.1, request ID 5, SPI 0x5)")],
        ),
        (
            (
                "-m policy --dir out --pol ipsec ! --reqid 5 ! --spi 0x5 ! --proto ah ! "
                "--mode transport ! --tunnel-dst 10.0.0.1/32 ! --tunnel-src 10.0.0.0/8"
            ),
            [
                (
                    "if: leaving through IPsec (not AH, not transport mode, tunnel not from "
                    "10.0.0.0/8, tunnel not to 10.0.0.1, request ID not 5, SPI not 0x5)"
                )
            ],
        ),
        ("-m policy --dir in --pol ipsec --strict --proto ipcomp", ["if: coming in through IPsec (exactly: IPComp)"]),
        ("-m policy --dir out --pol ipsec --strict --proto esp", ["if: leaving through IPsec (exactly: ESP)"]),
        (
            "-m policy --dir in --pol ipsec --strict --proto ipcomp --next --proto esp --mode transport",
            ["if: coming in through IPsec (exactly these steps: IPComp; then ESP, transport mode)"],
        ),
        (
            "-m policy --dir out --pol ipsec --strict --proto ipcomp --next --proto esp --next ! --mode tunnel",
            ["if: leaving through IPsec (exactly these steps: IPComp; then ESP; then not tunnel mode)"],
        ),
        ("-m quota --quota 1000", ["if: until a quota of 1000 bytes is used up"]),
        ("-m quota ! --quota 1000", ["if: once a quota of 1000 bytes is used up"]),
        ("-m rateest --rateest eth0 --rateest-lt --rateest-bps 64000bit", ["if: the bit rate of estimator eth0 is below 64000 bit/s"]),
        (
            "-m rateest --rateest eth0 ! --rateest-gt --rateest-pps 100",
            ["if: the packet rate of estimator eth0 is not above 100 packets/s"],
        ),
        (
            "-m rateest --rateest eth0 --rateest-gt --rateest-bps 64000bit --rateest-gt --rateest-pps 100",
            ["if: the bit rate of estimator eth0 is above 64000 bit/s", "if: the packet rate of estimator eth0 is above 100 packets/s"],
        ),
        (
            "-m rateest --rateest eth0 ! --rateest-eq --rateest-bps 64000bit ! --rateest-eq --rateest-pps 100",
            [
                (
                    "if: it is not so that the bit rate of estimator eth0 is 64000 "
                    "bit/s and the packet rate of estimator eth0 is 100 packets/s"
                )
            ],
        ),
        (
            "-m rateest --rateest1 eth0 ! --rateest-lt --rateest-bps --rateest2 eth1",
            ["if: the bit rate of estimator eth0 is not below the bit rate of estimator eth1"],
        ),
        (
            ("-m rateest --rateest-delta --rateest1 eth0 --rateest-bps1 64000bit --rateest-eq --rateest-bps2 32000bit --rateest2 eth1"),
            [("if: what the bit rate of estimator eth0 lacks of 64000 bit/s is what the bit rate of estimator eth1 lacks of 32000 bit/s")],
        ),
        (
            "-m rateest --rateest-delta --rateest eth0 --rateest-pps1 100 --rateest-gt --rateest-pps2 50",
            ["if: what the packet rate of estimator eth0 lacks of 100 packets/s is above 50 packets/s"],
        ),
        (
            ("-m rateest --rateest-delta --rateest1 eth0 --rateest-pps1 100 ! --rateest-eq --rateest-pps2 50 --rateest2 eth1"),
            [
                (
                    "if: what the packet rate of estimator eth0 lacks of 100 packets/s is "
                    "not what the packet rate of estimator eth1 lacks of 50 packets/s"
                )
            ],
        ),
        (
            "-m rateest --rateest1 eth0 --rateest-lt --rateest-pps --rateest2 eth1",
            ["if: the packet rate of estimator eth0 is below the packet rate of estimator eth1"],
        ),
        ("-m realm --realm 0x5", ["if: its route is of realm 0x5"]),
        ("-m realm ! --realm 0x5", ["if: its route is not of realm 0x5"]),
        ("-m realm --realm cosmos", ["if: its route is of no realm"]),
        ("-m realm ! --realm cosmos", ["if: its route is of a realm"]),
        ("-m realm --realm 0x1/0x2a", ["if: its route is of a realm with 0x1 in the bits 0x2a"]),
        ("-m realm ! --realm 0x1/0x2a", ["if: its route is of no realm with 0x1 in the bits 0x2a"]),
        ("-m recent --set --name L --rsource", ["if: noting the source on the list L"]),
        ("-m recent ! --set --name L --rsource", ["if: no packet at all (but noting the source of each on the list L)"]),
        ("-m recent --rcheck --name L --mask 255.255.255.255 --rdest", ["if: the destination is on the list L"]),
        ("-m recent ! --rcheck --name L --mask 255.255.255.0 --rsource", ["if: the source (masked by 255.255.255.0) is not on the list L"]),
        ("-m recent --rcheck --name L --mask 255.255.255.0 --rdest", ["if: the destination (masked by 255.255.255.0) is on the list L"]),
        (
            "-m recent --rcheck --seconds 60 --reap --name L --rsource",
            [
                "if: the source was noted on the list L in the last 60 s",
                "if: forgetting the list's oldest entry if it is older",
            ],
        ),
        ("-m recent ! --rcheck --seconds 60 --name L --rsource", ["if: the source was not noted on the list L in the last 60 s"]),
        (
            "-m recent --rcheck --hitcount 4 --rttl --name L --rsource",
            ["if: the source was noted on the list L with the same TTL at least 4 times"],
        ),
        ("-m recent ! --rcheck --hitcount 4 --name L --rsource", ["if: the source was not noted on the list L at least 4 times"]),
        (
            "-m recent --rcheck --seconds 60 --hitcount 4 --name L --rsource",
            ["if: the source was noted on the list L at least 4 times in the last 60 s"],
        ),
        (
            "-m recent ! --rcheck --seconds 60 --hitcount 4 --name L --rsource",
            ["if: the source was not noted on the list L at least 4 times in the last 60 s"],
        ),
        ("-m recent --rcheck --seconds 60 --hitcount 1 --name L --rsource", ["if: the source was noted on the list L in the last 60 s"]),
        (
            "-m recent --update --seconds 60 --name L --rsource",
            ["if: the source was noted on the list L in the last 60 s", "if: noting it again"],
        ),
        (
            "-m recent ! --update --seconds 60 --name L --rsource",
            ["if: the source was not noted on the list L in the last 60 s", "if: noting it again if it is there"],
        ),
        ("-m recent --update --name L --rsource", ["if: the source is on the list L", "if: noting it again"]),
        ("-m recent ! --update --hitcount 1 --name L --rsource", ["if: the source is not on the list L"]),
        ("-m recent --remove --name L --rsource", ["if: the source is on the list L", "if: taking it off the list"]),
        ("-m recent ! --remove --name L --rsource", ["if: the source is not on the list L", "if: taking it off if it is there"]),
        ("-m rpfilter", ["if: replies to the source would leave by the interface it came in by"]),
        ("-m rpfilter --invert", ["if: replies to the source would not leave by the interface it came in by"]),
        (
            "-m rpfilter --loose --validmark",
            ["if: there is a way back to the source by some interface", "if: that way looked up with the packet's mark"],
        ),
        (
            "-m rpfilter --loose --accept-local --invert",
            ["if: there is no way back to the source by any interface", "if: taking this node's own addresses for reachable"],
        ),
        ("-p sctp -m sctp --sport 5000 ! --dport 5001", ["what: SCTP", "from: port 5000", "to: any port but 5001"]),
        (
            "-p sctp -m sctp --chunk-types any DATA:Be,INIT",
            ["what: SCTP", "if: with any of the SCTP chunks DATA (flags B set, E not set), INIT"],
        ),
        (
            "-p sctp -m sctp ! --chunk-types any DATA:B,ABORT:t",
            ["what: SCTP", "if: with none of the SCTP chunks DATA (flags B set), ABORT (flags T not set)"],
        ),
        ("-p sctp -m sctp --chunk-types all DATA,INIT", ["what: SCTP", "if: with all of the SCTP chunks DATA, INIT"]),
        ("-p sctp -m sctp ! --chunk-types all DATA,INIT", ["what: SCTP", "if: not with all of the SCTP chunks DATA, INIT"]),
        ("-p sctp -m sctp --chunk-types only DATA", ["what: SCTP", "if: with SCTP chunks DATA alone"]),
        ("-p sctp -m sctp ! --chunk-types only DATA", ["what: SCTP", "if: with SCTP chunks other than DATA"]),
        ("-p sctp -m sctp --chunk-types all DATA", ["what: SCTP", "if: with the SCTP chunk DATA"]),
        ("-p sctp -m sctp ! --chunk-types any DATA", ["what: SCTP", "if: without the SCTP chunk DATA"]),
        ("-p sctp -m sctp --chunk-types any ALL", ["what: SCTP", "if: with any SCTP chunk"]),
        ("-p sctp -m sctp ! --chunk-types any ALL", ["what: SCTP", "if: without any SCTP chunk"]),
        ("-p sctp -m sctp --chunk-types all ALL", ["what: SCTP", "if: with SCTP chunks of all types"]),
        ("-p sctp -m sctp ! --chunk-types all ALL", ["what: SCTP", "if: not with SCTP chunks of all types"]),
        ("-p sctp -m sctp --chunk-types only ALL", ["what: SCTP", "if: with SCTP chunks of any types"]),
        ("-p sctp -m sctp ! --chunk-types only ALL", ["what: SCTP", "if: with SCTP chunks of no type"]),
        ("-p sctp -m sctp --chunk-types any NONE", ["what: SCTP", "if: with SCTP chunks of no type"]),
        ("-p sctp -m sctp ! --chunk-types any NONE", ["what: SCTP", "if: with SCTP chunks of any types"]),
        ("-p sctp -m sctp --chunk-types all NONE", ["what: SCTP", "if: with SCTP chunks of any types"]),
        ("-p sctp -m sctp ! --chunk-types all NONE", ["what: SCTP", "if: with SCTP chunks of no type"]),
        ("-p sctp -m sctp --chunk-types only NONE", ["what: SCTP", "if: without any SCTP chunk"]),
        ("-p sctp -m sctp ! --chunk-types only NONE", ["what: SCTP", "if: with any SCTP chunk"]),
        ("-m set --match-set blocked src", ["if: with the source in the set blocked"]),
        ("-m set ! --match-set blocked dst", ["if: with the destination not in the set blocked"]),
        ("-m set --match-set web dst,dst", ["if: with the destination (2 parts of it, such as address and port) in the set web"]),
        ("-m set --match-set web src,src,src", ["if: with the source (3 parts of it, such as address and port) in the set web"]),
        ("-m set --match-set web src,dst", ["if: with the pair of source and destination in the set web"]),
        (
            "-m set --match-set web src --return-nomatch ! --update-counters ! --update-subcounters",
            [
                "if: with the source an exception (nomatch) of the set web",
                "if: without counting it in the set",
                "if: without counting it in sets that are members of the set",
            ],
        ),
        ("-m set ! --match-set web src --return-nomatch", ["if: with the source no exception (nomatch) of the set web"]),
        (
            "-m set --match-set web src --packets-eq 5 --bytes-lt 10",
            [
                "if: with the source in the set web",
                "if: its entry has counted exactly 5 packets",
                "if: its entry has counted fewer than 10 bytes",
            ],
        ),
        (
            "-m set --match-set web src ! --packets-eq 5 ! --bytes-eq 10",
            [
                "if: with the source in the set web",
                "if: its entry has not counted exactly 5 packets",
                "if: its entry has not counted exactly 10 bytes",
            ],
        ),
        (
            "-m set --match-set web src --packets-lt 5 --bytes-gt 10",
            [
                "if: with the source in the set web",
                "if: its entry has counted fewer than 5 packets",
                "if: its entry has counted more than 10 bytes",
            ],
        ),
        (
            "-m set ! --match-set web src --packets-gt 5 --bytes-eq 10",
            [
                (
                    "if: not all of this at once: with the source in the set web, its entry has counted more than 5 "
                    "packets, its entry has counted exactly 10 bytes"
                )
            ],
        ),
        ("-m socket", ["if: there is a local socket for it, not one bound to all addresses"]),
        ("-m socket --nowildcard --restore-skmark", ["if: there is a local socket for it", "if: giving it the mark of that socket"]),
        ("-m socket --transparent", ["if: there is a transparent local socket for it, not one bound to all addresses"]),
        ("-m socket --transparent --nowildcard", ["if: there is a transparent local socket for it"]),
        ("-m state --state NEW", ["if: connection state NEW"]),
        ("-m state ! --state NEW,INVALID", ["if: connection state not INVALID or NEW"]),
        ("-m statistic --mode random --probability 0.33333333349", ["if: with probability 33.3 %"]),
        ("-m statistic --mode random ! --probability 0.25000000000", ["if: with probability 75.0 %"]),
        ("-m statistic --mode random --probability 0.00000100000", ["if: with probability 0.00010 %"]),
        ("-m statistic --mode random --probability 0.00000000000", ["if: with probability 0.0 %"]),
        ("-m statistic --mode nth --every 3 --packet 0", ["if: one packet in every 3, beginning with packet 1"]),
        ("-m statistic --mode nth ! --every 3 --packet 2", ["if: all packets but one in every 3, beginning with packet 3"]),
        ("-m statistic --mode nth --every 1 --packet 0", ["if: every packet"]),
        ("-m statistic --mode nth ! --every 1 --packet 0", ["if: no packet at all"]),
        ('-m string --string "GET /" --algo bm', ['if: holding the text "GET /"']),
        (
            '-m string ! --hex-string "|0d0a5c|a|ff|" --algo kmp --icase',
            ['if: not holding the bytes |0d 0a 5c| "a" |ff| in upper or lower case'],
        ),
        ("-m string --string x --algo bm --from 20", ['if: holding the text "x" behind its first 20 bytes']),
        ("-m string --string x --algo bm --to 60", ['if: holding the text "x" in its first 60 bytes']),
        ("-m string ! --string x --algo bm --from 20 --to 60", ['if: not holding the text "x" in its first 60 bytes, behind the first 20']),
        ("-p tcp -m tcpmss --mss 536", ["what: TCP", "if: with TCP option MSS 536"]),
        ("-p tcp -m tcpmss ! --mss 536", ["what: TCP", "if: without TCP option MSS, or with another than 536"]),
        ("-p tcp -m tcpmss --mss 1400:1536", ["what: TCP", "if: with TCP option MSS 1400 to 1536"]),
        ("-p tcp -m tcpmss ! --mss 1400:1536", ["what: TCP", "if: without TCP option MSS, or with one outside 1400 to 1536"]),
        ("-p tcp -m tcpmss --mss 1400:65535", ["what: TCP", "if: with TCP option MSS at least 1400"]),
        ("-p tcp -m tcpmss ! --mss 1400:65535", ["what: TCP", "if: without TCP option MSS, or with one below 1400"]),
        ("-p tcp -m tcpmss --mss 0:1400", ["what: TCP", "if: with TCP option MSS at most 1400"]),
        ("-p tcp -m tcpmss ! --mss 0:1400", ["what: TCP", "if: without TCP option MSS, or with one above 1400"]),
        ("-p tcp -m tcpmss --mss 0:65535", ["what: TCP", "if: with TCP option MSS"]),
        ("-p tcp -m tcpmss ! --mss 0:65535", ["what: TCP", "if: without TCP option MSS"]),
        (
            "-m time --timestart 09:00:00 --timestop 18:30:15 --weekdays Mon,Tue,Wed,Sun --datestop 2038-01-19T03:14:07",
            ["if: between 09:00 and 18:30:15 (UTC)", "if: on Monday to Wednesday or Sunday (UTC)"],
        ),
        (
            "-m time --timestart 22:00:00 --timestop 06:00:00 --datestop 2038-01-19T03:14:07 --kerneltz",
            ["if: until 06:00 or from 22:00 on (time zone of the node's kernel)"],
        ),
        (
            "-m time --timestart 22:00:00 --timestop 06:00:00 --datestop 2038-01-19T03:14:07 --contiguous",
            ["if: between 22:00 and 06:00 on the next day (UTC)"],
        ),
        ("-m time --timestart 09:00:00 --timestop 23:59:59", ["if: from 09:00 on (UTC)"]),
        ("-m time --timestart 00:00:00 --timestop 18:00:00", ["if: until 18:00 (UTC)"]),
        ("-m time --timestart 09:00:00 --timestop 09:00:00 --monthdays 15", ["if: on day 15 of the month (UTC)"]),
        (
            "-m time ! --monthdays 1,2,15 ! --weekdays Sat,Sun",
            ["if: on Monday to Friday (UTC)", "if: on days 3-14 or 16-31 of the month (UTC)"],
        ),
        ("-m time --weekdays Mon,Tue,Thu", ["if: on Monday, Tuesday or Thursday (UTC)"]),
        ("-m time ! --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun", ["if: on no day"]),
        ("-m time --datestart 2024-01-01T00:00:00", ["if: from 2024-01-01 00:00:00 on (UTC)"]),
        ("-m time --datestop 2024-12-31T23:59:59 --kerneltz", ["if: until 2024-12-31 23:59:59 (time zone of the node's kernel)"]),
        (
            "-m time --datestart 2024-01-01T00:00:00 --datestop 2024-12-31T23:59:59",
            ["if: from 2024-01-01 00:00:00 until 2024-12-31 23:59:59 (UTC)"],
        ),
        ("-m time --datestop 2038-01-19T03:14:07", ["if: at any time"]),
        ("-m time --timestart 09:00:00 --timestop 18:00:00 --kerneltz", ["if: between 09:00 and 18:00 (time zone of the node's kernel)"]),
        ("-m tos --tos 0x10/0xff", ["if: with TOS 0x10"]),
        ("-m tos ! --tos 0x10/0xff", ["if: with any TOS but 0x10"]),
        ("-m tos --tos 0x10/0x3f", ["if: with TOS minimize-delay"]),
        ("-m tos ! --tos 0x00/0x3f", ["if: with any TOS but normal-service"]),
        ("-m tos --tos 0x01/0x0f", ["if: with 0x01 in the bits 0x0f of the TOS"]),
        ("-m tos ! --tos 0x01/0x0f", ["if: with anything but 0x01 in the bits 0x0f of the TOS"]),
        ("-m ttl --ttl-eq 64", ["if: with TTL 64"]),
        ("-m ttl ! --ttl-eq 64", ["if: with any TTL but 64"]),
        ("-m ttl --ttl-lt 5", ["if: with TTL below 5"]),
        ("-m ttl --ttl-gt 5", ["if: with TTL above 5"]),
        ('-m u32 --u32 "0x0>>0x16&0x3c@0x4=0x17"', ["if: passing the u32 test 0x0>>0x16&0x3c@0x4=0x17"]),
        ('-m u32 ! --u32 "0x6&0xff=0x1,0x5:0x9"', ["if: failing the u32 test 0x6&0xff=0x1,0x5:0x9"]),
    ],
)
def test_a_match_says_in_words_what_it_asks(options: str, words: list[str]) -> None:
    assert list(said(options)) == words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("-p ipv6-icmp", ["what: ICMPv6"]),
        ("-p mobility-header -m mh --mh-type 5", ["what: Mobile IPv6", "if: with the Mobile IPv6 message Binding Update"]),
        ("-p mobility-header -m mh --mh-type 99", ["what: Mobile IPv6", "if: with the Mobile IPv6 message type 99"]),
        (
            "-p mobility-header -m mh ! --mh-type 6",
            ["what: Mobile IPv6", "if: with a Mobile IPv6 message other than Binding Acknowledgement"],
        ),
        ("-p mobility-header -m mh --mh-type 1:4", ["what: Mobile IPv6", "if: with a Mobile IPv6 message of the types 1 to 4"]),
        ("-p mobility-header -m mh ! --mh-type 1:4", ["what: Mobile IPv6", "if: with a Mobile IPv6 message not of the types 1 to 4"]),
        ("-p mobility-header -m mh --mh-type 4:255", ["what: Mobile IPv6", "if: with a Mobile IPv6 message of the types from 4 on"]),
        ("-p mobility-header -m mh --mh-type 0:3", ["what: Mobile IPv6", "if: with a Mobile IPv6 message of the types up to 3"]),
        ("-p mobility-header -m mh --mh-type 0:255", ["what: Mobile IPv6", "if: with a Mobile IPv6 message"]),
        ("-p mobility-header -m mh ! --mh-type 0:255", ["what: Mobile IPv6", "if: with a Mobile IPv6 message of no type"]),
        ("-p mobility-header -m mh", ["what: Mobile IPv6", "if: with a Mobile IPv6 message"]),
        ("-m rt", ["if: with a routing header"]),
        (
            "-m rt --rt-type 2 --rt-segsleft 1 --rt-len 24",
            ["if: with a routing header of type 2", "if: with exactly 1 of its nodes still ahead", "if: that header 24 bytes long"],
        ),
        (
            "-m rt ! --rt-type 2 ! --rt-segsleft 1 ! --rt-len 24",
            [
                "if: with a routing header of another type than 2",
                "if: with any number but 1 of its nodes still ahead",
                "if: that header not 24 bytes long",
            ],
        ),
        ("-m rt --rt-segsleft 1:3", ["if: with a routing header", "if: with 1 to 3 of its nodes still ahead"]),
        ("-m rt ! --rt-segsleft 1:3", ["if: with a routing header", "if: with any number but 1 to 3 of its nodes still ahead"]),
        ("-m rt --rt-segsleft 1:4294967295", ["if: with a routing header", "if: with at least 1 of its nodes still ahead"]),
        ("-m rt ! --rt-segsleft 1:4294967295", ["if: with a routing header", "if: with at most 0 of its nodes still ahead"]),
        ("-m rt --rt-segsleft 0:4294967295", ["if: with a routing header", "if: with any number of its nodes still ahead"]),
        ("-m rt --rt-segsleft 4:3", ["if: with a routing header", "if: with a number of nodes ahead that no packet has"]),
        (
            "-m rt --rt-type 0 --rt-0-res --rt-0-addrs 2001:db8::1,2001:db8::2",
            [
                "if: with a routing header of type 0",
                "if: the reserved field of that header is 0",
                "if: passing exactly 2001:db8::1, 2001:db8::2 in this order",
            ],
        ),
        (
            "-m rt --rt-type 0 --rt-0-addrs 2001:db8::1,2001:db8::2 --rt-0-not-strict",
            ["if: with a routing header of type 0", "if: passing 2001:db8::1, 2001:db8::2 in this order, maybe others too"],
        ),
        (
            (
                "-m srh --srh-next-hdr 17 --srh-hdr-len-eq 8 --srh-segs-left-gt 1 --srh-last-entry-lt "
                "4 --srh-tag 0 --srh-psid a::/64 --srh-nsid b:: --srh-lsid c::/128"
            ),
            [
                "if: with a segment routing header",
                "if: the number of its next header is 17",
                "if: its length field is 8",
                "if: its number of segments left is above 1",
                "if: its last entry is below 4",
                "if: its tag is 0",
                "if: its previous segment is in a::/64",
                "if: its next segment is b::",
                "if: its last segment is c::",
            ],
        ),
        (
            "-m srh ! --srh-next-hdr 17 ! --srh-hdr-len-lt 8 ! --srh-last-entry-gt 4 ! --srh-psid a::/64",
            [
                "if: with a segment routing header",
                "if: the number of its next header is not 17",
                "if: its length field is not below 8",
                "if: its last entry is not above 4",
                "if: its previous segment is not in a::/64",
            ],
        ),
        ("-m srh", ["if: with a segment routing header"]),
    ],
)
def test_a_match_of_ipv6_says_in_words_what_it_asks(options: str, words: list[str]) -> None:
    assert list(said(options, family=6)) == words


@pytest.mark.parametrize(
    ("negated", "words"),
    [(False, "with a TCP option MSS that no packet has"), (True, "whatever its TCP option MSS")],
)
def test_sizes_that_no_number_is_among_have_words_too(negated: bool, words: str) -> None:  # noqa: FBT001 - a row of the table
    (phrase,) = TcpmssMatch(size=Given(Range(5, 3), negated)).phrases()
    assert str(phrase.text) == words


@pytest.mark.parametrize(
    ("numbers", "negated", "kind"),
    [
        (Range(7, 7), False, "one"),
        (Range(7, 7), True, "but one"),
        (Range(0, 0), False, "one"),
        (Range(MAX_8, MAX_8), False, "one"),
        (Range(0, MAX_8), True, "none"),
        (Range(9, 3), True, "any"),
    ],
)
def test_numbers_are_told_as_people_tell_them(numbers: Range, negated: bool, kind: str) -> None:  # noqa: FBT001 - a row of the table
    assert extent_of(numbers, MAX_8, negated=negated)[0] == kind


@pytest.mark.parametrize("numbers", [Range(0, 9), Range(200, MAX_8), Range(1, MAX_8)])
def test_what_is_not_in_a_range_at_an_end_is_told_as_the_range_of_the_others(numbers: Range) -> None:
    _, others = extent_of(numbers, MAX_8, negated=True)
    assert [number for number in range(MAX_8 + 1) if others.holds(number)] == [
        number for number in range(MAX_8 + 1) if not numbers.holds(number)
    ]


def test_the_chance_of_a_match_can_be_said_alone() -> None:
    match = STATISTIC(mode="random", probability=Given(Threshold.parse("0.5")))
    assert str(chance(match)) == "with probability 50.0 %"


@pytest.mark.parametrize(("share", "shown"), [(0.0, "0.0 %"), (1 / 3, "33.3 %"), (1.0, "100.0 %"), (0.001, "0.1 %"), (0.00004, "0.004 %")])
def test_a_small_share_is_told_with_its_first_digit(share: float, shown: str) -> None:
    assert percent(share) == shown
