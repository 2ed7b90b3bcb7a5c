"""KP308: the chain of a Service belongs to another one than the comment says."""

from __future__ import annotations

from tests.lint.linted import said, sound


def test_it_catches_a_comment_that_does_not_fit_the_hash() -> None:
    (found,) = said(sound().replace("default/nginx cluster IP", "my/secret cluster IP"), "KP308")

    assert found.startswith("KP308 warning ")
    assert "KUBE-SVC-2CMXP7HKUVJN7L6M is the chain of default/nginx, not of my/secret" in found


def test_it_says_which_well_known_service_the_chain_belongs_to() -> None:
    (found,) = said(sound().replace("2CMXP7HKUVJN7L6M", "NPX46M4PTMTKRN6Y"), "KP308")

    assert "KUBE-SVC-NPX46M4PTMTKRN6Y is the chain of default/kubernetes:https, not of default/nginx" in found


def test_it_says_so_where_the_hash_is_of_no_well_known_service() -> None:
    (found,) = said(sound().replace("2CMXP7HKUVJN7L6M", "AAAAAAAAAAAAAAAA"), "KP308")

    assert "the hash in KUBE-SVC-AAAAAAAAAAAAAAAA does not fit the name in the comment, default/nginx" in found


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
