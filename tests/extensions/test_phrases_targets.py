"""What each target does, as an order in plain English."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from iptexplain.extensions.common.ipset import Entry
from iptexplain.extensions.common.marking import asked
from iptexplain.extensions.targets.connmark import ConnMark, Shift
from iptexplain.extensions.targets.hmark import Hmark
from iptexplain.extensions.targets.led import Led
from iptexplain.extensions.targets.set import SetTarget
from iptexplain.extensions.targets.tcpoptstrip import TcpOptions, TcpOptStrip
from iptexplain.model.values import Mark
from iptexplain.model.values import Words as Names
from iptexplain.source import message
from tests.extensions.said import said

if TYPE_CHECKING:
    from iptexplain.extensions.common.extension import Extension

ACTIONS = (
    ("filter", 4, "AUDIT --type drop", "write to the audit log, as type drop (AUDIT)"),
    ("filter", 4, "AUDIT --type accept", "write to the audit log, as type accept (AUDIT)"),
    ("mangle", 4, "CHECKSUM --checksum-fill", "fill in the checksum if it has none yet (CHECKSUM)"),
    ("mangle", 4, "CLASSIFY --set-class 0001:0010", "put it into the traffic control class 1:10 (CLASSIFY)"),
    ("mangle", 4, "CLASSIFY --set-class 0000:ffff", "put it into the traffic control class 0:ffff (CLASSIFY)"),
    ("filter", 4, "CLUSTERIP", "take it if it is this node's share of the cluster's address, else drop it (CLUSTERIP)"),
    (
        "filter",
        4,
        "CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:14 --total-nodes 3 --local-node 2 --hash-init 99",
        (
            "take it if the hash of the source address gives it to node 2 of 3 nodes with the common MAC address "
            "01:00:5E:00:00:14, else drop it (CLUSTERIP)"
        ),
    ),
    (
        "filter",
        4,
        ("CLUSTERIP --new --hashmode sourceip-sourceport --clustermac 01:00:5E:00:00:0F --total-nodes 2 --local-node 1 --hash-init 0"),
        (
            "take it if the hash of source address and port gives it to node 1 of 2 nodes with the common MAC address "
            "01:00:5E:00:00:0F, else drop it (CLUSTERIP)"
        ),
    ),
    (
        "filter",
        4,
        (
            "CLUSTERIP --new --hashmode sourceip-sourceport-destport --clustermac 01:00:5E:00:00:14 --total-nodes 3 "
            "--local-node 2 --hash-init 0"
        ),
        (
            "take it if the hash of source address, source port and destination port gives it to node 2 of 3 nodes with the "
            "common MAC address 01:00:5E:00:00:14, else drop it (CLUSTERIP)"
        ),
    ),
    ("mangle", 4, "CONNMARK --set-xmark 0x7/0xffffffff", "set the connection mark to 0x7"),
    ("mangle", 4, "CONNMARK --set-xmark 0x20/0xf0", "set the bits 0xf0 of the connection mark to 0x20"),
    ("mangle", 4, "CONNMARK --set-xmark 0x1/0x1 --left-shift-mark 8", "set bit 0x1 of the connection mark, then shift it left by 8"),
    ("mangle", 4, "CONNMARK --set-xmark 0x1/0x1 --right-shift-mark 8", "set bit 0x1 of the connection mark, then shift it right by 8"),
    ("mangle", 4, "CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff", "copy the mark to the connection mark"),
    ("mangle", 4, "CONNMARK --save-mark --nfmask 0x80 --ctmask 0x80", "copy bit 0x80 of the mark to the connection mark"),
    ("mangle", 4, "CONNMARK --save-mark --nfmask 0xff00 --ctmask 0xff00", "copy the bits 0xff00 of the mark to the connection mark"),
    (
        "mangle",
        4,
        "CONNMARK --save-mark --nfmask 0xff --ctmask 0xffffffff",
        "copy the bits 0xff of the mark to the connection mark and clear the bits 0xffffff00 there",
    ),
    (
        "mangle",
        4,
        "CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xff",
        "clear the bits 0xff of the connection mark, then flip there what is set in the mark",
    ),
    ("mangle", 4, "CONNMARK --save-mark --nfmask 0x0 --ctmask 0x3", "clear the bits 0x3 of the connection mark"),
    (
        "mangle",
        4,
        "CONNMARK --save-mark --nfmask 0xff --ctmask 0xff00 --left-shift-mark 8",
        "copy the bits 0xff of the mark shifted left by 8 to the connection mark",
    ),
    ("mangle", 4, "CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", "copy the connection mark to the mark"),
    ("mangle", 4, "CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80", "copy bit 0x80 of the connection mark to the mark"),
    ("mangle", 4, "CONNMARK --restore-mark --nfmask 0xff00 --ctmask 0xff00", "copy the bits 0xff00 of the connection mark to the mark"),
    (
        "mangle",
        4,
        "CONNMARK --restore-mark --nfmask 0x5 --ctmask 0x60 --right-shift-mark 4",
        ("clear the bits 0x5 of the mark, then flip there what is set in the bits 0x60 of the connection mark shifted right by 4"),
    ),
    (
        "mangle",
        4,
        "CONNMARK --restore-mark --nfmask 0x3 --ctmask 0x1",
        "copy bit 0x1 of the connection mark to the mark and clear the bits 0x2 there",
    ),
    ("mangle", 4, "CONNSECMARK --save", "remember the security label for the connection, if that has none yet (CONNSECMARK)"),
    ("mangle", 4, "CONNSECMARK --restore", "take the security label of the connection, if the packet has none yet (CONNSECMARK)"),
    ("raw", 4, "CT --notrack", "leave it out of connection tracking (CT)"),
    ("raw", 4, "CT", "track the connection as usual (CT)"),
    ("raw", 4, "CT --helper ftp --timeout slow", "track the connection with the helper ftp, with the timeout policy slow (CT)"),
    ("raw", 4, "CT --zone 7", "track the connection in zone 7 (CT)"),
    ("raw", 4, "CT --zone mark", "track the connection in the zone whose number is the mark (CT)"),
    ("raw", 4, "CT --zone-orig 5", "track the connection in zone 5 in the direction of the first packet (CT)"),
    (
        "raw",
        4,
        "CT --zone-orig mark",
        ("track the connection in the zone whose number is the mark, in the direction of the first packet (CT)"),
    ),
    ("raw", 4, "CT --zone-reply 5", "track the connection in zone 5 in the direction of the replies (CT)"),
    ("raw", 4, "CT --zone-reply mark", "track the connection in the zone whose number is the mark, in the direction of the replies (CT)"),
    ("raw", 4, "CT --zone-orig 5 --zone-reply 5", "track the connection in zone 5 (CT)"),
    ("raw", 4, "CT --ctevents new,destroy", "track the connection telling programs only of the events new and destroy (CT)"),
    ("raw", 4, "CT --expevents new", "track the connection telling programs only of new expected connections (CT)"),
    (
        "raw",
        4,
        "CT --ctevents new --expevents new",
        ("track the connection telling programs only of the events new and of new expected connections (CT)"),
    ),
    ("nat", 4, "DNAT --to-destination 10.0.0.1", "change the destination to 10.0.0.1 (DNAT)"),
    ("nat", 4, "DNAT --to-destination 10.0.0.1:80 --random", "change the destination to 10.0.0.1:80 (DNAT)"),
    ("nat", 4, "DNAT --to-destination :53", "change the destination to port 53 (DNAT)"),
    (
        "nat",
        4,
        "DNAT --to-destination 10.0.0.1-10.0.0.5:80 --persistent",
        ("change the destination to an address from 10.0.0.1 to 10.0.0.5 and port 80, the same address for a client each time (DNAT)"),
    ),
    ("nat", 4, "DNAT --to-destination 10.0.0.1:80 --persistent", "change the destination to 10.0.0.1:80 (DNAT)"),
    (
        "nat",
        4,
        "DNAT --to-destination 10.0.0.1:80-90 --random",
        "change the destination to 10.0.0.1 and a port from 80 to 90, drawn at random (DNAT)",
    ),
    (
        "nat",
        4,
        "DNAT --to-destination 10.0.0.1-10.0.0.5:80-90 --random --persistent",
        (
            "change the destination to an address from 10.0.0.1 to 10.0.0.5 and a port from 80 to 90, the port drawn at random, "
            "the same address for a client each time (DNAT)"
        ),
    ),
    (
        "nat",
        4,
        "DNAT --to-destination 10.0.0.1:80-90/8000 --random",
        ("change the destination to 10.0.0.1 and a port shifted so that 8000 becomes 80, and so on up to 90 (DNAT)"),
    ),
    ("nat", 4, "DNAT", "change the destination to what the dump has lost (DNAT)"),
    ("nat", 4, "SNAT --to-source 10.0.0.1", "replace the source with 10.0.0.1 (SNAT)"),
    ("nat", 4, "SNAT --to-source 10.0.0.1 --random", "replace the source with 10.0.0.1, with a random port (SNAT)"),
    ("nat", 4, "SNAT --to-source 10.0.0.1 --random-fully", "replace the source with 10.0.0.1, with a random port (SNAT)"),
    ("nat", 4, "SNAT --to-source 10.0.0.1:80 --random", "replace the source with 10.0.0.1:80 (SNAT)"),
    (
        "nat",
        4,
        "SNAT --to-source 10.0.0.1-10.0.0.5 --persistent",
        ("replace the source with an address from 10.0.0.1 to 10.0.0.5, the same address for a client each time (SNAT)"),
    ),
    (
        "nat",
        4,
        "SNAT --to-source 10.0.0.1-10.0.0.5 --random --persistent",
        (
            "replace the source with an address from 10.0.0.1 to 10.0.0.5, with a random port and the same "
            "address for a client each time (SNAT)"
        ),
    ),
    (
        "nat",
        4,
        "SNAT --to-source 10.0.0.1-10.0.0.5:1024-2048 --random-fully --persistent",
        (
            "replace the source with an address from 10.0.0.1 to 10.0.0.5 and a port from 1024 to 2048, with "
            "a random port and the same address for a client each time (SNAT)"
        ),
    ),
    ("nat", 4, "SNAT --to-source :1024-2048", "replace the source with a port from 1024 to 2048 (SNAT)"),
    ("nat", 4, "SNAT", "replace the source with what the dump has lost (SNAT)"),
    ("nat", 4, "MASQUERADE", "replace the source with the address of the interface it leaves by (MASQUERADE)"),
    (
        "nat",
        4,
        "MASQUERADE --random",
        ("replace the source with the address of the interface it leaves by, with a random port (MASQUERADE)"),
    ),
    (
        "nat",
        4,
        "MASQUERADE --random-fully",
        ("replace the source with the address of the interface it leaves by, with a random port (MASQUERADE)"),
    ),
    (
        "nat",
        4,
        "MASQUERADE --to-ports 1024-65535",
        ("replace the source with the address of the interface it leaves by and a port from 1024 to 65535 (MASQUERADE)"),
    ),
    (
        "nat",
        4,
        "MASQUERADE --to-ports 1024 --random",
        "replace the source with the address of the interface it leaves by and port 1024 (MASQUERADE)",
    ),
    ("nat", 4, "REDIRECT", "redirect to this node itself (REDIRECT)"),
    ("nat", 4, "REDIRECT --random", "redirect to this node itself (REDIRECT)"),
    ("nat", 4, "REDIRECT --to-ports 8080", "redirect to port 8080 of this node (REDIRECT)"),
    ("nat", 4, "REDIRECT --to-ports 80-90", "redirect to a port from 80 to 90 of this node (REDIRECT)"),
    ("nat", 4, "REDIRECT --to-ports 80-90 --random", "redirect to a port from 80 to 90 of this node, drawn at random (REDIRECT)"),
    (
        "nat",
        4,
        "NETMAP --to 10.1.0.0/16",
        (
            "move the destination (in PREROUTING, OUTPUT) or the source (in INPUT, POSTROUTING) to the network 10.1.0.0/16, "
            "keeping the rest of the address (NETMAP)"
        ),
    ),
    (
        "nat",
        4,
        "NETMAP --to 10.1.0.1/32",
        ("replace the destination (in PREROUTING, OUTPUT) or the source (in INPUT, POSTROUTING) with 10.1.0.1 (NETMAP)"),
    ),
    (
        "mangle",
        6,
        "DNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64",
        ("give the destination the network 2001:db8::/64, and fit the rest of the address so that checksums stay as with fd00::/64 (DNPT)"),
    ),
    (
        "mangle",
        6,
        "SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64",
        ("give the source the network 2001:db8::/64, and fit the rest of the address so that checksums stay as with fd00::/64 (SNPT)"),
    ),
    ("mangle", 4, "DSCP --set-dscp 0x2e", "set the DSCP to 46 (EF)"),
    ("mangle", 4, "DSCP --set-dscp 0x3f", "set the DSCP to 63"),
    ("mangle", 4, "ECN --ecn-tcp-remove", "clear the TCP flags ECE and CWR"),
    ("mangle", 4, "ECN --ecn-tcp-ece 1 --ecn-tcp-cwr 1", "set the TCP flags ECE and CWR"),
    ("mangle", 4, "ECN --ecn-tcp-ece 1 --ecn-tcp-cwr 0", "set the TCP flag ECE, clear the TCP flag CWR"),
    ("mangle", 4, "ECN --ecn-ip-ect 0", "set the ECN bits of IP to 0 (Not-ECT)"),
    ("mangle", 4, "ECN --ecn-tcp-cwr 0 --ecn-ip-ect 3", "clear the TCP flag CWR, set the ECN bits of IP to 3 (CE)"),
    ("mangle", 6, "HL --hl-set 64", "set the hop limit to 64"),
    ("mangle", 6, "HL --hl-dec 1", "lower the hop limit by 1"),
    ("mangle", 6, "HL --hl-inc 2", "raise the hop limit by 2"),
    ("mangle", 4, "TTL --ttl-set 64", "set the TTL to 64"),
    ("mangle", 4, "TTL --ttl-dec 1", "lower the TTL by 1"),
    ("mangle", 4, "TTL --ttl-inc 2", "raise the TTL by 2"),
    (
        "mangle",
        4,
        (
            "HMARK --hmark-src-prefix 24 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0x00ff "
            "--hmark-proto-mask 0xffff --hmark-rnd 0x00000004 --hmark-mod 42 --hmark-offset 1"
        ),
        (
            "set the mark to one of 42 values from 0x1 on, by a hash of the /24 of the source address, the "
            "/32 of the destination address, the source port, the bits 0xff of the destination port and the "
            "protocol (HMARK)"
        ),
    ),
    (
        "mangle",
        6,
        (
            "HMARK --hmark-src-prefix 128 --hmark-dst-prefix 128 --hmark-spi-mask 0xffffffff --hmark-rnd 0x00000004 --hmark-mod "
            "42 --hmark-tuple ct"
        ),
        (
            "set the mark to one of 42 values from 0x0 on, by a hash of the source address, the destination "
            "address and the SPI, as the connection has them (HMARK)"
        ),
    ),
    (
        "mangle",
        4,
        "HMARK --hmark-sport-mask 0xff00 --hmark-sport 0x0001 --hmark-dport 0x0002 --hmark-rnd 0x00000004 --hmark-mod 42",
        (
            "set the mark to one of 42 values from 0x0 on, by a hash of the bits 0xff00 of the source port, "
            "the bits 0x1 set in the source port and the bits 0x2 set in the destination port (HMARK)"
        ),
    ),
    (
        "mangle",
        4,
        ("HMARK --hmark-spi-mask 0x0000ffff --hmark-proto-mask 0x0f --hmark-spi 0x00000001 --hmark-rnd 0x00000004 --hmark-mod 42"),
        (
            "set the mark to one of 42 values from 0x0 on, by a hash of the bits 0xffff of the SPI, the bits "
            "0xf of the protocol number and the bits 0x1 set in the SPI (HMARK)"
        ),
    ),
    ("filter", 4, "IDLETIMER --timeout 42 --label foo", 'restart the idle timer "foo", which reports 42 s without a packet (IDLETIMER)'),
    (
        "filter",
        4,
        "IDLETIMER --timeout 42 --label foo --alarm",
        'restart the idle timer "foo", which reports 42 s without a packet, even while the host sleeps (IDLETIMER)',
    ),
    (
        "filter",
        4,
        "IDLETIMER --timeout 42 --label foo --send_nl_msg",
        'restart the idle timer "foo", which reports 42 s without a packet, also by a netlink message (IDLETIMER)',
    ),
    (
        "filter",
        4,
        "IDLETIMER --timeout 42 --label foo --alarm --send_nl_msg",
        (
            'restart the idle timer "foo", which reports 42 s without a packet, even while the host sleeps, also by a netlink '
            "message (IDLETIMER)"
        ),
    ),
    ("filter", 4, 'LED --led-trigger-id "ssh"', 'flash the LED "ssh" (LED)'),
    ("filter", 4, 'LED --led-trigger-id "ssh" --led-delay 500', 'switch on the LED "ssh" for 500 ms (LED)'),
    (
        "filter",
        4,
        'LED --led-trigger-id "ssh" --led-delay 500 --led-always-blink',
        'switch on the LED "ssh" for 500 ms, blinking if it is on already (LED)',
    ),
    ("filter", 4, 'LED --led-trigger-id "ssh" --led-delay inf --led-always-blink', 'switch on the LED "ssh" and leave it on (LED)'),
    ("filter", 4, 'LED --led-trigger-id "ssh" --led-always-blink', 'flash the LED "ssh" (LED)'),
    ("filter", 4, "LOG", "log to the kernel log"),
    ("filter", 4, 'LOG --log-prefix "x: " --log-level 7', 'log to the kernel log, with prefix "x: ", at level debug'),
    (
        "filter",
        4,
        "LOG --log-level 0 --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode",
        (
            "log to the kernel log, at level emergency, with TCP sequence numbers, with the TCP options, with the IP options, "
            "with the user that sent it, with MAC addresses decoded"
        ),
    ),
    ("mangle", 4, "MARK --set-xmark 0x0/0xffffffff", "set the mark to 0x0"),
    ("mangle", 4, "MARK --set-xmark 0x4000/0x4000", "set bit 0x4000 of the mark"),
    ("mangle", 4, "MARK --set-xmark 0x6000/0x6000", "set the bits 0x6000 of the mark"),
    ("mangle", 4, "MARK --set-xmark 0x0/0x4000", "clear bit 0x4000 of the mark"),
    ("mangle", 4, "MARK --set-xmark 0x0/0x6000", "clear the bits 0x6000 of the mark"),
    ("mangle", 4, "MARK --set-xmark 0x4000/0x0", "flip bit 0x4000 of the mark"),
    ("mangle", 4, "MARK --set-xmark 0x6000/0x0", "flip the bits 0x6000 of the mark"),
    ("mangle", 4, "MARK --set-xmark 0x1/0x3", "set the bits 0x3 of the mark to 0x1"),
    ("mangle", 4, "MARK --set-xmark 0x4/0x3", "clear the bits 0x3 of the mark, then flip the bits 0x4"),
    ("mangle", 4, "MARK --set-xmark 0x0/0x0", "leave the mark as it is"),
    ("filter", 4, "NFLOG", "hand a copy to the log program of group 0 (NFLOG)"),
    (
        "filter",
        4,
        'NFLOG --nflog-prefix "a b" --nflog-group 5 --nflog-size 60 --nflog-threshold 5',
        ('hand a copy to the log program of group 5 (NFLOG), with prefix "a b", the packet cut to 60 bytes, up to 5 packets at a time'),
    ),
    (
        "filter",
        4,
        "NFLOG --nflog-size 0 --nflog-threshold 1",
        "hand a copy to the log program of group 0 (NFLOG), without the packet itself, each packet at once",
    ),
    ("filter", 4, "NFLOG --nflog-size 1", "hand a copy to the log program of group 0 (NFLOG), the packet cut to its first byte"),
    ("filter", 4, "ULOG", "hand a copy to the log program of group 1 (ULOG)"),
    (
        "filter",
        4,
        'ULOG --ulog-prefix "a b" --ulog-nlgroup 5 --ulog-cprange 60 --ulog-qthreshold 5',
        ('hand a copy to the log program of group 5 (ULOG), with prefix "a b", the packet cut to 60 bytes, up to 5 packets at a time'),
    ),
    ("filter", 4, "NFQUEUE --queue-num 5", "let the program at queue 5 decide (drop if none listens)"),
    ("filter", 4, "NFQUEUE --queue-num 5 --queue-bypass", "let the program at queue 5 decide (accept if none listens)"),
    ("filter", 4, "NFQUEUE --queue-balance 0:3", "let the program at one of the queues 0 to 3 decide (drop if none listens)"),
    (
        "filter",
        4,
        "NFQUEUE --queue-balance 0:3 --queue-bypass",
        "let the program at one of the queues 0 to 3 decide (accept if none listens)",
    ),
    (
        "filter",
        4,
        "NFQUEUE --queue-balance 0:3 --queue-cpu-fanout",
        "let the program at one of the queues 0 to 3 decide, chosen by the CPU (drop if none listens)",
    ),
    (
        "filter",
        4,
        "NFQUEUE --queue-balance 0:3 --queue-bypass --queue-cpu-fanout",
        "let the program at one of the queues 0 to 3 decide, chosen by the CPU (accept if none listens)",
    ),
    ("raw", 4, "NOTRACK", "leave it out of connection tracking (NOTRACK)"),
    (
        "filter",
        4,
        "RATEEST --rateest-name RE1 --rateest-interval 250.0ms --rateest-ewmalog 500.0ms",
        'count it for the rate estimate "RE1", made every 250.0ms and smoothed over 500.0ms (RATEEST)',
    ),
    ("filter", 4, "REJECT --reject-with icmp-net-unreachable", 'drop and answer "network unreachable" (ICMP)'),
    ("filter", 4, "REJECT --reject-with icmp-host-unreachable", 'drop and answer "host unreachable" (ICMP)'),
    ("filter", 4, "REJECT --reject-with icmp-proto-unreachable", 'drop and answer "protocol unreachable" (ICMP)'),
    ("filter", 4, "REJECT --reject-with icmp-port-unreachable", 'drop and answer "port unreachable" (ICMP)'),
    ("filter", 4, "REJECT --reject-with icmp-net-prohibited", 'drop and answer "network prohibited" (ICMP)'),
    ("filter", 4, "REJECT --reject-with icmp-host-prohibited", 'drop and answer "host prohibited" (ICMP)'),
    ("filter", 4, "REJECT --reject-with icmp-admin-prohibited", 'drop and answer "prohibited by the administrator" (ICMP)'),
    ("filter", 4, "REJECT --reject-with tcp-reset", "drop and answer with a TCP reset"),
    ("filter", 6, "REJECT --reject-with icmp6-no-route", 'drop and answer "no route to the destination" (ICMPv6)'),
    ("filter", 6, "REJECT --reject-with icmp6-adm-prohibited", 'drop and answer "prohibited by the administrator" (ICMPv6)'),
    ("filter", 6, "REJECT --reject-with icmp6-addr-unreachable", 'drop and answer "address unreachable" (ICMPv6)'),
    ("filter", 6, "REJECT --reject-with icmp6-port-unreachable", 'drop and answer "port unreachable" (ICMPv6)'),
    ("filter", 6, "REJECT --reject-with icmp6-policy-fail", 'drop and answer "source address against the policy" (ICMPv6)'),
    ("filter", 6, "REJECT --reject-with icmp6-reject-route", 'drop and answer "route rejected" (ICMPv6)'),
    ("filter", 6, "REJECT --reject-with tcp-reset", "drop and answer with a TCP reset"),
    ("filter", 4, "REJECT", 'drop and answer "port unreachable"'),
    ("filter", 4, "REJECT --reject-with n", 'drop and answer with the ICMP error that "n" stands for'),
    (
        "mangle",
        4,
        "SECMARK --selctx system_u:object_r:httpd_packet_t:s0",
        "set the security label to system_u:object_r:httpd_packet_t:s0 (SECMARK)",
    ),
    ("filter", 4, "SET --add-set foo src", "add the source to the set foo"),
    ("filter", 4, "SET --add-set foo src,dst --timeout 60", "add the pair of source and destination to the set foo for 60 s"),
    (
        "filter",
        4,
        "SET --add-set foo dst,dst,src --timeout 0",
        "add the combination of destination, destination and source to the set foo for good",
    ),
    ("filter", 4, "SET --add-set foo src --exist", "add the source to the set foo, or begin its time there anew"),
    (
        "filter",
        4,
        "SET --add-set foo src --exist --timeout 60",
        "add the source to the set foo for 60 s, counted anew if it is there already",
    ),
    ("filter", 4, "SET --add-set foo src --exist --timeout 0", "add the source to the set foo for good, also if it is there already"),
    ("filter", 4, "SET --del-set foo dst", "remove the destination from the set foo"),
    ("filter", 4, "SET --add-set foo src --del-set bar dst", "add the source to the set foo, remove the destination from the set bar"),
    ("mangle", 4, "SET --map-set foo dst --map-mark", "take the mark from the entry of the destination in the set foo, if there is one"),
    (
        "mangle",
        4,
        "SET --map-set foo dst --map-mark --map-prio --map-queue",
        ("take the mark, the priority and the queue of the network card from the entry of the destination in the set foo, if there is one"),
    ),
    (
        "filter",
        4,
        "SYNPROXY",
        ("answer for the server with SYN cookies, and let through only clients that complete the handshake (SYNPROXY)"),
    ),
    (
        "filter",
        4,
        "SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn",
        (
            "answer for the server with SYN cookies, and let through only clients that complete the "
            "handshake (SYNPROXY), with MSS 1460, with window scale 7, with SACK, with timestamps, with ECN"
        ),
    ),
    ("mangle", 4, "TCPMSS --clamp-mss-to-pmtu", "lower the TCP segment size (MSS) to what fits its path (TCPMSS)"),
    ("mangle", 4, "TCPMSS --set-mss 1360", "lower the TCP segment size (MSS) to at most 1360 bytes (TCPMSS)"),
    ("mangle", 4, "TCPOPTSTRIP", "remove no TCP options (TCPOPTSTRIP)"),
    (
        "mangle",
        4,
        "TCPOPTSTRIP --strip-options 2,3,4,5,8,19,253",
        "remove the TCP options MSS, window scale, SACK permitted, SACK, timestamps, MD5, 253 (TCPOPTSTRIP)",
    ),
    ("mangle", 4, "TEE --gateway 10.0.0.1", "send a copy to 10.0.0.1 (TEE)"),
    ("mangle", 4, "TEE --gateway 10.0.0.1 --oif eth0", "send a copy to 10.0.0.1 by eth0 (TEE)"),
    ("mangle", 4, "TOS --set-tos 0x1f/0xff", "set the TOS byte to 0x1f"),
    ("mangle", 4, "TOS --set-tos 0x10/0x3f", "set the bits 0x3f of the TOS byte to 0x10"),
    ("mangle", 4, "TOS --set-tos 0x00/0xef", "clear the bits 0xef of the TOS byte"),
    (
        "mangle",
        4,
        "TPROXY --on-port 15001 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0",
        ("hand it unchanged to the local program on port 15001 (TPROXY; drop if no transparent socket listens)"),
    ),
    (
        "mangle",
        4,
        "TPROXY --on-port 15001 --on-ip 127.0.0.1 --tproxy-mark 0x1/0xffffffff",
        (
            "set the mark to 0x1, and hand it unchanged to the local program at 127.0.0.1:15001 (TPROXY; drop "
            "if no transparent socket listens)"
        ),
    ),
    (
        "mangle",
        4,
        "TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0",
        ("hand it unchanged to the local program on the same port (TPROXY; drop if no transparent socket listens)"),
    ),
    (
        "mangle",
        4,
        "TPROXY --on-port 0 --on-ip 127.0.0.1 --tproxy-mark 0x0/0x0",
        ("hand it unchanged to the local program at 127.0.0.1 on the same port (TPROXY; drop if no transparent socket listens)"),
    ),
    (
        "mangle",
        6,
        "TPROXY --on-port 15001 --on-ip ::1 --tproxy-mark 0x0/0x0",
        ("hand it unchanged to the local program at [::1]:15001 (TPROXY; drop if no transparent socket listens)"),
    ),
    ("raw", 4, "TRACE", "have the kernel report every rule that it meets from here on (TRACE)"),
)
"""Table, family, target with its options, and what is said of it."""


@pytest.mark.parametrize(("table", "family", "target", "action"), ACTIONS)
def test_a_target_says_what_it_does(table: str, family: int, target: str, action: str) -> None:
    assert said(f"-j {target}", table=table, family=family)[-1] == f"do: {action}"


ASKED = (
    (Mark(0x1), "with mark 0x1", "with any mark but 0x1"),
    (Mark(0x4000, 0x4000), "with bit 0x4000 of the mark set", "with bit 0x4000 of the mark not set"),
    (Mark(0, 0x4000), "with bit 0x4000 of the mark not set", "with bit 0x4000 of the mark set"),
    (Mark(0x6000, 0x6000), "with all bits 0x6000 of the mark set", "with not all bits 0x6000 of the mark set"),
    (Mark(0, 0x6000), "with none of the bits 0x6000 of the mark set", "with any of the bits 0x6000 of the mark set"),
    (Mark(0x2000, 0x6000), "with 0x2000 in the bits 0x6000 of the mark", "with anything but 0x2000 in the bits 0x6000 of the mark"),
    (Mark(0, 0), "whatever the mark", "with a mark that no packet has"),
    (Mark(0x1, 0x6000), "with a mark that no packet has", "whatever the mark"),
)


@pytest.mark.parametrize(("mark", "plain", "negated"), ASKED)
def test_a_match_says_which_mark_it_asks_for_and_its_opposite(mark: Mark, plain: str, negated: str) -> None:
    assert (asked(mark, message("mark")).english(), asked(mark, message("mark"), negated=True).english()) == (plain, negated)


@pytest.mark.parametrize(
    ("chain", "to", "action"),
    [
        ("PREROUTING", "10.1.0.0/16", "move the destination to the network 10.1.0.0/16, keeping the rest of the address (NETMAP)"),
        ("OUTPUT", "10.1.0.1/32", "replace the destination with 10.1.0.1 (NETMAP)"),
        ("POSTROUTING", "10.1.0.0/16", "move the source to the network 10.1.0.0/16, keeping the rest of the address (NETMAP)"),
        ("INPUT", "10.1.0.1/32", "replace the source with 10.1.0.1 (NETMAP)"),
    ],
)
def test_in_the_chain_of_a_hook_a_network_is_said_to_change_at_one_end(chain: str, to: str, action: str) -> None:
    assert said(f"-j NETMAP --to {to}", table="nat", chain=chain) == (f"do: {action}",)


MASKS = (0, 0x1, 0xF0, 0xFF, 0xFFFFFFFF)
SHIFTS = (None, Shift("left", 4), Shift("right", 4), Shift("left", 32), Shift("right", 32))


@pytest.mark.parametrize(("nfmask", "ctmask", "shift"), tuple(product(MASKS, MASKS, SHIFTS)))
def test_a_copy_of_a_mark_is_said_to_be_simple_where_the_same_bits_change_places(nfmask: int, ctmask: int, shift: Shift | None) -> None:
    ways = (
        ConnMark(save_mark=True, nfmask=nfmask, ctmask=ctmask, shift=shift),
        ConnMark(restore_mark=True, nfmask=nfmask, ctmask=ctmask, shift=shift),
    )
    said = [way.action().english() for way in ways]
    simple = [text.startswith("copy ") and "shifted" not in text and "clear" not in text for text in said]
    assert simple == [nfmask == ctmask != 0 and shift is None] * 2


ODD = (
    (
        Hmark(rnd=0, mod=1, fields=Names(("ct",))),
        "set the mark to one of 1 values from 0x0 on, by a hash of nothing, as the connection has them (HMARK)",
    ),
    (
        Hmark(rnd=0, mod=8, fields=Names(("src", "sport", "proto"))),
        "set the mark to one of 8 values from 0x0 on, by a hash of the source address, the source port and the protocol (HMARK)",
    ),
    (Led(trigger="x", delay=0xFFFFFFFE), 'switch on the LED "x" and leave it on (LED)'),
    (TcpOptStrip(options=TcpOptions(())), "remove no TCP options (TCPOPTSTRIP)"),
    (SetTarget(delete=Entry("a", ("src",) * 3)), "remove the combination of source, source and source from the set a"),
)


@pytest.mark.parametrize(("target", "action"), ODD)
def test_values_that_no_dump_has_are_said_too(target: Extension, action: str) -> None:
    assert target.action().english() == action
