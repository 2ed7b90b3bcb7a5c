"""The HTML page of a report: its parts and links, and that nothing of a dump becomes markup. tests/browser/ opens it in a browser."""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from iptexplain.api import load
from iptexplain.errors import MissingProgramError
from iptexplain.render import language
from iptexplain.render.report_html import page
from iptexplain.report.gather import gather
from tests.checkout import ROOT
from tests.command import CLASSIC, SAMPLES
from tests.languages import speak, wide
from tests.render.test_hostile import NAMES, dump

MIXED = "samples/kube-proxy/mixed-cluster.save"
GATEWAY = "samples/by-hand/gateway.rules"
VOID = {"meta", "input", "br", "link", "img"}


class Page(HTMLParser):
    """A page as a parser reads it: tags, attributes, texts; `open` are the elements that were not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.inside: dict[str, str] = {}
        self.open: list[str] = []
        self.language: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        known = dict(attrs)
        self.attributes.update(list(known))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "html":
            self.language = known.get("lang")
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open[-1]] = self.inside.get(self.open[-1], "") + data


def made(*samples: str | bytes) -> Page:
    """The page about these dumps."""
    rulesets = [load(one, name="a.save") if isinstance(one, bytes) else load(ROOT / one, name=one) for one in samples]
    return Page("\n".join(page(gather(rulesets))))


def policy(found: Page) -> str:
    text = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', found.text)
    assert text is not None
    return text[1].replace("&#39;", "'")


# ---- its parts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [*SAMPLES, GATEWAY])
def test_all_elements_are_closed_and_all_links_lead_to_a_place_in_the_page(sample: str) -> None:
    found = made(sample)

    assert found.open == []
    assert [name for name, count in Counter(found.ids).items() if count > 1] == []
    assert [link for link in found.links if link[:1] != "#" or link[1:] not in found.ids] == []


def test_each_line_of_the_dump_has_its_anchor_and_its_text() -> None:
    lines = (ROOT / CLASSIC).read_text("utf-8").splitlines()
    found = made(CLASSIC)

    assert [f"d0-L{number}" for number in range(1, len(lines) + 1)] == [one for one in found.ids if one.startswith("d0-")]
    assert [html.escape(line).replace("&quot;", "&#34;") for line in lines] == re.findall(
        r'<li id="d0-L\d+" value="\d+">(.*)</li>', found.text
    )


def test_a_finding_and_its_line_lead_to_each_other() -> None:
    found = made(MIXED)

    assert '<li id="f1"><a href="#d0-L48">line 48</a>: data/kafka-legacy:client (TCP) has no endpoints' in found.text
    assert re.search(r'<li id="d0-L48" value="48" class="info">.*<a class="badge info" href="#f1">KP312</a></li>', found.text)


def test_what_ends_leads_to_its_service_and_to_its_rule() -> None:
    found = made(MIXED)

    assert re.search(
        r'<a href="#s0-0-\d+">data/kafka-legacy:client</a></th><td class="bad">refused: the Service has no endpoints', found.text
    )
    assert '<a href="#d0-L48">ClusterIP 10.104.5.6:9092/TCP from anybody</a>' in found.text


def test_each_service_has_its_frontends_its_pods_and_its_graph() -> None:
    found = made(CLASSIC)

    assert found.tags["svg"] == 1 + 4  # and those of the legend
    for text in (
        "default/nginx",
        "10.109.35.24:80/TCP",
        "to 3 Pods, masqueraded",
        "192.168.104.1:80",
        "33.3 %",
        "KUBE-SEP-HZVZGM4N576VDS2S",
    ):
        assert text in found.text


def test_dumps_of_several_inputs_have_anchors_and_titles_of_their_own() -> None:
    found = made(CLASSIC, "samples/kube-proxy/ipv6.save", GATEWAY)

    assert {"d0-L1", "d1-L1", "d2-L1"} <= set(found.ids)
    assert "nothing of kube-proxy&#39;s is in this dump" in found.text


def test_without_kube_proxy_there_is_no_part_about_services() -> None:
    found = made(GATEWAY)

    assert {"findings", "owners", "dump"} <= set(found.ids)
    assert "services" not in found.ids


def test_a_dump_that_is_cut_off_says_so_at_the_top() -> None:
    cut = (ROOT / CLASSIC).read_bytes()[:3000]

    assert "The dump is cut off" in made(cut).text


def test_the_same_dump_makes_the_same_page() -> None:
    assert made(MIXED).text == made(MIXED).text


def test_the_page_is_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, wide)
    language.use("ja")
    try:
        found = made(MIXED)
    finally:
        language.use(language.ENGLISH)

    assert wide("Findings") in found.text
    assert found.language == wide("en")  # a translator writes the code of the language there
    shown = re.sub(r"(?s)<(style|script)>.*?</\1>|<pre.*?</pre>|<ol>.*?</ol>|<code>.*?</code>|<[^>]*>", "", found.text)
    assert re.findall(r"\b(?:the|and|of|is|line|Services|Findings|chains)\b", shown) == []


def test_the_language_of_an_english_page_is_said() -> None:
    assert made(CLASSIC).language == "en"


def test_without_jinja2_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)

    with pytest.raises(MissingProgramError, match=re.escape("pip install 'iptexplain[report]'")):
        page(gather([load(ROOT / CLASSIC)]))


# ---- what does no harm ---------------------------------------------------------------------------------------------------


def test_the_page_forbids_everything_but_its_own_style_and_script() -> None:
    found = made(CLASSIC)
    rules = dict(rule.split(" ", 1) for rule in policy(found).split("; "))

    assert rules["default-src"] == "'none'"
    for name, element in (("style-src", "style"), ("script-src", "script")):
        digest = b64encode(sha256(found.inside[element].encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert found.tags["style"] == found.tags["script"] == 1


def test_style_and_script_are_the_same_for_all_dumps() -> None:
    one, other = made(CLASSIC), made(dump(NAMES["HTML"]))

    assert [one.inside[name] for name in ("style", "script")] == [other.inside[name] for name in ("style", "script")]


def test_nothing_is_loaded_and_nothing_is_done_by_attributes() -> None:
    found = made(MIXED)

    assert {"img", "link", "iframe", "object", "embed", "base", "form"} & found.tags.keys() == set()
    assert [name for name in found.attributes if name.startswith("on") or name in {"style", "src", "srcset"}] == []
    assert re.findall(r"url\(|@import|fetch\(|XMLHttp|innerHTML|eval\(|https?:", found.inside["style"] + found.inside["script"]) == []


@pytest.mark.parametrize("kind", NAMES)
def test_hostile_names_are_shown_and_never_obeyed(kind: str) -> None:
    harmless, hostile = made(dump(b"harmless")), made(dump(NAMES[kind]))

    assert hostile.tags.keys() <= harmless.tags.keys() | {"mark"}
    assert hostile.attributes.keys() <= harmless.attributes.keys()
    assert hostile.open == []
    assert [sign for sign in hostile.text if sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}] == []
