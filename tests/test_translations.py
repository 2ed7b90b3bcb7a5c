"""Every sentence is in every language, and what programs read is English in all of them."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from iptexplain.api import load
from iptexplain.cli.app import COMMANDS
from iptexplain.extensions.phrasing import action, phrases
from iptexplain.lint.registry import check
from iptexplain.lint.runner import lint
from iptexplain.render import language
from iptexplain.render.schemas import KINDS
from iptexplain.source import Message, message
from tests.checkout import PACKAGE, ROOT
from tests.command import CLASSIC, SAMPLES, here, run
from tests.languages import LANGUAGES, LOCALE, Strict, catalogue, speak, wide
from tests.lint.broken import BROKEN

DAMAGED = (
    b"> *nat\r\n> :PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m nothing --here -j KUBE-SERVICES\n"
    b"-A KUBE-SERVICES -d 10.0.0.300/32 -j KUBE-SVC-X\n-A KUBE-SERVICES -p tcp -m tcp --dport\n"
    b"iptables -D KUBE-SERVICES 7\n12: -A PREROUTING -s 10.0.0.1,10.0.0.2 -j \xe2\x80\x9cACCEPT\xe2\x80\x9d # why\n"
    b"-A PREROUTING -j\ncommit\n"
)
"""What went through a mail, a listing and a typist."""
COMMAND = re.compile(r"(?:iptexplain|iptables-save|ssh) \S.*?(?=  |$)", re.MULTILINE)


def fields(template: str) -> set[tuple[str, str, str]]:
    """The fields of a template: name, how it is converted, how it is written."""
    return {(name, conversion or "", form or "") for _, name, form, conversion in Formatter().parse(template) if name is not None}


# ---- the catalogues ----------------------------------------------------------------------------------------------------


def test_the_catalogues_are_those_that_the_tool_writes() -> None:
    done = subprocess.run([sys.executable, "tools/translations.py", "--check"], cwd=ROOT, check=False, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, ""), "a sentence or a translation has changed: run tools/translations.py"


def test_there_are_sentences_to_translate() -> None:
    assert "ja" in LANGUAGES
    assert len(catalogue("")) > 1500


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_is_translated(code: str) -> None:
    missing = [text for text, said in catalogue(code).items() if not said]

    assert missing == [], f"{len(missing)} texts are not translated: CONTRIBUTING.md says how"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_has_the_fields_of_its_sentence(code: str) -> None:
    different = {text: said for text, said in catalogue(code).items() if said and fields(text) != fields(said)}

    assert different == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_begins_and_ends_with_the_blanks_of_its_sentence(code: str) -> None:
    different = {
        text: said
        for text, said in catalogue(code).items()
        if said and (text[: -len(text.lstrip()) or None].isspace(), text[-1:].isspace()) != (said[:1].isspace(), said[-1:].isspace())
    }

    assert different == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_keeps_the_commands_of_examples(code: str) -> None:
    lost = {
        text: command[0]
        for text, said in catalogue(code).items()
        if said and "\n" in text
        for command in COMMAND.finditer(text)
        if command[0] not in said
    }

    assert lost == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_compiled_catalogue_says_what_the_translators_wrote(code: str) -> None:
    try:
        language.use(code)
        said = {text: language.translated(text) for text in catalogue(code)}
    finally:
        language.use(language.ENGLISH)

    assert {text: said or text for text, said in catalogue(code).items()} == said


def test_a_catalogue_knows_no_dates_and_no_line_numbers() -> None:
    texts = [path.read_text("utf-8") for path in LOCALE.rglob("*.po*")]

    assert len(texts) == 1 + len(LANGUAGES)
    assert [text for text in texts if re.search(r"(?m)^#:|^#, .*fuzzy|-Date: ", text)] == []


# ---- what is said ------------------------------------------------------------------------------------------------------

SAID = {
    **{f"services {Path(sample).name}": ("services", sample) for sample in SAMPLES},
    **{f"lint {Path(sample).name}": ("lint", sample, "-v") for sample in SAMPLES},
    **{f"explain {Path(sample).name}": ("explain", sample, "-v") for sample in SAMPLES},
    **{f"graph {Path(sample).name}": ("graph", sample, "-f", "dot", "--no-fold") for sample in SAMPLES},
    **{f"trace {Path(sample).name}": ("trace", sample, "--from", "pod", "--to", "10.96.0.1:443", "-v") for sample in SAMPLES},
    **{f"{command} --help": (command, "--help") for command in COMMANDS},
    "help": ("--help",),
    "folded": ("graph", "samples/kube-proxy/mixed-cluster.save", "-f", "mermaid"),
    "explain as Markdown": ("explain", CLASSIC, "-f", "markdown"),
    "explain nothing": ("explain", CLASSIC, "--service", "nobody"),
    "wide": ("services", CLASSIC, "-f", "wide"),
    "markdown": ("services", CLASSIC, "-f", "markdown"),
    "find an address": ("services", CLASSIC, "--find", "10.109.35.24"),
    "find nothing": ("services", CLASSIC, "--find", "1.2.3.4"),
    "find a line": ("services", CLASSIC, "--find", "line:61"),
    "no Service fits": ("services", CLASSIC, "--service", "nobody"),
    "from outside": ("trace", CLASSIC, "--from", "outside", "--to", "default/nginx"),
    "trace in IPv6": ("trace", "samples/kube-proxy/ipv6.save", "--from", "pod", "--to", "default/lb-local:http", "-v"),
    "to nobody": ("trace", CLASSIC, "--from", "pod", "--to", "default/nobody"),
    "lint as Markdown": ("lint", CLASSIC, "-f", "markdown"),
    "lint for GitHub": ("lint", "samples/by-hand/gateway.rules", "-f", "github"),
    "checks": ("rule",),
    "no such check": ("rule", "KP999"),
    "no such schema": ("schema", "nothing"),
    "no such option": ("services", "--nothing"),
    "no such choice": ("services", "-f", "nothing"),
    "no such number": ("trace", "--length", "much"),
    "no such file": ("services", "nowhere.save"),
    "no file but a folder": ("services", "tests"),
    "no dump": ("services", "README.md"),
    "too much": ("rule", "KP101", "KP102"),
    "too little": ("chain-name",),
    "a value is missing": ("services", "--service"),
    "unknown language": ("services", "--lang", "xx"),
}


@pytest.mark.parametrize("name", SAID)
def test_nothing_is_said_that_is_in_no_catalogue(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = Strict()
    speak(monkeypatch, strict)

    done = here("--lang", "ja", *SAID[name])

    assert done.out or done.err
    assert strict.missing == set()


@pytest.mark.parametrize("command", ["services", "lint", "parse"])
def test_nothing_is_said_of_damage_that_is_in_no_catalogue(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = Strict()
    speak(monkeypatch, strict)

    done = here("--lang", "ja", command, "-v", stdin=DAMAGED)

    assert done.err
    assert strict.missing == set()


def test_the_help_of_schema_names_all_documents() -> None:
    assert f"Which output: {', '.join(KINDS)}." in here("schema", "--help").out


@pytest.mark.parametrize("code", BROKEN)
def test_no_finding_says_what_is_in_no_catalogue(code: str) -> None:
    broken = BROKEN[code]
    text = (ROOT / f"tests/data/kube-proxy/{broken.versions[-1]}/{broken.dumps[0]}.save").read_text("utf-8")
    strict = Strict()
    found = lint(load(broken.change(text).encode()), [check(code)]).findings
    for finding in found:
        for what in (finding.place.message, finding.check.help, *(one.message for one in finding.related)):
            what.told(strict)

    assert found
    assert strict.missing == set()


@pytest.mark.parametrize("file", sorted((ROOT / "tests/extensions").rglob("*.t")), ids=lambda path: path.stem)
def test_no_extension_says_what_is_in_no_catalogue(file: Path) -> None:
    rules = [line.partition(";")[0] for line in file.read_text("utf-8").splitlines() if line[:1] not in {"", "#", "@"}]
    strict = Strict()
    for rule in rules:
        ruleset = load(f"*mangle\n:C - [0:0]\n-A C {rule}\nCOMMIT\n".encode())
        for problem in ruleset.problems:
            problem.message.told(strict)
        for read in ruleset.dumps[0].tables[0].rules:
            for what in (*(phrase.text for phrase in phrases(read)), action(read)):
                if what is not None:
                    what.told(strict)

    assert rules
    assert strict.missing == set()


@pytest.mark.parametrize("module", sorted(path.stem for path in (PACKAGE / "owners").glob("[a-z]*.py")))
def test_what_chains_are_for_is_in_the_catalogue(module: str) -> None:
    owner = getattr(import_module(f"iptexplain.owners.{module}"), "OWNER", None)

    assert owner is None or [kind.purpose for kind in owner.kinds if kind.purpose not in catalogue("")] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_all_in_the_language(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, wide)
    done = here(command, "--help", "--lang", "ja")

    assert done.status == 0
    assert done.out.startswith(wide("Usage:"))
    assert wide("Show this message and exit.").replace(" ", "") in "".join(done.out.split())
    assert re.findall(r"\b(?:the|and|of|is|Options|Arguments|default)\b", done.out) == []


def test_the_list_of_commands_is_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, wide)
    done = here("--lang", "ja", "--help")

    assert wide("Commands") in done.out
    assert wide("Find what is wrong in dumps: of") in " ".join(done.out.split())


def test_an_error_of_usage_is_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, wide)
    done = here("services", "--lang", "ja", "-f", "nothing")

    assert done.status == 2
    assert (
        f"{wide('Usage:')} iptexplain services [OPTIONS] [DUMP]...\n"
        f"{wide('Try')} 'iptexplain services --help' {wide('for help.')}\n\n"
        f"{wide('Error: Invalid value for')} '--format' / '-f': 'nothing' {wide('is not one of')}"
        " 'table', 'wide', 'name', 'json', 'csv', 'markdown'.\n"
    ) == done.err


# ---- what programs read ------------------------------------------------------------------------------------------------

READ = {
    "services": ("json", "csv", "name"),
    "trace": ("json", "jsonl"),
    "explain": ("json",),
    "lint": ("json", "jsonl", "sarif", "junit"),
    "parse": ("json", "save"),
}
NODE_PORTS = "samples/kube-proxy/local-policies.save"


@pytest.mark.parametrize(("command", "form"), [(command, form) for command, forms in READ.items() for form in forms])
@pytest.mark.parametrize("sample", [CLASSIC, NODE_PORTS, "-"])
def test_what_programs_read_is_english(command: str, form: str, sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, wide)
    options = (command, sample, "-f", form, *(("--from", "outside", "--to", "10.96.0.1:443") if command == "trace" else ()))
    english, other = (here(*options, *lang, stdin=DAMAGED) for lang in ((), ("--lang", "ja")))

    assert (english.status, english.out) == (other.status, other.out)


# ---- which language ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "ja_JP.eucJP@cjk"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": ""}, "ja"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "ja_JP.UTF-8"}, "ja"),
        ({"LC_MESSAGES": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "ja"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LANGUAGE": "de:ja"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LANGUAGE": "de:en:ja"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LANGUAGE": "ja"}, "ja"),
        ({"LANG": "C", "LANGUAGE": "ja"}, "en"),
        ({"LC_CTYPE": "ja_JP.UTF-8"}, "en"),
    ],
)
def test_the_environment_says_which_language(settings: dict[str, str], expected: str) -> None:
    assert language.wanted(settings) == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ja", "ja"),
        ("ja_JP.UTF-8", "ja"),
        ("ja-JP", "ja"),
        ("JA", "ja"),
        ("en", "en"),
        ("en-GB", "en"),
        ("xx", None),
        ("", None),
        ("..", None),
    ],
)
def test_a_language_is_known_by_its_code(name: str, code: str | None) -> None:
    assert language.known(name) == code


@pytest.mark.parametrize(
    "arguments",
    [
        ("--lang", "ja", "services", CLASSIC),
        ("services", "--lang", "ja", CLASSIC),
        ("services", CLASSIC, "--lang=ja"),
        ("--lang=ja", CLASSIC),
        ("--lang", "ja", CLASSIC),
        (CLASSIC, "--lang", "ja"),
    ],
)
def test_the_option_may_stand_anywhere(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, wide)
    done = here(*arguments)

    assert done.status == 0
    assert wide("Service port") in done.out


def test_the_option_is_stronger_than_the_environment() -> None:
    japanese = {"LC_ALL": "", "LANG": "ja_JP.UTF-8"}

    assert run("services", CLASSIC, "--lang", "en", settings=japanese).out == run("services", CLASSIC).out


def test_help_is_shown_on_a_terminal_that_has_not_these_characters() -> None:
    done = run("--lang", "ja", "--help", settings={"PYTHONIOENCODING": "latin-1"})

    assert (done.status, done.err) == (0, "")
    assert "--lang CODE" in done.out


@pytest.mark.parametrize("arguments", [("--lang", "xx"), ("services", "--lang", "xx"), ("rule", "--lang=xx")])
def test_an_unknown_language_is_refused(arguments: tuple[str, ...]) -> None:
    done = here(*arguments)

    assert done.status == 2
    assert done.err.endswith(f"Error: Invalid value for '--lang': there is no language xx; there are {', '.join(('en', *LANGUAGES))}\n")


def test_english_needs_no_catalogue() -> None:
    code = (
        "import sys; from iptexplain.cli.app import app; app(['services', %r], standalone_mode=False);"
        "assert not {'wcwidth', 'iptexplain.cli.help'} & sys.modules.keys()"
    )
    english = {"PATH": "", "LC_ALL": "", "LANG": "en_US.UTF-8"}
    done = subprocess.run([sys.executable, "-c", code % CLASSIC], cwd=ROOT, env=english, check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("template", "fields", "text"),
    [
        ("a {x} b", {"x": message("word")}, "あ語い"),
        ("a {x} b", {"x": "TCP"}, "あ TCP い"),
        ("a {x} b", {"x": "ウェブ サーバ"}, "あ ウェブ サーバ い"),
        ("a {x} b", {"x": message("{value}", value="TCP")}, "あ TCP い"),
        ("{n:,} {s!r} {{}}", {"n": 12345, "s": "q"}, "12,345 'q' {}"),
        ("{x} {x}", {"x": message("word")}, "語語"),
    ],
)
def test_no_blank_stands_between_words_of_japanese_and_what_a_dump_says_stays(template: str, fields: dict[str, object], text: str) -> None:
    known = {"a {x} b": "あ {x} い", "word": "語"}

    assert Message(template, fields).told(lambda one: known.get(one, one)) == text
