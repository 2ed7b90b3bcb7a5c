"""The command `graph`: pictures of samples as they were, what it says if it cannot, and the pictures in the pages.

With UPDATE_GOLDEN=1 in the environment the tests write what is printed into tests/cli/graphs and into the pages instead; look at the
difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.command import CLASSIC, FIXTURES, SAMPLES, here, printed, run

FOLDER = ROOT / "tests" / "cli" / "graphs"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
MIXED = "samples/kube-proxy/mixed-cluster.save"
CASES = {
    "classic.mmd": (CLASSIC,),
    "classic.dot": (CLASSIC, "-f", "dot"),
    "classic-no-fold.dot": (CLASSIC, "-f", "dot", "--no-fold"),
    "classic-service.dot": (CLASSIC, "-f", "dot", "--service", "nginx"),
    "mixed.dot": (MIXED, "-f", "dot"),
    "mixed-service.dot": (MIXED, "-f", "dot", "--service", "istio-ingressgateway:https"),
    "mixed-chain.mmd": (MIXED, "--chain", "KUBE-NODEPORTS"),
    "local.mmd": ("samples/kube-proxy/local-policies.save",),
    "ipv6.mmd": ("samples/kube-proxy/ipv6.save",),
    "ipvs.mmd": ("samples/ipvs/dump.save",),
}
HAS_DOT = shutil.which("dot") is not None
needs_dot = pytest.mark.skipif(not HAS_DOT, reason="the program dot of Graphviz is not installed")


@pytest.mark.parametrize("name", CASES)
def test_the_picture_of_a_sample_is_as_it_was(name: str) -> None:
    done = here("graph", "-q", *CASES[name])
    golden = FOLDER / name

    assert (done.status, done.err) == (0, "")
    if UPDATE:
        FOLDER.mkdir(exist_ok=True)
        golden.write_text(done.out, "utf-8")
    else:
        assert golden.read_text("utf-8") == done.out, "UPDATE_GOLDEN=1 rewrites it"


def test_there_is_no_picture_that_nobody_asks_for() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)


PICTURE = re.compile(r"<!-- iptexplain graph ([^\n]*) -->\n```mermaid\n(.*?)```\n", re.DOTALL)


@pytest.mark.parametrize("page", ["README.md", "docs/graph.md"])
def test_the_pictures_in_the_pages_are_what_the_command_draws(page: str) -> None:
    path = ROOT / page
    text = path.read_text("utf-8")

    def drawn(found: re.Match[str]) -> str:
        return f"<!-- iptexplain graph {found[1]} -->\n```mermaid\n{here('graph', *found[1].split()).out}```\n"

    actual = PICTURE.sub(drawn, text)

    assert PICTURE.search(text), "the page has no picture"
    if UPDATE:
        path.write_text(actual, "utf-8")
    else:
        assert text == actual, "UPDATE_GOLDEN=1 rewrites it"


@needs_dot
@pytest.mark.parametrize("name", [*SAMPLES, *FIXTURES])
def test_graphviz_reads_every_picture_without_a_complaint(name: str) -> None:
    for look in ((), ("--no-fold",)) if (ROOT / name).stat().st_size < 200_000 else ((),):
        text = here("graph", "-q", name, "-f", "dot", *look).out
        done = subprocess.run(["dot", "-Tcanon"], input=text, encoding="utf-8", check=False, capture_output=True)  # noqa: S607 - wherever PATH has it

        assert (done.returncode, done.stderr) == (0, "")


@needs_dot
def test_svg_has_the_names_and_the_rules_behind_them() -> None:
    done = here("graph", "-q", CLASSIC, "-f", "svg")

    assert done.status == 0
    assert done.out.startswith("<?xml")
    assert ">default/nginx</text>" in done.out
    assert done.out.count(">33.3&#160;%</text>") + done.out.count("33.3 %") == 3
    assert 'xlink:title="line 73: &#45;A KUBE&#45;SVC&#45;2CMXP7HKUVJN7L6M' in done.out


def test_svg_without_the_program_says_what_to_install() -> None:
    done = run("graph", CLASSIC, "-f", "svg", settings={"PATH": str(Path(sys.executable).parent)})

    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "iptexplain: -f svg needs the program dot of Graphviz: apt install graphviz; or take -f dot, and draw it elsewhere\n"
    )


def test_svg_without_the_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    done = here("graph", CLASSIC, "-f", "svg")

    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "iptexplain: -f svg needs the Python package graphviz: pip install 'iptexplain[svg]'; or take -f dot, which any Graphviz draws\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "no-such"), "--service no-such: no Service in the dump is called so; `iptexplain services -f name` lists them"),
        (
            ("--service", "default/nginx/UDP"),
            "--service default/nginx/UDP: no Service in the dump is called so; `iptexplain services -f name` lists them",
        ),
        (("--chain", "KUBE-FORWARD", "--chain", "NO-SUCH"), "--chain NO-SUCH: no table of the dump has such a chain"),
        (("--chain", "KUBE-FORWARD", "--table", "nat"), "--chain KUBE-FORWARD: no table of the dump has such a chain"),
        (("--table", "raw"), "--table raw: the dump has mangle, filter, nat"),
    ],
)
def test_what_is_nowhere_is_refused_in_the_words_of_explain_and_no_file_is_written(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.svg"
    done = here("graph", CLASSIC, *arguments, "-o", str(file))

    assert (done.status, done.out, done.err) == (2, "", f"iptexplain: {said}\n")
    assert not file.exists()


def test_what_services_lists_is_what_a_service_is_called() -> None:
    names = here("services", "-q", "-f", "name", MIXED).out.splitlines()

    assert "game/lobby:game/UDP" in names
    assert {name: here("graph", MIXED, "--service", name).status for name in names} == dict.fromkeys(names, 0)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("x.dot", "digraph"),
        ("x.gv", "digraph"),
        ("x.mmd", "flowchart LR\n"),
        ("x.md", "```mermaid\nflowchart LR\n"),
        ("x", "flowchart LR\n"),
    ],
)
def test_the_name_of_the_file_says_what_it_holds(name: str, begins: str, tmp_path: Path) -> None:
    file = tmp_path / name
    here("graph", CLASSIC, "-o", str(file))

    assert file.read_text("utf-8").startswith(begins)
    assert file.read_text("utf-8").endswith("```\n") == (name == "x.md")


def test_a_format_that_is_asked_for_counts_more_than_the_name_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.svg"
    here("graph", CLASSIC, "-f", "dot", "-o", str(file))

    assert file.read_text("utf-8").startswith("digraph")


@needs_dot
def test_a_file_for_svg_gets_svg(tmp_path: Path) -> None:
    file = tmp_path / "x.svg"
    here("graph", CLASSIC, "-o", str(file))

    assert file.read_text("utf-8").startswith("<?xml")


TOO_LARGE = "iptexplain: GitHub does not draw so large a picture: take -f svg, or a part of it with --service, --chain or --table\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--no-fold",), TOO_LARGE), (("--no-fold", "-q"), ""), (("--no-fold", "-f", "dot"), ""), ((), "")],
)
def test_a_picture_that_github_does_not_draw_is_said_to_be_so(arguments: tuple[str, ...], said: str) -> None:
    assert here("graph", MIXED, *arguments).err == said


def test_a_service_and_a_chain_are_two_pictures() -> None:
    done = here("graph", CLASSIC, "--service", "a", "--chain", "B")

    assert (done.status, done.out) == (2, "")
    assert done.err == "iptexplain: --service and --chain are two pictures: give one of them\n"


def test_it_writes_to_a_file_what_it_would_print(tmp_path: Path) -> None:
    file = tmp_path / "x.mmd"

    assert here("graph", CLASSIC, "-o", str(file)).out == ""
    assert file.read_text("utf-8") == here("graph", CLASSIC).out


def test_two_runs_print_the_same_bytes() -> None:
    assert run("graph", MIXED, settings={"PYTHONHASHSEED": "1"}) == run("graph", MIXED, settings={"PYTHONHASHSEED": "2"})


def test_dumps_of_several_files_are_one_picture_that_tells_them_apart() -> None:
    other = "samples/kube-proxy/ipv6.save"
    out = printed("graph", "-q", CLASSIC, other, "-f", "dot").out

    assert out.count("digraph") == 1
    assert f'label="table nat, IPv4, {CLASSIC}";' in out
    assert f'label="table nat, IPv6, {other}";' in out


def test_dumps_of_one_file_are_one_picture_that_tells_them_apart_by_family() -> None:
    both = b"".join((ROOT / name).read_bytes() for name in (CLASSIC, "samples/kube-proxy/ipv6.save"))
    out = here("graph", "-q", "-f", "dot", stdin=both).out

    assert re.findall(r'label="(table nat[^"]*)"', out) == ["table nat, IPv4", "table nat, IPv6"]


def test_dumps_of_one_family_are_told_apart_by_their_backend_or_by_their_lines() -> None:
    nft = (ROOT / CLASSIC).read_bytes()
    legacy = nft.replace(b" (nf_tables)", b"")

    def titles(saved: bytes) -> list[str]:
        return re.findall(r'label="(table nat[^"]*)"', here("graph", "-q", "-f", "dot", stdin=saved).out)

    assert titles(nft + legacy) == ["table nat, IPv4, nft", "table nat, IPv4, legacy"]
    assert titles(nft + nft) == [
        "table nat, IPv4, from line 1 on",
        f"table nat, IPv4, from line {len(nft.splitlines()) + 1} on",
    ]


def test_rule_lines_alone_are_of_the_table_that_is_given() -> None:
    assert '"table mangle"' in here("graph", "-q", "--table", "mangle", stdin=b"-A OUTPUT -j ACCEPT\n").out
