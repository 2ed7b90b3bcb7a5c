"""KP310: a node port that two Services claim."""

from __future__ import annotations

from tests.lint.linted import said, sound

RULE = '-A KUBE-NODEPORTS -p tcp -m comment --comment "{name}" -m tcp --dport {port} -j {chain}\n'
OWN = RULE.format(name="default/nginx", port=30080, chain="KUBE-SVC-2CMXP7HKUVJN7L6M")
END = "-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-HZVZGM4N576VDS2S\n"
DECLARED = ":KUBE-SVC-2CMXP7HKUVJN7L6M - [0:0]\n"
FIRST = "-A KUBE-POSTROUTING"


def _with(port: int) -> str:
    text = sound().replace(DECLARED, f"{DECLARED}:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]\n")
    return text.replace(FIRST, OWN + RULE.format(name="other/web", port=port, chain="KUBE-SVC-AAAAAAAAAAAAAAAA") + END + FIRST, 1)


def test_it_catches_the_second_service_at_one_node_port() -> None:
    (found,) = said(_with(30080), "KP310")

    assert found.startswith("KP310 error ")
    assert found.endswith("other/web and default/nginx both claim tcp 30080, and default/nginx gets it")


def test_it_is_silent_on_sound_dumps_and_on_two_node_ports() -> None:
    assert not said(sound(), "KP310")
    assert not said(sound("external-access"), "KP310")
    assert not said(_with(30081), "KP310")


def _shared(text: str, one: int, other: int) -> str:
    """With one node port for two Services."""
    assert f"--dport {one} " in text
    return text.replace(f"--dport {one} ", f"--dport {other} ")


def test_it_catches_two_services_that_each_get_a_part_of_the_traffic_and_says_it_once() -> None:
    (found,) = said(_shared(sound("local-policies"), 31009, 31005), "KP310")

    assert found.startswith("KP310 error ")
    assert found.endswith(
        "pol/np-local-none:http and pol/both-local-some:http both claim tcp 31005, "
        "and pol/both-local-some:http gets what comes from outside the cluster"
    )


def test_it_says_so_where_only_traffic_from_within_the_cluster_is_divided() -> None:
    rule = next(line for line in sound("local-policies").splitlines(keepends=True) if '"pol/np-local-none:http" -m tcp' in line)
    pods = rule.replace("-p tcp", "-s 10.244.0.0/16 -p tcp").replace("pol/np-local-none:http", "pol/both-local-some:http")
    pods = pods.rpartition(" -j ")[0] + " -j KUBE-EXT-RPUQWJ6MIRL5LXJM\n"
    (found,) = said(sound("local-policies").replace(rule, pods + rule), "KP310")

    assert rule.startswith("-A KUBE-NODEPORTS ")
    assert found.endswith("gets a part of what comes from Pods or the node")
