"""KP111: rules of two versions of kube-proxy in one chain."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

ARROW = '"default/nginx -> 192.168.104.1:80"'
NOTE = f"-m comment --comment {ARROW} "


@pytest.mark.parametrize("comment", ['-m comment --comment "default/nginx" ', "-m comment --comment nginx ", ""])
def test_it_catches_rules_to_endpoints_with_old_and_new_comments(comment: str) -> None:
    (found,) = said(sound().replace(NOTE, comment), "KP111")

    assert found.startswith("KP111 warning ")
    assert "KUBE-SVC-2CMXP7HKUVJN7L6M" in found


def test_it_names_the_right_lines_in_the_middle_of_many_chains_of_one_form() -> None:
    name = "KUBE-SVC-{:A>16}"
    pair = '-A {0} -m comment --comment "a/b -> 10.0.0.1:1" -m statistic --mode random --probability 0.5 -j KUBE-SEP-{1}\n'
    last = '-A {0} -m comment --comment "a/b -> 10.0.0.2:1" -j KUBE-SEP-{1}\n'
    chains = [name.format("".join(chr(65 + int(digit)) for digit in str(number))) for number in range(100)]
    rules = [text.format(chain, "A" * 16) for chain in chains for text in (pair, last)]
    rules[87] = rules[87].replace(" -> 10.0.0.2:1", "")
    text = "*nat\n:PREROUTING ACCEPT [0:0]\n" + "".join(f":{chain} - [0:0]\n" for chain in chains) + "".join(rules) + "COMMIT\n"

    (found,) = said(text, "KP111")
    assert text.splitlines()[int(found.split()[2].rstrip(":")) - 1] == rules[87].rstrip("\n")
    assert chains[43] in found


def test_it_catches_chains_of_two_ages_behind_one_top_chain() -> None:
    rule = "-A KUBE-NODEPORTS -p tcp -m tcp --dport 3000{0} -j KUBE-{1}-2CMXP7HKUVJN7L6M\n"
    first, second = rule.format(1, "XLB"), rule.format(2, "EXT")
    with_both = sound().replace("-A KUBE-POSTROUTING", f"{first}{second}-A KUBE-POSTROUTING", 1)

    (found,) = said(with_both, "KP111")
    assert "KUBE-NODEPORTS" in found
    assert not said(with_both.replace(first, ""), "KP111")
    assert not said(with_both.replace(second, ""), "KP111")


def test_it_catches_old_and_new_rules_in_kube_forward() -> None:
    new = '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule"'
    old = '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack pod source rule" -j ACCEPT\n'

    (found,) = said(sound().replace(new, old + new), "KP111")
    assert "KUBE-FORWARD" in found


def test_it_is_silent_on_a_sound_dump_and_where_all_comments_are_of_one_kind() -> None:
    assert not said(sound(), "KP111")
    assert not said(sound("mixed-cluster"), "KP111")
    assert not said(
        sound().replace(" -> 192.168.104.1:80", "").replace(" -> 192.168.166.129:80", "").replace(" -> 192.168.166.130:80", ""), "KP111"
    )


def test_it_is_silent_on_chains_that_the_kubelet_writes_too() -> None:
    old = "-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE\n"

    assert not said(sound().replace("-A KUBE-SEP-", old + "-A KUBE-SEP-", 1), "KP111")


def test_it_passes_over_chains_with_one_endpoint_and_rules_that_lead_nowhere() -> None:
    chain = "-A KUBE-SVC-2CMXP7HKUVJN7L6M "
    alone = "".join(line for line in sound().splitlines(keepends=True) if not line.startswith(chain))
    one = f"{chain}-j KUBE-SEP-E4DERYY2XOMCBE7I\n"
    ended = alone.removesuffix(alone[alone.rindex("COMMIT") :])

    assert not said(f"{ended}{one}COMMIT\n", "KP111")
    assert not said(f"{ended}{chain}-m comment --comment note\n{chain}-j RETURN\n{one}COMMIT\n", "KP111")
