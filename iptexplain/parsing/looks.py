"""The texts that people give by mistake: how each begins, what it is, and what to run instead.

Data for `foreign`. Expressions have to find their place quickly in any text: anchored, and nothing in them can match the same characters
in two ways.
"""

from __future__ import annotations

from iptexplain.source import N_

MAGIC = (
    (N_("this was compressed with gzip twice; unpack it once with gunzip"), b"\x1f\x8b"),
    (N_("this is a zip archive; unpack it and give the dump inside"), b"PK\x03\x04"),
    (N_("this is a 7z archive; unpack it and give the dump inside"), b"7z\xbc\xaf"),
    (N_("this was compressed with xz; unpack it (xz -d) and give the result"), b"\xfd7zXZ"),
    (N_("this was compressed with zstd; unpack it (zstd -d) and give the result"), b"(\xb5/\xfd"),
    (N_("this is a PDF file; run iptables-save (as root) and give its output"), b"%PDF-"),
    (N_("this is a picture; run iptables-save (as root) and give its output"), b"\x89PNG"),
    (N_("this is a picture; run iptables-save (as root) and give its output"), b"GIF8"),
    (N_("this is a picture; run iptables-save (as root) and give its output"), b"\xff\xd8\xff"),
    (N_("these are captured packets (pcap), not rules; run iptables-save (as root) and give its output"), b"\xd4\xc3\xb2\xa1"),
    (N_("these are captured packets (pcap), not rules; run iptables-save (as root) and give its output"), b"\xa1\xb2\xc3\xd4"),
    (N_("this is a document of a word processor; save it as plain text"), b"{\\rtf"),
    (N_("this is a program; run iptables-save (as root) and give its output"), b"\x7fELF"),
)
"""How the bytes of a file begin."""

_TOOL = r"ip6?tables(?:-legacy|-nft)?(?:-save)?"

LOOKS: tuple[tuple[str, ...], ...] = (
    (
        N_("it is empty: iptables-save prints nothing if no table exists, or if it failed; run it as root, then try iptables-legacy-save"),
        r"\A\Z",
    ),
    (N_("this was compressed with bzip2; unpack it (bzip2 -d) and give the result"), r"\ABZh[1-9]1AY"),
    (
        N_("these are captured packets (pcapng), not rules; run iptables-save (as root) and give its output"),
        r"\A[^\n]{0,4}(?:M<\+\x1a|\x1a\+<M)",
    ),
    (N_("this is a tar archive; unpack it (tar -xf) and give the dump inside"), r"(?s)\A.{257}ustar"),
    (N_("this is a binary file; run iptables-save (as root) and give its output"), r"\x00"),
    (
        N_("this is Base64; decode it (base64 -d) first"),
        r"\A(?:IyBHZW5lcmF0ZWQg|Km5hdA|KmZpbHRlcg|Km1hbmdsZQ|KnJhdw|H4sI)[A-Za-z0-9+/=\r\n]+\Z",
    ),
    # ---- lists of rules ----------------------------------------------------------------------------------------------------------
    (
        N_("this is the output of iptables -L, which leaves half of each rule out; run iptables-save (as root) and give its output"),
        r"^[ \t]*Chain \S+ \((?:policy [A-Z]|[0-9]+ references)",
        r"^[ \t]*(?:num +)?(?:pkts +bytes +)?target +prot +opt ",
    ),
    (
        N_("this is the output of nft list ruleset; run iptables-nft-save (as root) instead"),
        r"^[ \t]*table (?:ip6?|inet|arp|bridge|netdev) \S+ \{",
    ),
    (N_("this is the output of nft -j; run iptables-nft-save (as root) instead"), r'\A\{\s*+"nftables"'),
    (
        N_("these are commands of nft; run iptables-save (as root) and give its output"),
        r"^(?:sudo )?(?:nft )?(?:add|insert|create|delete|flush) (?:table|chain|rule|ruleset)(?: |$)",
    ),
    (N_("this is the output of iptables-xml; give the output of iptables-save itself"), r"^<iptables-rules\b"),
    (
        N_("this is the output of ebtables -L, which are rules for Ethernet frames; run iptables-save (as root) and give its output"),
        r"^Bridge (?:table|chain): ",
    ),
    (
        N_("this is the output of ipvsadm, not of iptables; run iptables-save (as root) and give its output"),
        r"^IP Virtual Server version ",
        r"^Prot LocalAddress:Port ",
        r"^-A -[tuf] \S+ -s ",
    ),
    (
        N_("these are sets of ipset, without the rules; run iptables-save (as root) and give its output"),
        r"^create \S+ (?:hash|bitmap|list):[a-z]",
        r"^Type: (?:hash|bitmap|list):[a-z]",
    ),
    (
        N_("this is the output of ufw status, not the rules that ufw made; run iptables-save (as root) and give its output"),
        r"^Status: (?:active|inactive)$",
    ),
    (
        N_("this is the output of firewall-cmd --list-all, not the rules that it made; run iptables-save (as root) and give its output"),
        r"^[\w-]+(?: \([a-z, ]+\))?\n  target: (?:default|ACCEPT|DROP|REJECT|%%REJECT%%)$",
    ),
    # ---- clusters and containers -------------------------------------------------------------------------------------------------
    (
        N_("this is the output of kubectl get, not the rules of a node; run iptables-save on a node (as root) and give its output"),
        r"^(?:NAMESPACE +)?NAME +(?:[A-Z()-]+ +)*AGE\b",
        r"^NAMESPACE +NAME +[A-Z]",
        r"^(?:\S+ +)?\S+ +(?:ClusterIP|NodePort|LoadBalancer|ExternalName) +\S+ +\S+ +\S",
    ),
    (
        N_("this is the output of kubectl describe, not the rules of a node; run iptables-save on a node (as root) and give its output"),
        r"^Name: {3,}\S+\n(?:Namespace|Labels|Roles): ",
    ),
    (
        N_("these are Kubernetes objects in YAML, not the rules of a node; run iptables-save on a node (as root) and give its output"),
        r"^apiVersion: [\w./-]+$",
    ),
    (
        N_("these are Kubernetes objects in JSON, not the rules of a node; run iptables-save on a node (as root) and give its output"),
        r'(?s)\A[\[{].*?"apiVersion": ?"',
    ),
    (N_("this is JSON written by iptexplain; give the dump itself"), r'\A\{"schema": ?"iptexplain\.'),
    (N_("this is a list of containers; run iptables-save on the machine they run on (as root)"), r"^CONTAINER(?: ID)? +IMAGE +"),
    # ---- addresses, connections, packets -----------------------------------------------------------------------------------------
    (
        N_("these are network interfaces (ip addr), not rules; run iptables-save (as root) and give its output"),
        r"^[0-9]+: \S+: <[A-Z0-9_,-]*> mtu [0-9]",
        r"^[\w.-]+: flags=[0-9]+<",
    ),
    (
        N_("these are routes, not rules; run iptables-save (as root) and give its output"),
        r"^default via [0-9a-f.:]+ dev ",
        r"^\S+ dev \S+ (?:proto \w+ )?scope ",
        r"^Kernel IP(?:v6)? routing table",
    ),
    (
        N_("these are the rules of routing (ip rule), not of iptables; run iptables-save (as root) and give its output"),
        r"^[0-9]+:\s+from \S+ (?:\S+ )*lookup ",
    ),
    (
        N_("these are sockets (ss), not rules; run iptables-save (as root) and give its output"),
        r"^(?:Netid +)?State +Recv-Q +Send-Q",
        r"^Proto +Recv-Q +Send-Q",
        r"^Active Internet connections",
    ),
    (
        N_("these are connections (conntrack), not rules; run iptables-save (as root) and give its output"),
        r"^(?:ipv[46] +[0-9]+ +)?[a-z]+ +[0-9]+ +[0-9]+ (?:[A-Z_]+ )?src=\S+ dst=",
    ),
    (
        N_("these are log lines of the target LOG, not rules; run iptables-save (as root) and give its output"),
        r"^[^\n]{0,200}?\bIN=\S* OUT=\S* [^\n]{0,200}?\bSRC=",
    ),
    (N_("these are packets (tcpdump), not rules; run iptables-save (as root) and give its output"), r"^[0-9:]{8}\.[0-9]+ IP6? "),
    (
        N_("this is a log of Kubernetes, such as that of kube-proxy; run iptables-save on a node (as root) and give its output"),
        r"^[IWEF][0-9]{4} [0-9:]{8}\.[0-9]+ +[0-9]+ [\w.]+:[0-9]+\] ",
    ),
    # ---- what went wrong ---------------------------------------------------------------------------------------------------------
    (
        N_("iptables-save was not found there; install the package iptables on the node, or run /usr/sbin/iptables-save (as root)"),
        rf"^[^\n]{{0,200}}?\b{_TOOL}[\"]?: (?:command not found|not found|executable file not found|No such file)",
        rf"^[^\n]{{0,99}}?not found: {_TOOL}",
    ),
    (
        N_("iptables-save may not read the rules without root; run sudo iptables-save and give its output"),
        rf"^[^\n]{{0,99}}?\b{_TOOL}(?: v[0-9][^\n:]*)?: [^\n]*(?:Permission denied|you must be root|Operation not permitted)",
        r"^[^\n]{0,99}?xtables\.lock: Permission denied",
    ),
    (N_("this is a message of sudo, not the rules; run iptables-save in a shell of root"), r"^sudo: ", r"^\S+ is not in the sudoers file"),
    (
        N_("iptables-save could not read the nft rules of this kernel; run iptables-legacy-save (as root) and give its output"),
        rf"^{_TOOL}(?: v[0-9][^\n:]*)?: (?:Could not fetch rule set generation id|Failed to initialize nft)",
    ),
    (
        N_("iptables-save cannot print these tables, and what nft prints is not read; run iptables-nft-save of the version that made them"),
        r"^(?:# |ip6?tables[^\n:]*: )[Tt]able `\w+' is incompatible, use 'nft' tool",
    ),
    (
        N_("this is an error message of iptables; mend what it names, then run iptables-save (as root) and give its output"),
        r"^(?:ip6?tables[\w-]*(?: v[0-9][^\n:]*)?|modprobe|xtables): ",
    ),
    (
        N_("this is an error message of kubectl; run iptables-save on a node (as root) and give its output"),
        r"^Error from server",
        r"^Unable to connect to the server",
        r"^The connection to the server",
        r"^command terminated with exit code [0-9]",
        r"^error: (?:You must be logged in|unable to )",
    ),
    (
        N_("this is an error of Docker; run iptables-save (as root) and give its output"),
        r"^Error response from daemon: ",
        r"^Cannot connect to the Docker daemon",
        r"^OCI runtime exec failed: ",
    ),
    (
        N_("this is an error message of ssh; run iptables-save on a node (as root) and give its output"),
        r"^ssh: ",
        r"^[^\n]{0,99}?Permission denied \(publickey",
        r"^Host key verification failed",
    ),
    (N_("this is the help of iptables; run iptables-save (as root) and give its output"), r"^Usage: ip6?tables"),
    (
        N_("this is the output of iptables --version; run iptables-save (as root) and give its output"),
        rf"^{_TOOL} v[0-9][\w.]*(?: \(\w+\))?$",
    ),
    # ---- commands, and other kinds of text ---------------------------------------------------------------------------------------
    (
        N_("these are iptables commands; run them on a machine (or in a network namespace), then iptables-save there, and give its output"),
        r"^[ \t]*(?:sudo +)?(?:/\S*/)?(?:ip6?tables(?:-legacy|-nft)?|\$\{?(?i:ip6?t\w{0,9})\}?) +-",
    ),
    (N_("this is a script; run it on a machine (or in a network namespace), then iptables-save there, and give its output"), r"\A#! ?/"),
    (
        N_("iptables-save saw no nft rules and warns of legacy ones; run iptables-legacy-save (as root)"),
        r"^# Warning: ip6?tables-legacy tables present",
    ),
    (
        N_("it begins with comments, and no table follows; run iptables-save as root, then try iptables-legacy-save"),
        r"\A(?:#[^\n]*+\s*+)++\Z",
    ),
    (N_("this is an HTML or XML page; run iptables-save (as root) and give its output"), r"(?i)\A<(?:!doctype|html|\?xml|head|body)\b"),
    (N_("this looks like JSON; run iptables-save (as root) and give its output"), r"\A[\[{]"),
)
"""Expressions, one of which is found in the beginning of a text. The most telling come first: a list of rules may stand below a warning."""
