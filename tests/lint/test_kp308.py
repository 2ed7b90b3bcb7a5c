"""KP308: the chain of a Service belongs to another one than the comment says."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound


def test_it_catches_a_comment_that_does_not_fit_the_hash() -> None:
    (found,) = said(sound().replace("default/nginx cluster IP", "my/secret cluster IP"), "KP308")

    assert found.startswith("KP308 warning ")
    assert found.endswith(": either the name in the comment was changed, or default/nginx answers connections to my/secret")
    assert "KUBE-SVC-2CMXP7HKUVJN7L6M is the chain of default/nginx, not of my/secret" in found


def test_it_says_which_well_known_service_the_chain_belongs_to() -> None:
    (found,) = said(sound().replace("2CMXP7HKUVJN7L6M", "NPX46M4PTMTKRN6Y"), "KP308")

    assert "KUBE-SVC-NPX46M4PTMTKRN6Y is the chain of default/kubernetes:https, not of default/nginx" in found


def test_it_says_so_where_the_hash_is_of_no_well_known_service() -> None:
    (found,) = said(sound().replace("2CMXP7HKUVJN7L6M", "AAAAAAAAAAAAAAAA"), "KP308")

    assert "the comment says default/nginx, which does not fit the hash in KUBE-SVC-AAAAAAAAAAAAAAAA:" in found
    assert found.endswith(" or another Service answers these connections")


def test_it_says_it_once_for_all_addresses_of_a_service() -> None:
    broken = sound("external-access").replace("shop/lb:http ", "shop/secret:http ").replace('"shop/lb:http"', '"shop/secret:http"')

    assert len(said(broken, "KP308")) == 1


def test_it_is_silent_on_healthy_dumps() -> None:
    for name in ("classic-nginx", "external-access", "ipv6", "local-policies", "mixed-cluster"):
        assert not said(sound(name), "KP308")


def test_it_is_silent_on_a_service_without_a_port_name_as_old_versions_wrote_it() -> None:
    assert not said(sound().replace("2CMXP7HKUVJN7L6M", "4N57TFCL4MD7ZTDA"), "KP308")


def test_it_is_silent_on_comments_that_name_no_service_or_are_missing() -> None:
    comment = ' -m comment --comment "default/nginx cluster IP"'

    assert not said(sound().replace(comment, ""), "KP308")
    assert not said(sound().replace(comment, ' -m comment --comment "something else"'), "KP308")


RULE = '-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "default/nginx cluster IP" -m tcp --dport 80'


def test_it_catches_a_rule_that_takes_packets_of_another_protocol_than_the_service() -> None:
    for protocol in ("udp", "17", "sctp"):
        other = RULE.replace("-p tcp", f"-p {protocol}").replace("-m tcp", f"-m {'sctp' if protocol == 'sctp' else 'udp'}")
        (found,) = said(sound().replace(RULE, other), "KP308")

        assert found.startswith("KP308 error ")
        named = "UDP" if protocol == "17" else protocol.upper()
        assert f"this rule takes {named} packets alone, but default/nginx is a TCP port: no connection reaches the Service by it" in found


def test_it_tells_each_rule_of_a_wrong_protocol_of_a_service_with_several_addresses() -> None:
    text = sound("external-access")
    leading = [line for line in text.splitlines() if line.endswith("-j KUBE-EXT-SFI6WFYVOPLVDYRH")]
    broken = text
    for line in leading:
        broken = broken.replace(line, line.replace("-p tcp", "-p udp").replace("-m tcp", "-m udp"))
    found = findings(broken, "KP308")

    assert [one.place.text.split()[1] for one in found] == ["KUBE-NODEPORTS", "KUBE-SERVICES", "KUBE-SERVICES"]
    assert len({one.fingerprint for one in found}) == len(found) == len(leading)


def test_it_is_silent_on_a_rule_that_takes_every_protocol_or_all_but_another() -> None:
    for protocol in ("", "-p all ", "! -p udp "):
        assert not said(sound().replace(RULE, RULE.replace("-p tcp ", protocol).replace(" -m tcp --dport 80", "")), "KP308")


def test_it_tells_only_the_name_where_that_does_not_fit() -> None:
    other = RULE.replace("-p tcp", "-p udp").replace("-m tcp", "-m udp").replace("default/nginx", "my/secret")
    (found,) = said(sound().replace(RULE, other), "KP308")

    assert "is the chain of default/nginx, not of my/secret" in found
