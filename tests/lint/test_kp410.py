"""KP410: kube-proxy does not know which traffic comes from Pods."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

SOURCE = "-A KUBE-SVC-2CMXP7HKUVJN7L6M ! -s 192.168.0.0/16 -d 10.109.35.24/32"
WITHOUT = "".join(line for line in sound().splitlines(keepends=True) if not line.startswith(SOURCE))


def test_it_catches_services_without_a_rule_that_marks_what_is_not_from_pods() -> None:
    (found,) = said(WITHOUT, "KP410")

    assert found.startswith("KP410 info ")
    assert found.endswith(": kube-proxy does not know which addresses Pods have: traffic of others to cluster IPs is not masqueraded")


def test_it_catches_them_where_only_traffic_to_outside_addresses_is_marked() -> None:
    outside = '-m comment --comment "default/nginx:http external IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'
    rule = f"-A KUBE-SVC-2CMXP7HKUVJN7L6M -d 203.0.113.61/32 -p tcp {outside}\n"

    assert len(said(WITHOUT.replace("-A KUBE-SVC-", f"{rule}-A KUBE-SVC-", 1), "KP410")) == 1


def test_it_is_silent_where_addresses_or_interfaces_tell_pods() -> None:
    assert not said(sound(), "KP410")
    assert not said(sound().replace("! -s 192.168.0.0/16 -d 10.109.35.24/32", "-d 10.109.35.24/32 ! -i cali+"), "KP410")


def test_it_is_silent_where_everything_is_masqueraded_even_without_comments() -> None:
    everything = sound().replace("! -s 192.168.0.0/16 -d 10.109.35.24/32", "-d 10.109.35.24/32")

    assert not said(everything, "KP410")
    assert not said(everything.replace('-m comment --comment "default/nginx cluster IP" ', ""), "KP410")


def test_it_is_silent_where_no_service_has_endpoints() -> None:
    lines = WITHOUT.splitlines(keepends=True)

    assert not said("".join(line for line in lines if "KUBE-SVC-" not in line and "KUBE-SEP-" not in line), "KP410")


def test_it_warns_of_one_service_without_the_rule_that_others_have() -> None:
    text = sound("external-access")
    rules = [line for line in text.splitlines(keepends=True) if line.startswith("-A KUBE-SVC-") and " ! -s " in line]
    name = rules[0].split('"')[1].removesuffix(" cluster IP")
    (found,) = findings(text.replace(rules[0], ""), "KP410")

    assert found.severity == "warning"
    assert found.place.message.english() == (
        f"{name} (TCP) lacks a rule that other Services have: traffic to its cluster IP from outside the cluster is not masqueraded"
    )
    assert found.place.text.startswith("-A KUBE-SERVICES -d ")
    assert name in found.place.text
    assert len(said(text.replace(rules[0], "").replace(rules[1], ""), "KP410")) == 2


def test_it_warns_of_one_service_without_the_rule_where_everything_is_masqueraded() -> None:
    everything = sound("external-access").replace(" ! -s 10.244.0.0/16 -d ", " -d ")
    rule = next(line for line in everything.splitlines(keepends=True) if line.startswith("-A KUBE-SVC-") and ' cluster IP"' in line)

    assert not said(everything, "KP410")
    assert len(said(everything.replace(rule, ""), "KP410")) == 1


def test_it_warns_of_a_rule_that_does_not_fit_its_service() -> None:
    rule = "-A KUBE-SVC-2CMXP7HKUVJN7L6M ! -s 192.168.0.0/16 -d 10.109.35.24/32 -p tcp"
    text = sound().replace(rule, rule.replace(".24/32", ".99/32"))
    (found,) = findings(text, "KP410")

    assert found.severity == "warning"
    assert found.place.text.startswith(rule.replace(".24/32", ".99/32"))
    assert found.place.message.english() == (
        "the rule in KUBE-SVC-2CMXP7HKUVJN7L6M that marks packets for masquerade does not fit default/nginx: it asks for another "
        "address or port, so traffic to the cluster IP from outside the cluster is not masqueraded"
    )
    assert [text.splitlines()[one.line - 1].split()[1] for one in found.related] == ["KUBE-SERVICES"]
    words = next(line for line in sound().splitlines() if line.startswith(rule))
    for other in (words.replace("--dport 80", "--dport 81"), words.replace("tcp", "udp")):
        assert "does not fit" in said(sound().replace(words, other), "KP410")[0]


def test_it_is_silent_where_the_mark_itself_is_broken_or_set_too_late() -> None:
    mark = "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n"
    lines = sound().splitlines(keepends=True)
    rule = next(line for line in lines if line.startswith(SOURCE))
    own = [line for line in lines if line.startswith("-A KUBE-SVC-2CMXP7HKUVJN7L6M")]

    assert mark in sound()
    assert not said(sound().replace(mark, ""), "KP410")
    assert not said(sound().replace("".join(own), "".join(line for line in own if line != rule) + rule), "KP410")


def test_it_does_not_look_at_a_dump_without_nat() -> None:
    assert not said("*filter\n:INPUT ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP410")


MARKS = [
    line for line in sound("external-access").splitlines(keepends=True) if line.startswith("-A KUBE-EXT-") and "KUBE-MARK-MASQ" in line
]


def test_it_warns_of_a_service_whose_clients_from_outside_are_not_masqueraded() -> None:
    name = MARKS[0].split('"')[1].removeprefix("masquerade traffic for ").removesuffix(" external destinations")
    (found,) = findings(sound("external-access").replace(MARKS[0], ""), "KP410")

    assert found.severity == "warning"
    assert f"of {name} (TCP) is not masqueraded: answers of endpoints on other nodes do not come back" in found.place.message.english()


def test_it_leaves_clients_from_outside_to_others_where_masquerade_does_not_work_at_all() -> None:
    text = sound("external-access")

    assert said(text.replace("--set-xmark 0x4000/0x4000", "--set-xmark 0x2000/0x2000"), "KP410") == []
    assert said(sound("local-policies"), "KP410") == []


def test_it_warns_once_where_no_service_has_the_rule_though_another_one_shows_the_addresses_of_the_pods() -> None:
    text = sound("local-policies")
    rules = [line for line in text.splitlines(keepends=True) if line.startswith(("-A KUBE-SVC-", "-A KUBE-SVL-")) and " ! -s " in line]
    bare = "".join(line for line in text.splitlines(keepends=True) if line not in rules)
    (found,) = findings(bare, "KP410")

    assert '"pod traffic for ' in bare
    assert len(rules) > 1
    assert found.severity == "warning"
    assert found.place.message.english() == (
        "no Service has the rule that masquerades traffic to cluster IPs from outside the cluster, though kube-proxy knows Pods by "
        "10.244.0.0/16"
    )
    assert found.place.text.startswith("-A KUBE-SERVICES -d ")


def test_it_warns_of_each_service_where_a_single_one_has_the_rule() -> None:
    lines = sound("local-policies").splitlines(keepends=True)
    first, *others = [line for line in lines if line.startswith(("-A KUBE-SVC-", "-A KUBE-SVL-")) and " ! -s " in line]
    found = findings("".join(line for line in lines if line not in others), "KP410")

    assert first.split('"')[1].endswith(" cluster IP")
    assert len(found) > 1
    assert all("lacks a rule that other Services have" in one.place.message.english() for one in found)


def test_it_warns_once_too_where_the_rules_stand_in_kube_services_as_in_old_versions() -> None:
    old = (
        "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
        ":KUBE-MARK-MASQ - [0:0]\n:KUBE-POSTROUTING - [0:0]\n:KUBE-SEP-HZVZGM4N576VDS2S - [0:0]\n:KUBE-SERVICES - [0:0]\n"
        ":KUBE-SVC-2CMXP7HKUVJN7L6M - [0:0]\n:KUBE-XLB-2CMXP7HKUVJN7L6M - [0:0]\n"
        "-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES\n-A POSTROUTING -j KUBE-POSTROUTING\n"
        "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE\n"
        "-A KUBE-SEP-HZVZGM4N576VDS2S -s 192.168.104.1/32 -j KUBE-MARK-MASQ\n"
        "-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80\n{}"
        '-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "default/nginx cluster IP" -m tcp --dport 80'
        " -j KUBE-SVC-2CMXP7HKUVJN7L6M\n"
        "-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S\n"
        "-A KUBE-XLB-2CMXP7HKUVJN7L6M -s 192.168.0.0/16 -j KUBE-SVC-2CMXP7HKUVJN7L6M\nCOMMIT\n"
    )
    rule = (
        '-A KUBE-SERVICES ! -s 192.168.0.0/16 -d {}/32 -p tcp -m comment --comment "default/nginx cluster IP" -m tcp --dport 80'
        " -j KUBE-MARK-MASQ\n"
    )

    assert not said(old.format(rule.format("10.109.35.24")), "KP410")
    assert ["no Service has the rule" in line for line in said(old.format(""), "KP410")] == [True]
    assert not any("no Service has the rule" in line for line in said(old.format(rule.format("10.109.35.99")), "KP410"))
