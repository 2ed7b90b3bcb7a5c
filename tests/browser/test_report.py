"""The HTML report in a real browser: it loads nothing, its search works, a finding leads to its rule, and no dump does harm."""

from __future__ import annotations

import io
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bench import generate
from iptexplain.api import load
from iptexplain.render.report_html import page
from iptexplain.report.gather import gather
from tests.checkout import ROOT
from tests.render.test_hostile import NAMES, dump

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Opened

    Visit = Callable[..., Opened]

pytestmark = pytest.mark.browser

MIXED = "samples/kube-proxy/mixed-cluster.save"
WAIT = 5000
"""Milliseconds for what a page does by itself."""


@cache
def report(*samples: str) -> str:
    """The page about samples."""
    return "\n".join(page(gather([load(ROOT / one, name=one) for one in samples])))


def about(saved: bytes) -> str:
    """The page about a dump."""
    return "\n".join(page(gather([load(saved, name="a.save")])))


@cache
def large() -> str:
    """The page about a dump of 10,000 lines."""
    out = io.StringIO()
    generate.write(out, generate.services_for(10_000, 2), 2, comments=True, counters=False)
    return about(out.getvalue().encode())


def shown(found: Opened, selector: str) -> int:
    """How many of these elements are not hidden, folded or not."""
    return found.page.locator(f"{selector}:not([hidden])").count()


def is_in_view(found: Opened, selector: str) -> bool:
    """Does an element come to stand in the window, below the bar at its top: a busy machine takes its time to lay the page out."""
    script = "e => { const r = e.getBoundingClientRect(); return r.height > 0 && r.top >= 40 && r.bottom <= innerHeight }"
    for _ in range(WAIT // 100):
        if found.page.locator(selector).evaluate(script):
            return True
        found.page.wait_for_timeout(100)
    return False


# ---- the network ---------------------------------------------------------------------------------------------------------


def test_nothing_is_asked_for_but_the_page_itself(opened: Visit) -> None:
    found = opened(report(MIXED))
    found.page.locator("summary").first.click()
    found.page.fill("#query", "kafka")
    found.page.wait_for_load_state("networkidle")

    assert len(found.asked) == 1
    assert found.said == []


def test_what_a_page_asks_for_would_be_seen(opened: Visit) -> None:
    found = opened('<!DOCTYPE html><title>x</title><img src="https://example.org/a.png" alt="">')
    found.page.wait_for_load_state("networkidle")

    assert found.asked[1:] == ["https://example.org/a.png"]


def test_even_markup_in_the_page_could_load_and_run_nothing(opened: Visit) -> None:
    smuggled = '<img src="https://example.org/a.png" onerror="document.title = 1" alt=""><script>document.title = 2</script>'
    found = opened(report(MIXED).replace("<main>", f"<main>{smuggled}", 1))
    found.page.wait_for_load_state("networkidle")

    assert found.asked[1:] == []
    assert found.page.title() == f"iptables report: {MIXED}"
    assert any("Content Security Policy" in text for text in found.said)


# ---- the search ----------------------------------------------------------------------------------------------------------


def test_the_search_finds_services_and_lines_at_once_and_counts_them(opened: Visit) -> None:
    found = opened(report(MIXED))
    found.page.fill("#query", "KAFKA external")

    assert shown(found, "details.service") == 1
    assert found.page.locator("details.service:not([hidden]) b").text_content() == "data/kafka:external"
    lines = [line for line in (ROOT / MIXED).read_text("utf-8").splitlines() if "kafka" in line.lower() and "external" in line.lower()]
    assert shown(found, ".lines li") == len(lines) > 1
    assert found.page.locator("output a").all_inner_texts() == ["Services: 1 of 86", f"Lines: {len(lines)} of 1,539"]


def test_what_the_search_has_found_is_a_link_to_it(opened: Visit) -> None:
    found = opened(report(MIXED))
    found.page.fill("#query", "kafka-legacy")
    found.page.locator("output a").last.click()

    found.page.locator("#d0-L48").wait_for(state="visible", timeout=WAIT)
    assert found.page.input_value("#query") == "kafka-legacy"


def test_a_service_is_found_by_the_address_of_a_pod(opened: Visit) -> None:
    found = opened(report(MIXED))
    found.page.fill("#query", "10.244.1.29:5432")

    assert found.page.locator("details.service:not([hidden]) b").all_text_contents() == ["data/postgres-ro:postgresql"]


def test_an_emptied_search_shows_everything_again(opened: Visit) -> None:
    found = opened(report(MIXED))
    for text in ("nothing of this name", ""):
        found.page.fill("#query", text)

    assert shown(found, "details.service") == 86
    assert shown(found, ".lines li") == 1539
    assert not found.page.locator("output").is_visible()


def test_lines_keep_their_numbers_while_others_are_hidden(opened: Visit) -> None:
    found = opened(report(MIXED))
    found.page.fill("#query", "data/kafka-legacy")

    assert found.page.locator(".lines li:not([hidden])").evaluate_all("all => all.map(e => e.value)") == [48]


def test_a_slash_leads_to_the_search_and_escape_out_of_it(opened: Visit) -> None:
    found = opened(report(MIXED))
    found.page.keyboard.press("/")
    found.page.keyboard.type("kafka/")

    assert found.page.input_value("#query") == "kafka/"
    found.page.keyboard.press("Escape")
    assert found.page.input_value("#query") == ""
    assert found.page.evaluate("document.activeElement === document.body")


def test_a_search_may_stand_in_the_address(opened: Visit) -> None:
    found = opened(report(MIXED), fragment="#q=kafka%20external")

    assert shown(found, "details.service") == 1


def test_without_javascript_there_is_no_search_and_all_is_there(opened: Visit) -> None:
    found = opened(report(MIXED), script=False)

    assert not found.page.locator("#query").is_visible()
    assert found.page.locator("details.service").count() == 86
    found.page.locator("details.service summary").first.click()
    assert found.page.locator("details.service svg").first.is_visible()


# ---- links ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_finding_leads_to_its_rule(opened: Visit, script: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    found = opened(report(MIXED), script=script)
    assert not found.page.locator("#d0-L48").is_visible()
    found.page.locator("#f1 a").first.click()

    found.page.locator("#d0-L48").wait_for(state="visible", timeout=WAIT)
    assert "kafka-legacy" in str(found.page.locator("#d0-L48").text_content())
    assert is_in_view(found, "#d0-L48")


def test_a_line_leads_back_to_its_finding(opened: Visit) -> None:
    found = opened(report(MIXED), fragment="#d0-L48")
    found.page.locator("#d0-L48 a").click()

    assert is_in_view(found, "#f1")


def test_a_chain_in_a_graph_leads_to_its_rule_though_the_search_hides_it(opened: Visit) -> None:
    found = opened(report(MIXED))
    found.page.fill("#query", "data/postgres-ro:postgresql 10.104.5.2:5432")
    found.page.locator("details.service:not([hidden]) > summary").click()
    link = found.page.locator("details.service:not([hidden]) svg a:has(rect.chain)")
    target = str(link.get_attribute("href"))
    link.click()

    found.page.locator(target).wait_for(state="visible", timeout=WAIT)
    assert is_in_view(found, target)
    assert found.page.input_value("#query") == ""


# ---- strangers -----------------------------------------------------------------------------------------------------------

HOSTILE = {
    "a script": b"<script>document.title = 1; alert(1)</script>",
    "an image": b"'><img src=https://example.org/a.png onerror=alert(1)>",
    "the end of the style": b"</style><script>alert(1)</script><svg onload=alert(1)>",
    "the end of an attribute": b"' onmouseover=alert(1) x='",
    "braces": b"{{ 7*7 }}{% raw %}${7*7}",
    "a link": b"javascript:alert(1) data:text/html,x",
    "terminal escapes": b"\x1b[31mred\x1b[0m\x1b]0;title\x07",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_comment_does_no_harm(opened: Visit, kind: str) -> None:
    text = HOSTILE[kind]
    saved = (ROOT / MIXED).read_bytes().replace(b"data/kafka-legacy:client has no endpoints", text + b":x has no endpoints")
    assert text in saved
    found = opened(about(saved), fragment="#d0-L48")
    found.page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
    found.page.mouse.move(300, 300)
    found.page.wait_for_load_state("networkidle")

    assert found.page.title() == "iptables report: a.save"
    assert (found.asked[1:], found.said) == ([], [])
    assert found.page.locator("main script, main img, main style, [onload], [onerror], [onmouseover]").count() == 0
    assert text.decode().replace("\x1b", r"\x1b").replace("\x07", r"\x07") in str(found.page.locator("#d0-L48").text_content())


def test_hostile_names_everywhere_do_no_harm(opened: Visit) -> None:
    saved = [load(dump(name), name=f"{number}.save") for number, name in enumerate(NAMES.values())]
    found = opened("\n".join(page(gather(saved))))
    found.page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
    found.page.wait_for_load_state("networkidle")

    assert (found.asked[1:], found.said) == ([], [])
    assert found.page.locator("details.lines").count() == len(NAMES)


# ---- phones, the dark, size ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 400, 1400])
def test_the_page_never_scrolls_sideways(opened: Visit, width: int, scheme: str) -> None:
    found = opened(report(MIXED, "samples/kube-proxy/ipv6.save", "samples/by-hand/gateway.rules"), width=width, scheme=scheme)
    found.page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")

    assert found.page.evaluate("document.documentElement.scrollWidth") <= width


CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const channels = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = (colour) => { const [r, g, b] = channels(colour).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (channels(c)[3] === 255) return c; } return "white"; };
  const poor = new Set();
  for (const e of document.querySelectorAll("body *:not(svg *):not(script)")) {
    if (![...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(`${e.tagName}.${e.className}`);
  }
  return [...poor];
}"""
"""The elements whose text has a contrast below 4.5 (WCAG 2.2, 1.4.3) to what is behind it."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_texts_have_contrast(opened: Visit, scheme: str) -> None:
    found = opened(report(MIXED, "samples/by-hand/gateway.rules"), scheme=scheme)

    assert found.page.evaluate(CONTRAST) == []


def test_what_is_clicked_is_large_enough_for_a_finger(opened: Visit) -> None:
    found = opened(report(MIXED), width=400)
    script = "all => all.map(e => e.getBoundingClientRect().height).filter(height => height > 0)"

    assert min(found.page.locator("summary, nav a, input").evaluate_all(script)) >= 40


def test_headings_go_down_step_by_step(opened: Visit) -> None:
    found = opened(report(MIXED))
    levels = found.page.locator("h1, h2, h3").evaluate_all("all => all.map(e => Number(e.tagName[1]))")

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [found.page.locator(landmark).count() for landmark in ("header", "nav", "main", "footer", "[role=search]")] == [1] * 5


def test_a_dump_of_ten_thousand_lines_is_below_five_megabytes() -> None:
    assert len(large().encode()) < 5_000_000


def test_searching_ten_thousand_lines_takes_no_tenth_of_a_second(opened: Visit) -> None:
    found = opened(large(), fragment="#d0-L9000")
    script = """text => {
      const query = document.getElementById("query");
      query.value = text;
      const start = performance.now();
      query.dispatchEvent(new Event("input"));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    }"""
    typed = [text[:end] for text in ("10.96.1.7", "svc-00042") for end in range(len(text) + 1)]
    times = zip(*[[found.page.evaluate(script, text) for text in typed] for _ in range(7)], strict=True)

    assert max(map(min, times)) < 100  # the best of seven: something else may run on this machine
