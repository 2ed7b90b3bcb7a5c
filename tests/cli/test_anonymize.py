"""`iptexplain anonymize` and `report --anonymize` as users run them."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from iptexplain.render.schemas import schema
from tests.checkout import ROOT
from tests.command import CLASSIC, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator

IPVS = "samples/ipvs"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(b"a key that tests may know")
    return path


def names_in(text: str) -> Iterator[str]:
    return (word for word in ("nginx", "10.109.35.24", "192.168.104.1", "2CMXP7HKUVJN7L6M", "HZVZGM4N576VDS2S") if word in text)


def test_a_dump_comes_out_in_other_words_and_tells_the_same(key: Path) -> None:
    done = run("anonymize", CLASSIC, "--key-file", str(key))

    assert (done.status, done.err) == (0, "")
    assert list(names_in(done.out)) == []
    assert len(done.out.splitlines()) == len((ROOT / CLASSIC).read_text("utf-8").splitlines())
    again = run("services", "-f", "name", stdin=done.out.encode())
    assert again.status == 0
    assert len(again.out.splitlines()) == len(run("services", CLASSIC, "-f", "name").out.splitlines())
    assert run("lint", stdin=done.out.encode()).status == 0


def test_it_is_deterministic_for_a_key_and_differs_without(key: Path) -> None:
    with_key = [run("anonymize", CLASSIC, "--key-file", str(key)).out for _ in range(2)]
    without = [run("anonymize", CLASSIC).out for _ in range(2)]

    assert with_key[0] == with_key[1]
    assert without[0] != without[1]
    assert without[0] != with_key[0]


def test_the_key_is_never_printed(key: Path, tmp_path: Path) -> None:
    done = run("anonymize", CLASSIC, "--key-file", str(key), "--map", str(tmp_path / "map.json"), "-v")

    for text in (done.out, done.err, (tmp_path / "map.json").read_text("utf-8")):
        assert "a key that" not in text


def test_standard_input_and_packed_files_are_read(key: Path, tmp_path: Path) -> None:
    data = (ROOT / CLASSIC).read_bytes()
    (tmp_path / "dump.save.gz").write_bytes(gzip.compress(data))
    expected = run("anonymize", CLASSIC, "--key-file", str(key)).out

    assert run("anonymize", "--key-file", str(key), stdin=data).out == expected
    assert run("anonymize", str(tmp_path / "dump.save.gz"), "--key-file", str(key)).out == expected


def test_the_map_is_for_its_owner_alone_and_turns_everything_back(key: Path, tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text("old", "utf-8")
    done = run("anonymize", CLASSIC, "--key-file", str(key), "--map", str(path))
    found = json.loads(path.read_text("utf-8"))

    jsonschema.validate(found, json.loads(schema("map")))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    pairs = {kind: {pair["original"]: pair["pseudonym"] for pair in known} for kind, known in found.items() if isinstance(known, list)}
    assert pairs["addresses"]["10.109.35.24"] in done.out
    assert pairs["services"]["nginx"] in done.out
    assert pairs["chains"]["KUBE-SVC-2CMXP7HKUVJN7L6M"] in done.out
    for known in pairs.values():
        assert len({*known.values()}) == len(known)


def test_networks_that_are_kept_stay(key: Path) -> None:
    done = run("anonymize", CLASSIC, "--key-file", str(key), "--keep", "10.109.35.0/24", "--keep", "2001:db8::/32")

    assert "-d 10.109.35.24/32" in done.out


def test_what_is_given_beside_goes_into_a_folder_with_the_same_names(key: Path, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    beside = ("--ipset", f"{IPVS}/ipset.txt", "--ipvs", f"{IPVS}/ipvsadm.txt", "--names", f"{IPVS}/services.json")
    done = run("anonymize", f"{IPVS}/dump.save", *beside, "--key-file", str(key), "-o", f"{folder}/")

    assert (done.status, done.out) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["dump.save", "ipset.txt", "ipvsadm.txt", "services.json"]
    other = ("--ipset", str(folder / "ipset.txt"), "--ipvs", str(folder / "ipvsadm.txt"), "--names", str(folder / "services.json"))
    before, after = (
        run("services", *words, "-f", "name").out.splitlines()
        for words in ((f"{IPVS}/dump.save", *beside), (str(folder / "dump.save"), *other))
    )
    assert len(before) == len(after) > 0
    assert not {*before} & {*after}


def test_several_dumps_are_one_after_another_or_in_a_folder(key: Path, tmp_path: Path) -> None:
    together = run("anonymize", CLASSIC, "samples/kube-proxy/ipv6.save", "--key-file", str(key)).out
    run("anonymize", CLASSIC, "samples/kube-proxy/ipv6.save", "--key-file", str(key), "-o", f"{tmp_path}/all/")

    files = [path.read_text("utf-8") for path in sorted((tmp_path / "all").iterdir())]
    assert "".join(files) == together


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--keep", "acme"), "expected a network such as"),
        (("--key-file", "/nowhere/key"), "/nowhere/key: No such file or directory"),
        (("--node", "samples/ipvs/ipset.txt"), "name a folder for them with -o"),
        (("-o", CLASSIC), "that is one of the inputs"),
        (("-o", "/nowhere/out", "--map", CLASSIC), "that is one of the inputs"),
        (("--map", "-"), "--map names a file"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(words: tuple[str, ...], said: str) -> None:
    before = (ROOT / CLASSIC).read_bytes()
    done = run("anonymize", CLASSIC, *words)

    assert (done.status, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert (ROOT / CLASSIC).read_bytes() == before


def test_no_input_and_no_other_output_is_overwritten(key: Path, tmp_path: Path) -> None:
    for name in ("dump.save", "ipset.txt"):
        (tmp_path / name).write_bytes((ROOT / IPVS / name).read_bytes())
    dump, sets, before = str(tmp_path / "dump.save"), str(tmp_path / "ipset.txt"), (tmp_path / "dump.save").read_bytes()

    refused = [
        run("anonymize", dump, "--ipset", sets, "-o", str(tmp_path)),
        run("anonymize", dump, "-o", f"{tmp_path}/"),
        run("anonymize", dump, "--key-file", str(key), "-o", str(key)),
        run("anonymize", dump, "-o", str(tmp_path / "out"), "--map", str(tmp_path / "out")),
        run("anonymize", dump, "-o", f"{tmp_path}/new/", "--map", str(tmp_path / "new" / "map.json")),
        run("report", dump, "--anonymize", "-o", str(tmp_path / "out"), "--map", dump),
    ]

    assert [(done.status, done.out) for done in refused] == [(2, "")] * len(refused)
    assert (tmp_path / "dump.save").read_bytes() == before
    assert key.read_bytes() == b"a key that tests may know"
    assert not (tmp_path / "new").exists()


def test_a_short_key_is_refused_with_a_command_that_makes_one(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    done = run("anonymize", CLASSIC, "--key-file", str(tmp_path / "key"))

    assert (done.status, done.out) == (2, "")
    assert "at least 16 bytes" in done.err
    assert "head -c 32 /dev/urandom" in done.err


def test_what_could_not_be_made_safe_is_told(key: Path) -> None:
    dump = b'*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m string --string "acme" --algo bm -j DROP\nCOMMIT\n'
    done = run("anonymize", "--key-file", str(key), stdin=dump)

    assert "acme" not in done.out
    assert done.err == (
        "iptexplain: -: --string tests raw bytes, which may hold anything: other tests stand in its place, which mean nothing (lines 3)\n"
    )
    assert run("anonymize", "-q", "--key-file", str(key), stdin=dump).err == ""


def test_without_the_library_it_says_what_to_install() -> None:
    program = "import sys; sys.modules['Cryptodome'] = None; sys.argv[0] = 'iptexplain'; from iptexplain.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "anonymize", CLASSIC],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'iptexplain[report]'" in done.stderr


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_report_is_anonymised_as_a_whole(form: str, key: Path, tmp_path: Path) -> None:
    words = ("--anonymize", "--key-file", str(key), "--map", str(tmp_path / "map.json"))
    done = run("report", CLASSIC, "-f", form, *words, "--trace", "pod", "default/nginx", "--trace", "8.8.8.8", "10.109.35.24:80/tcp")

    assert (done.status, done.err) == (0, "")
    assert [*names_in(done.out), *(word for word in ("8.8.8.8", "classic") if word in done.out)] == []
    (pair,) = json.loads((tmp_path / "map.json").read_text("utf-8"))["services"]
    assert pair["original"] == "nginx"
    assert pair["pseudonym"] in done.out


@pytest.mark.parametrize("words", [("--key-file", "key"), ("--map", "map"), ("--keep", "10.0.0.0/8"), ("--keep-counters",)])
def test_options_of_anonymising_do_nothing_alone_in_a_report_and_are_refused(words: tuple[str, ...]) -> None:
    done = run("report", CLASSIC, *words)

    assert done.status == 2
    assert "--anonymize" in done.err


def test_a_part_of_a_name_is_refused_in_an_anonymised_report() -> None:
    done = run("report", CLASSIC, "--anonymize", "--trace", "pod", "nginx")

    assert done.status == 2
    assert "NAMESPACE/NAME" in done.err


def test_a_reader_that_goes_away_ends_it_silently() -> None:
    done = subprocess.run(
        ["bash", "-c", f"iptexplain anonymize {CLASSIC} | head -1"],  # noqa: S607 - bash is wherever PATH has it
        cwd=ROOT,
        env={**environment(), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert done.stdout.startswith("# Generated by iptables-save v1.8.9")
    assert done.stderr == ""
