"""KP318: a comment that names another endpoint."""

from __future__ import annotations

from tests.lint.linted import said, sound


def test_it_catches_an_endpoint_whose_address_was_changed() -> None:
    (found,) = said(sound().replace("--to-destination 192.168.104.1:80", "--to-destination 192.168.104.9:80"), "KP318")

    assert found.startswith("KP318 warning ")
    assert "default/nginx goes to 192.168.104.1:80, but KUBE-SEP-HZVZGM4N576VDS2S sends it to 192.168.104.9:80" in found


def test_it_catches_the_same_in_ipv6() -> None:
    text = sound("ipv6")
    first = text.split("--to-destination ", 1)[1].split("\n", 1)[0]

    assert said(text.replace(f"--to-destination {first}\n", "--to-destination [fd00::99]:1\n", 1), "KP318")
    assert not said(text, "KP318")


def test_it_says_once_what_two_rules_say_with_session_affinity() -> None:
    text = sound("external-access").replace("--to-destination 10.244.2.110:8080", "--to-destination 10.244.2.99:8080")

    assert text.count("shop/everything:http -> 10.244.2.110:8080") > 1
    (found,) = said(text, "KP318")
    assert "sends it to 10.244.2.99:8080" in found


def test_it_is_silent_on_sound_dumps_and_on_comments_that_name_no_endpoint() -> None:
    changed = sound().replace("--to-destination 192.168.104.1:80", "--to-destination 192.168.104.9:80")

    assert not said(sound(), "KP318")
    assert not said(sound("external-access"), "KP318")
    assert not said(changed.replace("default/nginx -> 192.168.104.1:80", "default/nginx -> node-1"), "KP318")
    assert not said(changed.replace("default/nginx -> 192.168.104.1:80", "default/nginx"), "KP318")


def test_it_does_not_compare_comments_that_may_be_cut_off_nor_with_addresses_that_are_lost() -> None:
    changed = sound().replace("--to-destination 192.168.104.1:80", "--to-destination 192.168.104.9:80")

    assert not said(changed.replace("default/nginx -> ", f"{'x' * 235}/nginx -> "), "KP318")
    assert not said(sound().replace("--to-destination 192.168.104.1:80", "--to-destination :0"), "KP318")
