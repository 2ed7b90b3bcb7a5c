"""What conntrack, state and tcp ask, in plain English; what is said of values that cannot be read."""

from __future__ import annotations

import pytest

from tests.extensions.said import said

CONNTRACK = (
    ("-m state --state RELATED,ESTABLISHED", ("if: connection state RELATED or ESTABLISHED",)),
    ("-m conntrack ! --ctstate NEW", ("if: connection state not NEW",)),
    ("-m conntrack --ctstate DNAT", ("if: its destination changed by DNAT",)),
    ("-m conntrack ! --ctstate DNAT", ("if: its destination not changed by DNAT",)),
    ("-m conntrack --ctstate SNAT", ("if: its source changed by SNAT",)),
    ("-m conntrack ! --ctstate SNAT", ("if: its source not changed by SNAT",)),
    ("-m conntrack --ctstate SNAT,DNAT", ("if: its source or its destination changed by NAT",)),
    ("-m conntrack ! --ctstate SNAT,DNAT", ("if: neither its source nor its destination changed by NAT",)),
    (
        "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT",
        ("if: connection state RELATED or ESTABLISHED or its destination changed by DNAT",),
    ),
    (
        "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT",
        ("if: connection state not RELATED or ESTABLISHED, and its destination not changed by DNAT",),
    ),
    ("-m conntrack --ctproto 17", ("if: the connection uses UDP",)),
    ("-m conntrack ! --ctproto 200", ("if: the connection does not use protocol 200",)),
    ("-m conntrack --ctproto 0", ("if: the connection uses protocol 0",)),
    (
        "-m conntrack --ctproto 17 --ctorigsrcport 68 --ctorigdstport 67",
        ("if: the connection uses UDP", "if: the connection was opened from port 68", "if: the connection was opened to port 67"),
    ),
    (
        "-m conntrack ! --ctorigsrc 10.0.0.0/8 ! --ctorigdst 10.0.0.1",
        ("if: the connection was not opened from 10.0.0.0/8", "if: the connection was not opened to 10.0.0.1"),
    ),
    (
        "-m conntrack --ctreplsrc 10.0.0.1 ! --ctrepldst 10.0.0.0/8",
        ("if: replies come from 10.0.0.1", "if: replies do not go to 10.0.0.0/8"),
    ),
    ("-m conntrack --ctreplsrcport 0:4 ! --ctrepldstport 80", ("if: replies come from ports 0-4", "if: replies do not go to port 80")),
    (
        "-m conntrack --ctorigsrcport 0:65535 --ctorigdstport 9:8",
        ("if: the connection was opened from any port", "if: the connection was opened to no port (9-8 is an empty range)"),
    ),
    ("-m conntrack --ctstatus NONE", ("if: with a connection status that no packet has (NONE)",)),
    ("-m conntrack ! --ctstatus NONE", ("if: with an entry in connection tracking",)),
    ("-m conntrack --ctstatus EXPECTED,SEEN_REPLY", ("if: connection status EXPECTED or SEEN_REPLY",)),
    ("-m conntrack ! --ctstatus ASSURED", ("if: connection status not ASSURED",)),
    ("-m conntrack --ctexpire 5", ("if: with 5 s left until the connection is forgotten",)),
    ("-m conntrack ! --ctexpire 5", ("if: with any time but 5 s left until the connection is forgotten",)),
    ("-m conntrack --ctexpire 5:10", ("if: with 5 to 10 s left until the connection is forgotten",)),
    ("-m conntrack ! --ctexpire 5:10", ("if: with any time but 5 to 10 s left until the connection is forgotten",)),
    ("-m conntrack --ctexpire 5:", ("if: with at least 5 s left until the connection is forgotten",)),
    ("-m conntrack --ctexpire :10", ("if: with at most 10 s left until the connection is forgotten",)),
    ("-m conntrack --ctexpire 0:4294967295", ("if: with an entry in connection tracking",)),
    ("-m conntrack --ctexpire 9:8", ("if: with a time left until the connection is forgotten that none has",)),
    ("-m conntrack --ctdir ORIGINAL", ("if: in the direction of the first packet",)),
    ("-m conntrack --ctdir REPLY", ("if: in the direction of the replies",)),
    ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", ("what: TCP", "if: opening a connection (SYN)")),
    ("-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", ("what: TCP", "if: not opening a connection (SYN)")),
    ("-p tcp -m tcp --tcp-flags SYN,RST SYN,RST", ("what: TCP", "if: with all of the TCP flags SYN, RST set")),
    ("-p tcp -m tcp ! --tcp-flags SYN,RST SYN,RST", ("what: TCP", "if: not with all of the TCP flags SYN, RST set")),
    ("-p tcp -m tcp --tcp-flags RST RST", ("what: TCP", "if: with TCP flag RST set")),
    ("-p tcp -m tcp ! --tcp-flags RST RST", ("what: TCP", "if: with TCP flag RST not set")),
    ("-p tcp -m tcp --tcp-flags SYN,RST NONE", ("what: TCP", "if: with none of the TCP flags SYN, RST set")),
    ("-p tcp -m tcp ! --tcp-flags SYN,RST NONE", ("what: TCP", "if: with any of the TCP flags SYN, RST set")),
    ("-p tcp -m tcp --tcp-flags SYN,RST,ACK SYN,ACK", ("what: TCP", "if: with TCP flags SYN, ACK set and RST not set")),
    ("-p tcp -m tcp ! --tcp-flags SYN,RST,ACK SYN,ACK", ("what: TCP", "if: with not exactly SYN, ACK set of the TCP flags SYN, RST, ACK")),
    ("-p tcp -m tcp --tcp-flags SYN RST", ("what: TCP", "if: with TCP flags that no packet has")),
    ("-p tcp -m tcp ! --tcp-flags SYN RST", ("what: TCP", "if: whatever its TCP flags")),
    ("-p tcp -m tcp --tcp-flags NONE NONE", ("what: TCP", "if: whatever its TCP flags")),
    ("-p tcp -m tcp --tcp-option 5", ("what: TCP", "if: with TCP option 5")),
    ("-p tcp -m tcp ! --tcp-option 5", ("what: TCP", "if: without TCP option 5")),
    (
        "-m osf ! --genre Linux",
        ("if: opening a TCP connection as Linux does (OS fingerprint; the rule wants any but Linux, the kernel does not look at that)",),
    ),
    ("-m length --length 1", ("if: 1 byte long",)),
    ("-m limit --limit 1/hour", ("if: at most 1 packet an hour (up to 5 at once)",)),
    (
        "-m hashlimit --hashlimit-upto 1/sec --hashlimit-name x --hashlimit-rate-match",
        ("if: at most 1 packet in 1 s for all packets together (counter x)",),
    ),
    ("-m conntrack --ctstate NEW,SNAT", ("if: connection state NEW or its source changed by SNAT",)),
)


@pytest.mark.parametrize(("options", "words"), CONNTRACK)
def test_a_match_of_the_connection_or_of_tcp_flags_says_in_words_what_it_asks(options: str, words: tuple[str, ...]) -> None:
    assert said(options) == words


UNREAD = (
    ("-p udp -m udp --dport 60000:29", ("what: UDP", "to: no port (60000-29 is an empty range)")),
    ("-p udp -m udp ! --sport 4:3 --dport 53", ("what: UDP", "from: any port", "to: port 53")),
    ("-p udp -m udp --dport 60000:x", ("what: UDP", 'to: a port that cannot be read ("60000:x")')),
    ("-m mac --mac-source XX:XX:XX:XX:XX:XX", ('if: with a value of mac that cannot be read: "XX:XX:XX:XX:XX:XX"',)),
    ("-m mac ! --mac-source XX:XX:XX:XX:XX:XX", ('if: with any value of mac but one that cannot be read: "XX:XX:XX:XX:XX:XX"',)),
    ("-s nobody.example -d 10.0.0.1", ('from: an address that cannot be read ("nobody.example")', "to: 10.0.0.1")),
    ("! -s nobody.example", ('from: any address but one that cannot be read ("nobody.example")',)),
    ("-p tcp -m tcp --dport 80 --dport 90", ("what: TCP", 'if: with what cannot be read: "-m tcp --dport 80 --dport 90"')),
    (
        "-p tcp -m multiport --ports 8080:8081,8082 --something-else",
        ("what: TCP", 'if: with what cannot be read: "-m multiport --ports 8080:8081,8082 --something-else"'),
    ),
    ("-m limit --limit many", ('if: with a value of limit that cannot be read: "many"',)),
    ("-m limit --limit many --limit-burst 4", ('if: with what cannot be read: "-m limit --limit many --limit-burst 4"',)),
    ("-p ip6:x", ('if: with a value that cannot be read: "ip6:x"',)),
    ("! -p ip6:x", ('if: with any value but one that cannot be read: "ip6:x"',)),
    ("-p udp -m udp ! --sport 53x", ("what: UDP", 'from: any port but one that cannot be read ("53x")')),
    ("-j DNAT [unsupported revision]", ("do: do DNAT with options that the dump has lost",)),
    ("-m connbytes [unsupported revision]", ("if: asking connbytes for what the dump has lost",)),
    ("-m recent --set --update", ('if: with what cannot be read: "-m recent --set --update"',)),
    ("-m state --state NEW,nothing", ('if: with a value of state that cannot be read: "NEW,nothing"',)),
    ("-m nosuch --thing 5", ("if: matching -m nosuch --thing 5",)),
    ("-p tcp -m tcp --sport 53 --dport 80:20x", ("what: TCP", "from: port 53", 'to: a port that cannot be read ("80:20x")')),
    ("-j DNAT --to-destination nowhere:x", ('do: do what is not known: "DNAT --to-destination nowhere:x"',)),
    ("-j NOSUCH --thing 5", ('do: do what is not known: "NOSUCH --thing 5"',)),
    ("-m conntrack --ctstate NEW --ctproto nosuch", ('if: with what cannot be read: "-m conntrack --ctstate NEW --ctproto nosuch"',)),
    (
        "-m addrtype --src-type NOSUCH --dst-type LOCAL",
        ('if: with a value of addrtype that cannot be read: "NOSUCH"', "to: this node's addresses"),
    ),
    ("-m addrtype --dst-type NOSUCH --limit-iface-in", ('if: with what cannot be read: "-m addrtype --dst-type NOSUCH --limit-iface-in"',)),
)


@pytest.mark.parametrize(("options", "words"), UNREAD)
def test_of_a_match_that_cannot_be_read_all_that_can_be_is_in_words(options: str, words: tuple[str, ...]) -> None:
    assert said(options) == words
