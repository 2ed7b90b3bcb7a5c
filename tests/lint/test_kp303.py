"""KP303: connections that get past all endpoints."""

from __future__ import annotations

import re

from tests.lint.linted import findings, said, sound

LAST = '-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.166.130:80" -j KUBE-SEP-QZQ6SCLOCLOPP2FJ\n'
DRAWS = "-m statistic --mode random --probability 0.50000000000"


def test_it_catches_a_chain_whose_last_rule_draws_and_says_how_much_is_lost() -> None:
    (found,) = said(sound().replace(LAST, ""), "KP303")

    assert found.startswith("KP303 error ")
    assert found.endswith(": 33.3 % of the connections to default/nginx reach no endpoint and time out (chain KUBE-SVC-2CMXP7HKUVJN7L6M)")


def test_it_says_of_a_very_small_loss_that_it_is_one() -> None:
    drawn = LAST.replace("-j", "-m statistic --mode random --probability 0.99999999000 -j")
    (found,) = said(sound().replace(LAST, drawn), "KP303")

    assert "less than 0.01 %" in found


def test_it_is_silent_on_sound_chains_and_where_another_rule_takes_the_rest() -> None:
    certain = LAST.replace("-j", "-m statistic --mode random --probability 1.00000000000 -j")

    assert not said(sound(), "KP303")
    assert not said(sound("local-policies"), "KP303")
    assert not said(sound().replace(LAST, certain), "KP303")
    assert not said(sound().replace(LAST, "-A KUBE-SVC-2CMXP7HKUVJN7L6M -j DNAT --to-destination 10.0.0.1:80\n"), "KP303")


def test_it_does_not_judge_chains_in_which_more_than_chance_decides() -> None:
    asked = (
        sound()
        .replace(LAST, "")
        .replace("-m statistic --mode random --probability 0.5", "-s 10.0.0.0/8 -m statistic --mode random --probability 0.5")
    )

    assert not said(asked, "KP303")
    assert not said(sound().replace(LAST, "").rpartition("COMMIT")[0], "KP303")


def _without_jumps(text: str) -> tuple[str, set[str]]:
    """Without the rules of KUBE-EXT chains that lead every packet to all endpoints of a Service; and these chains."""
    lines = text.splitlines(keepends=True)
    jumps = [line for line in lines if line.startswith("-A KUBE-EXT-") and line.split()[2:3] == ["-j"] and "-j KUBE-SVC-" in line]
    return "".join(line for line in lines if line not in jumps), {line.split()[1] for line in jumps}


def test_it_catches_a_chain_for_traffic_from_outside_that_leads_nowhere() -> None:
    text, chains = _without_jumps(sound("external-access"))
    found = findings(text, "KP303")
    told = {one.place.text.split()[1] for one in found} | {
        text.splitlines()[more.line - 1].split()[1] for one in found for more in one.related
    }

    assert all(one.severity == "error" for one in found)
    assert all(one.place.message.english().startswith("connections from outside to shop/") for one in found)
    assert told == chains
    assert f"reach no endpoint: no rule in {found[0].place.text.split()[1]} leads to any" in found[0].place.message.english()


def test_it_tells_a_service_once_for_all_its_chains() -> None:
    text, chains = _without_jumps(sound("external-access"))
    service = re.compile(r'"shop/[a-z-]+(?=[:" ])')
    (found,) = findings(service.sub('"shop/one', text), "KP303")

    assert found.place.message.english() == (
        f"connections from outside to shop/one reach no endpoint: no rule in its {len(chains)} chains leads to any"
    )
    assert len(found.related) == 5 < len(chains)


def test_it_names_the_service_without_its_port_where_several_ports_are_hit() -> None:
    drawn = re.sub(
        r"(?m)^(-A KUBE-SVC-\w+ -m comment --comment \"[^\"]* -> [^\"]*\" )(?=-j KUBE-SEP-)", rf"\1{DRAWS} ", sound("mixed-cluster")
    )
    found = said(drawn, "KP303")

    assert any(
        " a part of the connections to platform/cdn-edge reaches no endpoint and times out, in 2 of its chains: 50 % in KUBE-SVC-" in line
        for line in found
    )
    assert any(" 50 % of the connections to shop/billing:http reach no endpoint" in line for line in found)


def test_it_catches_such_a_chain_of_policy_local_that_does_not_lead_to_the_endpoints_of_the_node() -> None:
    lines = sound("local-policies").splitlines(keepends=True)
    jumps = [line for line in lines if line.startswith("-A KUBE-EXT-") and "-j KUBE-SVL-" in line]
    found = said("".join(line for line in lines if line not in jumps), "KP303")

    assert len(found) == len(jumps) > 1
    assert all(f"reach no endpoint: no rule in {line.split()[1]} leads to those on this node" in "".join(found) for line in jumps)


def test_it_is_silent_on_a_chain_of_endpoints_that_a_large_cluster_may_have_left_behind() -> None:
    lines = sound("local-policies").splitlines(keepends=True)
    jump = next(line for line in lines if line.startswith("-A KUBE-EXT-") and "-j KUBE-SVL-IFHEYXZ4NZ2YH3FD" in line)
    text = sound("local-policies").replace(jump, "")
    endpoints = [line for line in lines if line.startswith(("-A KUBE-SEP-", "-A KUBE-SVC-", "-A KUBE-SVL-"))]
    large = text
    for line in endpoints:
        large = large.replace(line, re.sub(r"-m comment --comment \"[^\"]*(?: -> \S+|:http)\" ", "", line))

    assert len(said(text, "KP303")) == 1
    assert not said(large, "KP303")


def test_it_is_silent_on_chains_for_traffic_from_outside_that_are_sound_or_that_no_traffic_comes_to() -> None:
    text, chains = _without_jumps(sound("external-access"))
    top = ("-A KUBE-SERVICES", "-A KUBE-NODEPORTS", "-A KUBE-FW-")
    stale = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(top))

    assert chains
    assert not said(stale, "KP303")
    assert not said(sound("external-access"), "KP303")
