"""KP202: traffic leaves before it is masqueraded."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

JUMP = '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n'


def _before(rules: str) -> str:
    return sound().replace(JUMP, rules + JUMP)


def test_it_catches_rules_that_let_the_pods_traffic_leave_first() -> None:
    for rule in ("-s 192.168.0.0/16 -d 192.168.0.0/16 -j RETURN", "-j ACCEPT", "-m mark --mark 0x4000/0x4000 -j ACCEPT"):
        (found,) = said(_before(f"-A POSTROUTING {rule}\n"), "KP202")
        assert found.startswith("KP202 error ")
        assert "POSTROUTING" in found


def test_it_tells_the_same_after_the_lines_moved() -> None:
    broken = _before("-A POSTROUTING -j ACCEPT\n")
    (one,), (other,) = findings(broken, "KP202"), findings("# moved\n" + broken, "KP202")
    assert one.fingerprint == other.fingerprint


def test_it_follows_jumps() -> None:
    (found,) = said(_before("-A POSTROUTING -j MINE\n-A MINE -p tcp -j ACCEPT\n"), "KP202")
    assert "chain MINE" in found


def test_it_is_silent_on_a_sound_dump_and_where_the_rule_stands_behind() -> None:
    assert not said(sound(), "KP202")
    assert not said(sound().replace(JUMP, JUMP + "-A POSTROUTING -j ACCEPT\n"), "KP202")


def test_it_is_silent_where_marked_traffic_does_not_match_or_comes_back() -> None:
    for rule in (
        "-A POSTROUTING -m mark ! --mark 0x4000/0x4000 -j ACCEPT\n",
        "-A POSTROUTING -m mark --mark 0x0/0x4000 -j ACCEPT\n",
        "-A POSTROUTING -s 172.17.0.0/16 -j ACCEPT\n",
        "-A POSTROUTING -d 192.168.104.1/32 -j ACCEPT\n",
        "-A POSTROUTING -p udp -j ACCEPT\n",
        "-A POSTROUTING -m conntrack --ctstate ESTABLISHED -j ACCEPT\n",
        "-A POSTROUTING -j MINE\n-A MINE -j RETURN\n",
        "-A POSTROUTING -j MASQUERADE\n",
    ):
        assert not said(_before(rule), "KP202"), rule


def test_it_is_silent_where_something_is_not_known() -> None:
    for rule in (
        "-A POSTROUTING -o docker0 -j ACCEPT\n",
        "-A POSTROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT\n",
        "-A POSTROUTING -m set --match-set pods dst -j ACCEPT\n",
        "-A POSTROUTING -m nonsense --foo -j RETURN\n-A POSTROUTING -j ACCEPT\n",
        "-A POSTROUTING -j NOSUCHTARGET --foo\n-A POSTROUTING -j ACCEPT\n",
        "-A POSTROUTING -j MINE\n-A MINE -j MINE\n",
    ):
        assert not said(_before(rule), "KP202"), rule


def test_it_is_silent_where_nothing_tells_the_pods_network() -> None:
    assert not said(_before("-A POSTROUTING -j ACCEPT\n").replace("! -s 192.168.0.0/16 ", ""), "KP202")


def test_it_is_silent_where_the_jump_is_missing_or_traffic_comes_back_from_a_goto() -> None:
    assert not said(sound().replace(JUMP, "-A POSTROUTING -j ACCEPT\n"), "KP202")
    assert not said(_before("-A POSTROUTING -g MINE\n-A MINE -j RETURN\n"), "KP202")


def test_it_is_silent_where_two_rules_share_the_traffic_or_a_translation_is_not_simple() -> None:
    assert not said(_before("-A POSTROUTING -d 192.168.104.1/32 -j ACCEPT\n-A POSTROUTING -j ACCEPT\n"), "KP202")
    odd = _before("-A POSTROUTING -j ACCEPT\n")
    for end in (".129:80", ".1:80", ".130:80"):
        odd = odd.replace(f"{end}\n", f"{end.removesuffix(':80')}\n")
    assert not said(odd, "KP202")


def test_it_looks_at_no_more_than_some_endpoints() -> None:
    many = "".join(
        f"-A KUBE-SEP-{'A' * 14}{a}{b} -p tcp -m tcp -j DNAT --to-destination 192.168.7.7:80\n" for a in "ABCDEFGH" for b in "ABCDEFGH"
    )
    assert said(_before("-A POSTROUTING -j ACCEPT\n").replace("-A KUBE-SERVICES", f"{many}-A KUBE-SERVICES", 1), "KP202")


def test_it_is_silent_on_ports_and_addresses_that_do_not_fit() -> None:
    for rule in (
        "-m iprange --dst-range 10.0.0.1-10.0.0.9 -j ACCEPT",
        "-p tcp -m multiport --dports 81,82 -j ACCEPT",
        "-s 192.168.104.1/32 ! -d 192.168.0.0/16 -j ACCEPT",
        "-m iprange --src-range 192.168.0.1-192.168.255.9 -j ACCEPT",
    ):
        assert not said(_before(f"-A POSTROUTING {rule}\n"), "KP202"), rule


def test_it_does_not_look_past_a_target_that_changes_the_packet() -> None:
    assert not said(_before("-A POSTROUTING -j MARK --set-xmark 0x0/0x4000\n-A POSTROUTING -j ACCEPT\n"), "KP202")
