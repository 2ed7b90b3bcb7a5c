"""KP315: session affinity that cannot work."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

AFFINE = "external-access"
BOUND = "KUBE-SEP-AVLJTWSU3UX3S3PK"
SERVICE = "KUBE-SVC-6HDFOFYL7QHLWR3G"


def test_it_catches_an_endpoint_that_only_bound_clients_reach() -> None:
    (found,) = said(_without_drawn(), "KP315")

    assert found.startswith("KP315 error ")
    assert found.endswith(f"{SERVICE} keeps clients at {BOUND}, which it gives to nobody else")


def test_it_warns_where_the_version_writes_such_rules_by_itself() -> None:
    old = sound("classic-nginx").split("*nat", 1)[1]
    chains = old.replace("-> 192", "192").replace("KUBE-PROXY-CANARY", "KUBE-MARK-DROP")
    bound = (
        "-A KUBE-SVC-2CMXP7HKUVJN7L6M -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-HZVZGM4N576VDS2S --mask 255.255.255.255"
        " --rsource -j KUBE-SEP-HZVZGM4N576VDS2S\n"
    )
    lines = chains.replace("COMMIT", bound + "COMMIT").splitlines(keepends=True)
    text = "*nat" + "".join(line for line in lines if "0.33333333349" not in line)

    assert [line.split()[1] for line in said(text, "KP315") if "keeps clients" in line] == ["warning"]


def test_it_catches_an_endpoint_that_puts_nobody_on_its_list() -> None:
    (found,) = said(sound(AFFINE).replace(f"-m recent --set --name {BOUND} --mask 255.255.255.255 --rsource ", ""), "KP315")

    assert found.endswith(f"{SERVICE} asks for clients on the list {BOUND}, on which {BOUND} puts nobody")


def test_it_catches_a_list_of_another_name() -> None:
    (found,) = said(
        sound(AFFINE).replace(f"--rcheck --seconds 10800 --reap --name {BOUND}", "--rcheck --seconds 10800 --reap --name OTHER"), "KP315"
    )

    assert f"the list OTHER, on which {BOUND} puts nobody" in found


def test_it_is_silent_on_sound_dumps_and_on_chains_that_are_missing() -> None:
    lines = sound(AFFINE).splitlines(keepends=True)

    assert not said(sound(AFFINE), "KP315")
    assert not said(sound(), "KP315")
    assert not said("".join(line for line in lines if not line.startswith(f"-A {BOUND} ")), "KP315")


def _without_drawn() -> str:
    """The sample without the rule that chooses an endpoint by chance."""
    lines = sound(AFFINE).splitlines(keepends=True)
    return "".join(line for line in lines if not (line.startswith(f"-A {SERVICE} ") and BOUND in line and "--rcheck" not in line))


def test_it_catches_a_list_that_is_asked_behind_a_draw() -> None:
    text = _ordered(0, 1, 3, 2, 4, 5)
    (found,) = findings(text, "KP315")

    assert found.severity == "error"
    assert found.place.text.startswith(f"-A {SERVICE} ")
    assert "--rcheck" in found.place.text
    assert "only behind a rule that chooses for them: they may get another endpoint" in found.place.message.english()
    assert ["--probability" in text.splitlines()[one.line - 1] for one in found.related] == [True]


def test_it_tells_a_chain_once_in_which_all_lists_are_asked_too_late() -> None:
    text = _ordered(3, 4, 5, 0, 1, 2)
    (found,) = findings(text, "KP315")

    assert ["--rcheck" in text.splitlines()[one.line - 1] for one in found.related] == [False, True, True]


def test_it_is_silent_where_the_rule_before_a_list_is_for_the_same_endpoint_or_sends_nothing_on() -> None:
    assert not said(_ordered(1, 2, 3, 0, 4, 5), "KP315")
    assert not said(_ordered(0, 1, 3, 2, 4, 5).replace(" -j DNAT --to-destination 10.244.1.110:8080", ""), "KP315")


def _ordered(*order: int) -> str:
    """The sample with another order of the rules that lead to endpoints: three ask for a list (0, 1, 2), three draw (3, 4, 5)."""
    lines = sound(AFFINE).splitlines(keepends=True)
    at = [index for index, line in enumerate(lines) if line.startswith(f"-A {SERVICE} ") and "-j KUBE-SEP-" in line]
    rules = [lines[index] for index in at]
    for index, number in zip(at, order, strict=True):
        lines[index] = rules[number]
    return "".join(lines)
