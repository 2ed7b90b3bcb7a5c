"""Names that stand for numbers in rules written by hand: services, protocols.

The numbers are those of the IANA registries; where Debian's /etc/protocols calls a protocol by another name, as iptables-save prints it
there, that name is the one used here. The tables of the machine are not asked: the same input has the same answer everywhere.
"""

from __future__ import annotations

from functools import cache

_SERVICES = """
tcpmux 1, echo 7, discard sink null 9, systat users 11, daytime 13, netstat 15, qotd quote 17, chargen ttytst 19, ftp-data 20, ftp 21,
ssh 22, telnet 23, smtp mail 25, time timserver 37, whois nicname 43, tacacs 49, domain 53, bootps 67, bootpc 68, tftp 69, gopher 70,
finger 79, http www 80, kerberos kerberos5 krb5 88, pop3 pop-3 110, sunrpc portmapper 111, auth ident tap 113, nntp 119, ntp 123,
epmap loc-srv 135, netbios-ns 137, netbios-dgm 138, netbios-ssn 139, imap imap2 143, snmp 161, snmp-trap snmptrap 162, xdmcp 177, bgp 179,
smux 199, qmtp 209, ptp-event 319, ptp-general 320, ldap 389, svrloc 427, https 443, snpp 444, microsoft-ds 445, kpasswd 464,
submissions smtps ssmtp urd 465, isakmp 500, exec biff 512, login who 513, shell syslog 514, printer spooler 515, talk 517, ntalk 518,
route router 520, uucp 540, klogin 543, kshell 544, dhcpv6-client 546, dhcpv6-server 547, rtsp 554, nntps snntp 563, submission 587,
ipp 631, ldaps 636, ldp 646, kerberos-adm 749, domain-s 853, rsync 873, ftps-data 989, ftps 990, telnets 992, imaps 993, pop3s 995,
socks 1080, rmiregistry 1099, openvpn 1194, ms-sql-s 1433, ms-sql-m 1434, l2f l2tp 1701, radius 1812, radius-acct radacct 1813, nfs 2049,
zebra 2601, ripd 2602, ospfd 2604, bgpd 2605, iscsi-target 3260, mysql 3306, ms-wbt-server 3389, nut 3493, distcc 3632,
svn subversion 3690, epmd 4369, ipsec-nat-t 4500, iax 4569, munin 4949, sip 5060, sip-tls 5061, xmpp-client jabber-client 5222,
xmpp-server jabber-server 5269, mdns 5353, postgresql postgres 5432, nrpe 5666, amqps 5671, amqp 5672, x11 x11-0 6000, redis 6379,
syslog-tls 6514, ircd 6667, babel 6696, http-alt webcache 8080, tproxy 8081, puppet 8140, bacula-dir 9101, bacula-fd 9102, bacula-sd 9103,
git 9418, webmin 10000, zabbix-agent 10050, zabbix-trapper 10051, amanda 10080, nbd 10809, hkp 11371
"""

_PROTOCOLS = """
0 all, 1 icmp, 2 igmp, 3 ggp, 4 ipencap, 5 st, 6 tcp, 8 egp, 9 igp, 12 pup, 17 udp, 20 hmp, 22 xns-idp, 27 rdp, 29 iso-tp4, 33 dccp,
36 xtp, 37 ddp, 38 idpr-cmtp, 41 ipv6, 43 ipv6-route, 44 ipv6-frag, 45 idrp, 46 rsvp, 47 gre, 50 esp, 51 ah, 57 skip, 58 ipv6-icmp,
59 ipv6-nonxt, 60 ipv6-opts, 73 rspf, 81 vmtp, 88 eigrp, 89 ospf, 93 ax.25, 94 ipip, 97 etherip, 98 encap, 103 pim, 108 ipcomp,
112 vrrp, 115 l2tp, 124 isis, 132 sctp, 133 fc, 135 mobility-header, 136 udplite, 137 mpls-in-ip, 138 manet, 139 hip, 140 shim6,
141 wesp, 142 rohc, 143 ethernet
"""
_ALSO = {"ip": "all", "icmpv6": "ipv6-icmp", "icmp6": "ipv6-icmp", "ipv6-mh": "mobility-header", "mh": "mobility-header", "ospfigp": "ospf"}

_MOST = 255
_LAST_PORT = 65535


@cache
def _services() -> dict[str, int]:
    found = {}
    for entry in _SERVICES.replace("\n", " ").split(","):
        *names, port = entry.split()
        found.update(dict.fromkeys(names, int(port)))
    return found


@cache
def _protocols() -> dict[str, str]:
    """The name that iptables-save prints, by every number and name."""
    found = dict(_ALSO)
    for entry in _PROTOCOLS.replace("\n", " ").split(","):
        number, name = entry.split()
        found[number] = found[name] = name
    return found


def number(text: str) -> int:
    """A number as C reads it (strtoul): decimal, `0x` hexadecimal, with a leading 0 octal. Raises ValueError.

    >>> number("80"), number("0x50"), number("0120")
    (80, 80, 80)
    """
    if not (text.isascii() and text.isalnum()):
        raise ValueError(text)
    if text[0] == "0" and text.isdigit():
        return int(text, 8)
    return int(text, 16) if text[:2].lower() == "0x" else int(text, 10)


def port(text: str) -> int:
    """The number of a port written as a number or as the name of a service. Raises ValueError for an unknown one, and above 65535."""
    if text[:1].isdigit() and text.isascii():
        found = number(text)
        if found > _LAST_PORT:
            raise ValueError(text)
        return found
    try:
        return _services()[text]
    except KeyError:
        raise ValueError(text) from None


def protocol(text: str) -> str:
    """A protocol as iptables-save prints it: its name if it has one, else its number. Raises ValueError for what is neither.

    >>> protocol("6"), protocol("ICMPv6"), protocol("200")
    ('tcp', 'ipv6-icmp', '200')
    """
    found = _protocols().get(text.lower())
    if found is not None:
        return found
    if text.isascii() and text.isdigit() and int(text) <= _MOST:
        return str(int(text)) if str(int(text)) == text else protocol(str(int(text)))
    raise ValueError(text)
