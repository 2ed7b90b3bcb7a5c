"""The texts that people give by mistake: how each begins, what it is, and what to run instead.

Data for `foreign`. Expressions have to find their place quickly in any text: anchored, and nothing in them can match the same characters
in two ways.
"""

from __future__ import annotations

_RUN = "run iptables-save (as root) and give its output"
_NODE = "run iptables-save on a node (as root) and give its output"

MAGIC = (
    ("this was compressed with gzip twice; unpack it once with gunzip", b"\x1f\x8b"),
    ("this is a zip archive; unpack it and give the dump inside", b"PK\x03\x04"),
    ("this is a 7z archive; unpack it and give the dump inside", b"7z\xbc\xaf"),
    ("this was compressed with xz; unpack it (xz -d) and give the result", b"\xfd7zXZ"),
    ("this was compressed with zstd; unpack it (zstd -d) and give the result", b"(\xb5/\xfd"),
    ("this is a PDF file; " + _RUN, b"%PDF-"),
    ("this is a picture; " + _RUN, b"\x89PNG"),
    ("this is a picture; " + _RUN, b"GIF8"),
    ("this is a picture; " + _RUN, b"\xff\xd8\xff"),
    ("these are captured packets (pcap), not rules; " + _RUN, b"\xd4\xc3\xb2\xa1"),
    ("these are captured packets (pcap), not rules; " + _RUN, b"\xa1\xb2\xc3\xd4"),
    ("this is a document of a word processor; save it as plain text", b"{\\rtf"),
    ("this is a program; " + _RUN, b"\x7fELF"),
)
"""How the bytes of a file begin."""

_TOOL = r"ip6?tables(?:-legacy|-nft)?(?:-save)?"

LOOKS: tuple[tuple[str, ...], ...] = (
    (
        "it is empty: iptables-save prints nothing if no table exists, or if it failed; run it as root, then try iptables-legacy-save",
        r"\A\Z",
    ),
    ("this was compressed with bzip2; unpack it (bzip2 -d) and give the result", r"\ABZh[1-9]1AY"),
    ("these are captured packets (pcapng), not rules; " + _RUN, r"\A[^\n]{0,4}(?:M<\+\x1a|\x1a\+<M)"),
    ("this is a tar archive; unpack it (tar -xf) and give the dump inside", r"(?s)\A.{257}ustar"),
    ("this is a binary file; " + _RUN, r"\x00"),
    (
        "this is Base64; decode it (base64 -d) first",
        r"\A(?:IyBHZW5lcmF0ZWQg|Km5hdA|KmZpbHRlcg|Km1hbmdsZQ|KnJhdw|H4sI)[A-Za-z0-9+/=\r\n]+\Z",
    ),
    # ---- lists of rules ----------------------------------------------------------------------------------------------------------
    (
        "this is the output of iptables -L, which leaves half of each rule out; " + _RUN,
        r"^[ \t]*Chain \S+ \((?:policy [A-Z]|[0-9]+ references)",
        r"^[ \t]*(?:num +)?(?:pkts +bytes +)?target +prot +opt ",
    ),
    (
        "this is the output of nft list ruleset; run iptables-nft-save (as root) instead",
        r"^[ \t]*table (?:ip6?|inet|arp|bridge|netdev) \S+ \{",
    ),
    ("this is the output of nft -j; run iptables-nft-save (as root) instead", r'\A\{\s*+"nftables"'),
    ("these are commands of nft; " + _RUN, r"^(?:sudo )?(?:nft )?(?:add|insert|create|delete|flush) (?:table|chain|rule|ruleset)(?: |$)"),
    ("this is the output of iptables-xml; give the output of iptables-save itself", r"^<iptables-rules\b"),
    ("this is the output of ebtables -L, which are rules for Ethernet frames; " + _RUN, r"^Bridge (?:table|chain): "),
    (
        "this is the output of ipvsadm, not of iptables; " + _RUN,
        r"^IP Virtual Server version ",
        r"^Prot LocalAddress:Port ",
        r"^-A -[tuf] \S+ -s ",
    ),
    (
        "these are sets of ipset, without the rules; " + _RUN,
        r"^create \S+ (?:hash|bitmap|list):[a-z]",
        r"^Type: (?:hash|bitmap|list):[a-z]",
    ),
    ("this is the output of ufw status, not the rules that ufw made; " + _RUN, r"^Status: (?:active|inactive)$"),
    (
        "this is the output of firewall-cmd --list-all, not the rules that it made; " + _RUN,
        r"^[\w-]+(?: \([a-z, ]+\))?\n  target: (?:default|ACCEPT|DROP|REJECT|%%REJECT%%)$",
    ),
    # ---- clusters and containers -------------------------------------------------------------------------------------------------
    (
        "this is the output of kubectl get, not the rules of a node; " + _NODE,
        r"^(?:NAMESPACE +)?NAME +(?:[A-Z()-]+ +)*AGE\b",
        r"^NAMESPACE +NAME +[A-Z]",
        r"^(?:\S+ +)?\S+ +(?:ClusterIP|NodePort|LoadBalancer|ExternalName) +\S+ +\S+ +\S",
    ),
    ("this is the output of kubectl describe, not the rules of a node; " + _NODE, r"^Name: {3,}\S+\n(?:Namespace|Labels|Roles): "),
    ("these are Kubernetes objects in YAML, not the rules of a node; " + _NODE, r"^apiVersion: [\w./-]+$"),
    ("these are Kubernetes objects in JSON, not the rules of a node; " + _NODE, r'(?s)\A[\[{].*?"apiVersion": ?"'),
    ("this is JSON written by iptexplain; give the dump itself", r'\A\{"schema": ?"iptexplain\.'),
    ("this is a list of containers; run iptables-save on the machine they run on (as root)", r"^CONTAINER(?: ID)? +IMAGE +"),
    # ---- addresses, connections, packets -----------------------------------------------------------------------------------------
    ("these are network interfaces (ip addr), not rules; " + _RUN, r"^[0-9]+: \S+: <[A-Z0-9_,-]*> mtu [0-9]", r"^[\w.-]+: flags=[0-9]+<"),
    (
        "these are routes, not rules; " + _RUN,
        r"^default via [0-9a-f.:]+ dev ",
        r"^\S+ dev \S+ (?:proto \w+ )?scope ",
        r"^Kernel IP(?:v6)? routing table",
    ),
    ("these are the rules of routing (ip rule), not of iptables; " + _RUN, r"^[0-9]+:\s+from \S+ (?:\S+ )*lookup "),
    (
        "these are sockets (ss), not rules; " + _RUN,
        r"^(?:Netid +)?State +Recv-Q +Send-Q",
        r"^Proto +Recv-Q +Send-Q",
        r"^Active Internet connections",
    ),
    ("these are connections (conntrack), not rules; " + _RUN, r"^(?:ipv[46] +[0-9]+ +)?[a-z]+ +[0-9]+ +[0-9]+ (?:[A-Z_]+ )?src=\S+ dst="),
    ("these are log lines of the target LOG, not rules; " + _RUN, r"^[^\n]{0,200}?\bIN=\S* OUT=\S* [^\n]{0,200}?\bSRC="),
    ("these are packets (tcpdump), not rules; " + _RUN, r"^[0-9:]{8}\.[0-9]+ IP6? "),
    ("this is a log of Kubernetes, such as that of kube-proxy; " + _NODE, r"^[IWEF][0-9]{4} [0-9:]{8}\.[0-9]+ +[0-9]+ [\w.]+:[0-9]+\] "),
    # ---- what went wrong ---------------------------------------------------------------------------------------------------------
    (
        "iptables-save was not found there; install the package iptables on the node, or run /usr/sbin/iptables-save (as root)",
        rf"^[^\n]{{0,200}}?\b{_TOOL}[\"]?: (?:command not found|not found|executable file not found|No such file)",
        rf"^[^\n]{{0,99}}?not found: {_TOOL}",
    ),
    (
        "iptables-save may not read the rules without root; run sudo iptables-save and give its output",
        rf"^[^\n]{{0,99}}?\b{_TOOL}(?: v[0-9][^\n:]*)?: [^\n]*(?:Permission denied|you must be root|Operation not permitted)",
        r"^[^\n]{0,99}?xtables\.lock: Permission denied",
    ),
    ("this is a message of sudo, not the rules; run iptables-save in a shell of root", r"^sudo: ", r"^\S+ is not in the sudoers file"),
    (
        "iptables-save could not read the nft rules of this kernel; run iptables-legacy-save (as root) and give its output",
        rf"^{_TOOL}(?: v[0-9][^\n:]*)?: (?:Could not fetch rule set generation id|Failed to initialize nft)",
    ),
    (
        "iptables-save cannot print these tables, and what nft prints is not read; run iptables-nft-save of the version that made them",
        r"^(?:# |ip6?tables[^\n:]*: )[Tt]able `\w+' is incompatible, use 'nft' tool",
    ),
    (
        "this is an error message of iptables; mend what it names, then " + _RUN,
        r"^(?:ip6?tables[\w-]*(?: v[0-9][^\n:]*)?|modprobe|xtables): ",
    ),
    (
        "this is an error message of kubectl; " + _NODE,
        r"^Error from server",
        r"^Unable to connect to the server",
        r"^The connection to the server",
        r"^command terminated with exit code [0-9]",
        r"^error: (?:You must be logged in|unable to )",
    ),
    (
        "this is an error of Docker; " + _RUN,
        r"^Error response from daemon: ",
        r"^Cannot connect to the Docker daemon",
        r"^OCI runtime exec failed: ",
    ),
    (
        "this is an error message of ssh; " + _NODE,
        r"^ssh: ",
        r"^[^\n]{0,99}?Permission denied \(publickey",
        r"^Host key verification failed",
    ),
    ("this is the help of iptables; " + _RUN, r"^Usage: ip6?tables"),
    ("this is the output of iptables --version; " + _RUN, rf"^{_TOOL} v[0-9][\w.]*(?: \(\w+\))?$"),
    # ---- commands, and other kinds of text ---------------------------------------------------------------------------------------
    (
        "these are iptables commands; run them on a machine (or in a network namespace), then iptables-save there, and give its output",
        r"^[ \t]*(?:sudo +)?(?:/\S*/)?(?:ip6?tables(?:-legacy|-nft)?|\$\{?(?i:ip6?t\w{0,9})\}?) +-",
    ),
    ("this is a script; run it on a machine (or in a network namespace), then iptables-save there, and give its output", r"\A#! ?/"),
    (
        "iptables-save saw no nft rules and warns of legacy ones; run iptables-legacy-save (as root)",
        r"^# Warning: ip6?tables-legacy tables present",
    ),
    ("it begins with comments, and no table follows; run iptables-save as root, then try iptables-legacy-save", r"\A(?:#[^\n]*+\s*+)++\Z"),
    ("this is an HTML or XML page; " + _RUN, r"(?i)\A<(?:!doctype|html|\?xml|head|body)\b"),
    ("this looks like JSON; " + _RUN, r"\A[\[{]"),
)
"""Expressions, one of which is found in the beginning of a text. The most telling come first: a list of rules may stand below a warning."""
