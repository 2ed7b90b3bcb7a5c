"""KP407: what kube-proxy marks to be dropped is not dropped."""

from __future__ import annotations

from tests.lint.linted import said, sound

CHAIN = ":KUBE-MARK-DROP - [0:0]\n"
MARK = "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000\n"
USE = "-A KUBE-FW-2CMXP7HKUVJN7L6M -j KUBE-MARK-DROP\n"
DROP = '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP\n'
NOT_DROPPED = "no rule of filter drops what KUBE-MARK-DROP marks with 0x8000: it passes"
NOT_MARKED = "KUBE-MARK-DROP marks nothing: what kube-proxy wants dropped passes"


def _old(*, mark: str = MARK, use: str = USE, drop: str = DROP) -> str:
    """The sound dump with the rules of kube-proxy up to 1.24 and its kubelet that drop."""
    text = sound().replace(":KUBE-MARK-MASQ - [0:0]\n", f"{CHAIN}:KUBE-MARK-MASQ - [0:0]\n:KUBE-FW-2CMXP7HKUVJN7L6M - [0:0]\n")
    text = text.replace("-A KUBE-MARK-MASQ", f"{use}{mark}-A KUBE-MARK-MASQ", 1)
    return text.replace("-A KUBE-FORWARD", f"{drop}-A KUBE-FORWARD", 1)


def _sentences(text: str) -> list[str]:
    return [line.split(" ", 2)[1] + line.split(":", 1)[1] for line in said(text, "KP407")]


def test_it_catches_a_filter_that_does_not_drop_what_is_marked() -> None:
    assert _sentences(_old(drop="")) == [f"warning {NOT_DROPPED}"]
    assert _sentences(_old(drop=DROP.replace("0x8000", "0x2000"))) == [f"warning {NOT_DROPPED}"]
    assert _sentences(_old(drop=DROP.replace("-j DROP", "-j RETURN"))) == [f"warning {NOT_DROPPED}"]
    assert _sentences(_old(drop=DROP.replace("--mark", "! --mark"))) == [f"warning {NOT_DROPPED}"]


def test_it_catches_a_mark_chain_that_is_empty() -> None:
    assert _sentences(_old(mark="")) == [f"warning {NOT_MARKED}"]


def test_it_is_an_info_where_nothing_of_the_kubelet_is_in_the_dump() -> None:
    without = "".join(line for line in _old(drop="").splitlines(keepends=True) if "KUBE-FIREWALL" not in line)

    assert _sentences(without) == [f"info {NOT_DROPPED}"]


def test_it_is_silent_where_a_rule_drops_what_is_marked_or_may() -> None:
    assert not said(_old(), "KP407")
    assert not said(_old(drop="-A INPUT -m mark --mark 0x8000/0x8000 -j REJECT --reject-with icmp-port-unreachable\n"), "KP407")
    assert not said(_old(drop="-A KUBE-FIREWALL -m mark [unsupported revision] -j DROP\n"), "KP407")


def test_it_is_silent_where_nothing_is_marked_to_be_dropped() -> None:
    assert not said(sound(), "KP407")
    assert not said(_old(use="", drop=""), "KP407")


def test_it_is_silent_where_the_chain_does_something_else_or_the_filter_table_was_left_out() -> None:
    assert not said(_old(mark="-A KUBE-MARK-DROP -j RETURN\n", drop=""), "KP407")
    assert not said(f"*nat\n{CHAIN}:KUBE-FW-2CMXP7HKUVJN7L6M - [0:0]\n{USE}COMMIT\n", "KP407")
