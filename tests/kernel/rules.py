"""Random rules, table by table, for iptables-restore."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, NamedTuple

from iptexplain.model.ruleset import BUILT_IN_OF
from tests.kernel.chooser import TOP, USUAL, Chooser
from tests.kernel.worlds import PROTOCOLS, RARE_PROTOCOLS

FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG")
STATES = ("NEW", "NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "DNAT", "SNAT")
DEVICES = ("eth0", "eth0", "cni0", "docker0", "cali123", "eth1", "lo", "eth+", "cali+", "+", "veth+")
PORTFUL = ("tcp", "udp", "sctp")


class Hint(NamedTuple):
    """What a packet looks like that a rule matches."""

    table: str
    chain: str
    user: bool
    translates: bool
    wanted: dict[str, Any]


class RuleMaker(Chooser):
    """Makes the rules of one case."""

    def __init__(self, seed: int, family: int = 4, features: tuple[str, ...] = USUAL) -> None:
        super().__init__(seed, family, features)
        self.hints: list[Hint] = []
        self.wanted: dict[str, Any] = {}

    # ---- matches

    def addresses(self, option: str) -> str:
        found = self.network()
        self.wanted[option] = found
        # iptables-nft refuses `! -d 0.0.0.0/0`, which iptables-legacy takes and never matches
        return f"{'' if found.endswith('/0') else self.inverted()}{option} {found}"

    def port_match(self, option: str) -> str:
        found = self.ports_range()
        if option == "--dport":
            self.wanted["dport"] = found
        low, _, high = found.partition(":")
        everything = ":" in found and int(low or 0) == 0 and int(high or TOP) == TOP  # iptables-nft 1.8.9 loses the negation of this
        return f"{'' if everything else self.inverted()}{option} {found}"

    def interface(self, option: str) -> str:
        """A condition on an interface. iptables-legacy loads `! -i +`, which never matches, and does not save it."""
        found = self.random.choice(DEVICES)
        if option == "-i":
            self.wanted["-i"] = found
        return f"{'' if found == '+' else self.inverted()}{option} {found}"

    def interfaces(self, hooks: set[str]) -> str:
        if hooks <= {"PREROUTING", "INPUT", "FORWARD"} and self.likely(0.2):
            return self.interface("-i")
        if hooks <= {"FORWARD", "OUTPUT", "POSTROUTING"} and self.likely(0.2):
            return self.interface("-o")
        if "user" in hooks and self.likely(0.12):
            return self.interface(self.random.choice(["-i", "-o"]))
        return ""

    def multiport(self) -> str:
        found: list[str] = []
        slots = self.random.choice([1, 2, 3, 5, 15])
        while slots > 0:
            low = self.port()
            high = min(TOP, low + self.random.choice([1, 5, 100])) if slots > 1 and self.likely(0.4) else low
            self.ports.append(high)
            found.append(f"{low}:{high}" if high > low else f"{low}")
            slots -= 2 if high > low else 1
        which = self.random.choice(["dports", "dports", "sports", "ports"])
        if which != "sports":
            self.wanted["dport"] = self.random.choice(found)
        return f"-m multiport {self.inverted()}--{which} {','.join(found)}"

    def tcp_flags(self) -> str:
        if self.likely(0.3):
            return f"-m tcp {self.inverted()}--tcp-flags FIN,SYN,RST,ACK SYN"
        mask = self.random.sample(FLAGS, self.random.randint(1, 4))
        flags = self.random.sample(mask, self.random.randint(0, len(mask)))
        return f"-m tcp {self.inverted()}--tcp-flags {','.join(mask)} {','.join(flags) or 'NONE'}"

    def protocol(self, name: str | None, loose: float) -> list[str]:
        if name is None:
            return [f"! -p {self.random.choice(['tcp', 'udp', 'sctp'])}"] if self.likely(0.06) else []
        if name == "icmp":
            match = self.world.icmp.format(self.inverted(), self.random.choice(self.world.icmp_types))
            return [f"-p {match if self.likely(0.6) else match.split(' ')[0]}"]
        found = [f"-p {name}"]
        if name in PORTFUL:
            chance = self.random.random()
            if chance < 0.35:
                found.append(f"-m {name} {self.port_match('--dport')}")
            elif chance < 0.5 * loose:
                found.append(f"-m {name} {self.port_match('--sport')}")
            elif chance < 0.6 * loose:
                found.append(f"-m {name} {self.port_match('--sport')} {self.port_match('--dport')}")
            elif chance < 0.8:
                found.append(self.multiport())
            if name == "tcp" and self.likely(0.2 * loose):
                found.append(self.tcp_flags())
        return found

    def connection(self, loose: float) -> list[str]:
        found = []
        if self.has("ct", 0.05):
            value, mask = self.mark()
            found.append(f"-m connmark {self.inverted()}--mark {value & mask:#x}/{mask:#x}")
        if self.likely(0.15 * loose):
            states = dict.fromkeys(self.random.sample(STATES, self.random.randint(1, 3)))
            found.append(f"-m conntrack {self.inverted()}--ctstate {','.join(states)}")
        if self.has("ct", 0.06):
            status = self.random.choice(["ASSURED", "SEEN_REPLY", "CONFIRMED", "EXPECTED", "NONE,ASSURED"])
            which = self.random.choice(
                [
                    "--ctdir ORIGINAL",
                    "--ctdir REPLY",
                    f"--ctorigdst {self.network()}",
                    f"--ctorigsrc {self.network()}",
                    f"--ctreplsrc {self.network()}",
                    f"--ctorigdstport {self.port() or 1}",
                    f"--ctstatus {status}",
                    f"! --ctstatus {status}",
                ]
            )
            found.append(f"-m conntrack {which}")
        return found

    def unusual(self) -> list[str]:
        """Matches on what is not in the packet, or rarely looked at."""
        found = []
        if self.likely(0.07):
            first = self.host()
            last = str(ip_address(first) + self.random.choice([0, 1, 5, 300]))
            self.networks += [first, last]
            found.append(f"-m iprange {self.inverted()}--{self.random.choice(['src', 'dst'])}-range {first}-{last}")
        if self.has("ipsets", 0.1):
            name, kind = self.new_set()
            directions = (self.random.choice(["src", "dst"]) for _ in kind.split(","))
            found.append(f"-m set {self.inverted()}--match-set {name} {','.join(directions)}")
        if self.has("random", 0.15):
            chance = self.random.choice([0.5, 0.33333, 0.1, 0.9, 0.25])
            found.append(f"-m statistic --mode random {self.inverted(0.1)}--probability {chance:.5f}")
        if self.has("stateful", 0.15):
            found.append(self.stateful())
        if self.likely(0.04):
            short, long = (47, 48) if self.world.family == 4 else (67, 68)
            found.append(self.random.choice(self.world.others).format(short=short, long=long))
        return found

    def stateful(self) -> str:
        match self.random.randint(0, 2):
            case 0:
                every = self.random.choice([2, 3, 4])
                return f"-m statistic --mode nth {self.inverted(0.1)}--every {every} --packet {self.random.randrange(every)}"
            case 1:
                return f"-m limit --limit 1/hour --limit-burst {self.random.choice([1, 3, 5])}"
            case _:
                what = self.random.choice(["--set", "--rcheck --seconds 600 --reap", "--update --seconds 600", "--remove"])
                name, side = f"R{self.random.randint(0, 2)}", self.random.choice(["rsource", "rdest"])
                return f"-m recent {what} --name {name} --mask {self.world.whole} --{side}"

    def rare(self, table: str, hooks: set[str]) -> list[str]:
        """Matches that may stand in few places."""
        found = []
        if self.likely(0.12 * (0.5 if table == "nat" else 1)):
            limited = " --limit-iface-in" if hooks <= {"PREROUTING", "INPUT"} and self.likely(0.2) else ""
            found.append(f"-m addrtype {self.random.choice(self.world.address_types)}{limited}")
        if table in {"raw", "mangle"} and hooks == {"PREROUTING"} and self.has("rare", 0.15):
            found.append(f"-m rpfilter{self.random.choice(['', ' --loose', ' --accept-local', ' --invert', ' --loose --accept-local'])}")
        if hooks <= {"OUTPUT", "POSTROUTING"} and self.has("rare", 0.06):
            found.append(
                f"-m owner {self.random.choice(['! --socket-exists', '--socket-exists'])}"
                if hooks == {"POSTROUTING"}
                else "-m owner --socket-exists"
            )
        return found

    def matches(self, table: str, hooks: set[str], protocol: str | None) -> list[str]:
        """The matches of a rule."""
        self.wanted = {"proto": protocol} if protocol else {}
        loose = 0.5 if table == "nat" else 1  # fewer conditions, so that addresses are really translated
        found = [self.addresses("-s")] if self.likely(0.3 * loose) else []
        found += [self.addresses("-d")] if self.likely(0.4) else []
        found += [one] if (one := self.interfaces(hooks)) else []
        found += self.protocol(protocol, loose)
        if self.likely(0.15 * loose):
            value, mask = self.mark()
            self.wanted["mark"] = value & mask
            found.append(f"-m mark {self.inverted()}--mark {value & mask:#x}/{mask:#x}")
        found += self.connection(loose) + self.rare(table, hooks) + self.unusual()
        if self.likely(0.1):
            found.append(f'-m comment --comment "c{self.random.randint(0, 99)} \\"q\\" -j DROP"')
        return found

    # ---- targets

    def choices(self, table: str, hooks: set[str], callable_: list[str]) -> list[str]:
        """The targets that may stand here, likelier ones more than once."""
        found = ["jump"] * 4 + ["goto"] if callable_ else []
        found += ["ACCEPT", "ACCEPT", "RETURN", "LOG", "none"]
        found += ["DROP"] if table == "filter" or (table != "nat" and self.likely(0.3)) else []
        found += {"filter": ["ACCEPT", "REJECT", "MARK"], "mangle": ["MARK"] * 4, "nat": ["MARK"], "raw": ["MARK", "NOTRACK"]}.get(
            table, []
        )
        if table == "mangle" and "ct" in self.features:
            found.append("CONNMARK")
        if "rare" in self.features:
            found += {"mangle": ["TTL", "TOS", "SET", "NFQUEUE"], "filter": ["SET", "NFQUEUE"], "raw": ["CT"]}.get(table, [])
        if table == "nat" and "user" not in hooks:
            if hooks <= {"PREROUTING", "OUTPUT"}:
                found += ["DNAT"] * 5 + ["REDIRECT"] * 2
            if hooks <= {"POSTROUTING", "INPUT"}:
                found += ["SNAT"] * 3
            if hooks == {"POSTROUTING"}:
                found += ["MASQUERADE"] * 3
            if "rare" in self.features:
                found += ["NETMAP"] * 2
        return found

    def dnat(self, *, portful: bool) -> str:
        address, chance = self.random.choice(self.world.dnat), self.random.random()
        self.networks.append(address)
        if not portful or chance < 0.25:
            to = f"{address}-{ip_address(address) + 2}" if self.likely(0.15) else address
        elif chance < 0.7:
            to = self.ending(address, f"{self.port() or 1}")
        elif chance < 0.85:
            to = f":{self.port() or 1}"
        else:
            first = self.random.choice([8000, 30000])
            shift = f"/{self.random.choice([80, 8000])}" if self.has("rare", 0.3) else ""
            to = self.ending(address, f"{first}-{first + self.random.choice([1, 3])}{shift}")
        return f"-j DNAT --to-destination {to}{self.random.choice(['', '', '', ' --random', ' --persistent'])}"

    def translation(self, target: str, *, portful: bool) -> str:
        match target:
            case "DNAT":
                return self.dnat(portful=portful)
            case "REDIRECT":
                return f"-j REDIRECT{f' --to-ports {self.port() or 1}' if portful and self.likely(0.7) else ''}"
            case "NETMAP":
                return f"-j NETMAP --to {self.random.choice(self.world.mapped)}"
            case "SNAT":
                to = self.random.choice(self.world.snat)
                if portful and self.likely(0.3):
                    to = self.ending(to, f"2000-{2000 + self.random.choice([0, 100])}")
                return f"-j SNAT --to-source {to}{self.random.choice(['', '', ' --random-fully'])}"
            case _:
                ports = " --to-ports 1024-65535" if portful and self.likely(0.2) else ""
                return f"-j MASQUERADE{ports}{self.random.choice(['', '', ' --random-fully'])}"

    def marking(self, target: str) -> str:
        value, mask = self.mark()
        if target == "CONNMARK":
            shift = " --left-shift-mark 4" if self.has("rare", 0.2) else ""
            return self.random.choice(
                [
                    f"-j CONNMARK --set-xmark {value:#x}/{mask:#x}{shift}",
                    f"-j CONNMARK --save-mark --nfmask {mask:#x} --ctmask {mask:#x}{shift}",
                    f"-j CONNMARK --restore-mark --nfmask {mask:#x} --ctmask {mask:#x}{shift}",
                    "-j CONNMARK --save-mark",
                    "-j CONNMARK --restore-mark",
                ]
            )
        odd = f"{self.random.choice([0x4000, 0xFF, 0]):#x}/{self.random.choice([0, 0x4000, 0xFFFFFFFF]):#x}"
        return self.random.choice(
            [
                f"-j MARK --set-xmark {value:#x}/{mask:#x}",
                f"-j MARK --set-xmark {odd}",
                f"-j MARK --or-mark {value:#x}",
                f"-j MARK --and-mark {mask:#x}",
                f"-j MARK --xor-mark {value:#x}",
                f"-j MARK --set-mark {value & mask:#x}/{mask:#x}",
            ]
        )

    def rare_target(self, target: str) -> str:
        match target:
            case "TTL":
                name = "ttl" if self.world.family == 4 else "hl"
                return (
                    f"-j {name.upper()} {self.random.choice([f'--{name}-set 63', f'--{name}-dec 1', f'--{name}-inc 5', f'--{name}-set 1'])}"
                )
            case "TOS":
                return f"-j {self.random.choice(['TOS --set-tos 0x10/0x3f', 'DSCP --set-dscp 0x04', 'TOS --set-tos 0x08/0xff'])}"
            case "NFQUEUE":
                return f"-j NFQUEUE --queue-num {self.random.choice(['3', '4 --queue-bypass', '4 --queue-bypass'])}"
            case "CT":
                return f"-j CT {self.random.choice(['--ctevents new', '--notrack'])}"
            case _:
                name, kind = self.new_set()
                if "net" in kind or kind.startswith("bitmap"):
                    return "-j LOG"
                directions = ",".join(self.random.choice(["src", "dst"]) for _ in kind.split(","))
                return f"-j SET --{self.random.choice(['add', 'add', 'del'])}-set {name} {directions}"

    def target(self, table: str, hooks: set[str], protocol: str | None, callable_: list[str]) -> str:  # noqa: PLR0911 - one for each kind
        """The target of a rule; nothing if it has none."""
        found = self.random.choice(self.choices(table, hooks, callable_))
        match found:
            case "jump" | "goto":
                return f"-{found[0]} {self.random.choice(callable_)}"
            case "none":
                return ""
            case "REJECT":
                answer = "tcp-reset" if protocol == "tcp" and self.likely(0.5) else self.random.choice(self.world.rejects)
                return f"-j REJECT --reject-with {answer}"
            case "MARK" | "CONNMARK":
                return self.marking(found)
            case "NOTRACK":
                return self.random.choice(["-j NOTRACK", "-j CT --notrack"])
            case "LOG":
                return self.random.choice(['-j LOG --log-prefix "x: "', "-j NFLOG --nflog-group 7", "-j LOG"])
            case "DNAT" | "SNAT" | "REDIRECT" | "MASQUERADE" | "NETMAP":
                return self.translation(found, portful=protocol in PORTFUL)
            case "TTL" | "TOS" | "NFQUEUE" | "CT" | "SET":
                return self.rare_target(found)
            case _:
                return f"-j {found}"

    # ---- tables

    def table(self, name: str) -> str:
        """A table with up to four chains of its own."""
        base = [str(chain) for chain in BUILT_IN_OF[name]]
        users = [f"{name[0].upper()}-U{number}" for number in range(self.random.choice([0, 1, 2, 3, 4]))]
        # In nat, chains called from where the destination is translated and from where the source is, are different ones.
        sides = [{"PREROUTING", "OUTPUT"}, {"POSTROUTING"}, {"POSTROUTING", "INPUT"}]
        called_from = {user: self.random.choice(sides) if name == "nat" else set(base) for user in users}
        lines = [f"*{name}"]
        for one in base:
            chance = {"filter": 0.18, "mangle": 0.02, "raw": 0.02, "nat": 0.03 if "rare" in self.features else 0}.get(name, 0)
            lines.append(f":{one} {'DROP' if self.likely(chance) else 'ACCEPT'} [0:0]")
        lines += [f":{user} - [0:0]" for user in users]
        for place, chain in enumerate([*base, *users]):
            hooks = called_from.get(chain, {chain})
            behind = users if chain in base else users[place - len(base) + 1 :]
            callable_ = [user for user in behind if hooks <= called_from[user]]
            for _ in range(max(self.random.choice([0, 1, 2, 3, 5]), chain not in base)):
                lines.append(self.rule(name, chain, hooks, callable_, user=chain not in base))
        return "\n".join([*lines, "COMMIT"])

    def rule(self, table: str, chain: str, hooks: set[str], callable_: list[str], *, user: bool) -> str:
        rare = RARE_PROTOCOLS if self.has("rare", 0.1) else ()
        protocol = self.random.choice(rare or PROTOCOLS) if self.likely(0.55) else None
        target = self.target(table, hooks, protocol, callable_)
        matches = self.matches(table, {"user"} if user and table != "nat" else hooks | {"user"} if user else hooks, protocol)
        translates = target[3:].split(" ")[0] in {"DNAT", "REDIRECT", "SNAT", "MASQUERADE", "NETMAP"}
        self.hints.append(Hint(table, chain, user, translates, self.wanted))
        return " ".join(["-A", chain, *matches, *([target] if target else [])])

    def service(self, number: int) -> tuple[list[str], list[str]]:
        """The chains and the rules of one Service, as kube-proxy writes them."""
        protocol, port = self.random.choice(["tcp", "tcp", "udp", "sctp"]), self.port() or 1
        address = self.world.service.format(10 + number)
        service, outer = f"KUBE-SVC-{number:013}", f"KUBE-EXT-{number:013}"
        whole = f"{address}/{32 if self.world.family == 4 else 128}"
        self.networks += [whole] * 3
        chains = [service]
        rules = [f"KUBE-SERVICES -d {whole} -p {protocol} -m {protocol} --dport {port} -j {service}"]
        if self.likely(0.5):
            node_port = self.random.choice([30080 + number, 32767 - number])
            self.ports += [node_port] * 3
            chains.append(outer)
            rules += [
                f"KUBE-NODEPORTS -p {protocol} -m {protocol} --dport {node_port} -j {outer}",
                f"{outer} -j KUBE-MARK-MASQ",
                f"{outer} -j {service}",
            ]
        rules.append(f"{service} ! -s {self.world.cluster} -d {whole} -p {protocol} -m {protocol} --dport {port} -j KUBE-MARK-MASQ")
        count = self.random.choice([1, 1, 2, 3]) if "random" in self.features else 1
        for one in range(count):
            endpoint, pod = f"KUBE-SEP-{number:06}{one:06}", self.random.choice(self.world.pods).format(10 + 10 * number + one)
            self.networks += [pod] * 2
            chains.append(endpoint)
            share = "" if one == count - 1 else f"-m statistic --mode random --probability {1 / (count - one):.11f} "
            rules += [
                f"{service} {share}-j {endpoint}",
                f"{endpoint} -s {pod} -j KUBE-MARK-MASQ",
                f"{endpoint} -p {protocol} -m {protocol} -j DNAT --to-destination {self.ending(pod, str(8080 + one))}",
            ]
        return chains, rules

    def kube_nat(self) -> str:
        """A table nat as kube-proxy writes it."""
        chains = ["KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-SERVICES"]
        rules = [
            "PREROUTING -j KUBE-SERVICES",
            "OUTPUT -j KUBE-SERVICES",
            "POSTROUTING -j KUBE-POSTROUTING",
            "KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
            "KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
            "KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0",
            f"KUBE-POSTROUTING -j MASQUERADE{self.random.choice(['', ' --random-fully'])}",
        ]
        for number in range(self.random.randint(1, 4)):
            more_chains, more_rules = self.service(number)
            chains += more_chains
            rules += more_rules
        rules.append("KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")
        heads = [f":{chain} ACCEPT [0:0]" for chain in BUILT_IN_OF["nat"]] + [f":{chain} - [0:0]" for chain in chains]
        return "\n".join(["*nat", *heads, *(f"-A {rule}" for rule in rules), "COMMIT"])


__all__ = ["PORTFUL", "Hint", "RuleMaker"]
