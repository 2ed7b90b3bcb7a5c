"""Pictures as text: labels, and that nothing which strangers wrote is obeyed by Graphviz, Mermaid or a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest

from iptexplain.analysis.graph import Look, graph
from iptexplain.analysis.services import services
from iptexplain.api import load
from iptexplain.render import graph_dot, graph_mermaid
from tests.checkout import ROOT
from tests.command import CLASSIC, FIXTURES, SAMPLES
from tests.render.test_hostile import NAMES, dump, unsafe

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot of Graphviz is not installed")
LOOKS = (Look(), Look(fold=False), Look(service=""))

QUOTED = r'"(?:[^"\\\n]|\\.)*"'
ATTRIBUTES = rf"\w+=(?:{QUOTED}|[\w.#]+)(?:, \w+=(?:{QUOTED}|[\w.#]+))*"
DOT_LINES = (
    r"digraph iptables \{",
    r"\s*\w+=[\w.]+;(?: \w+=[\w.]+;)*",
    rf"\s*(?:graph|node|edge) \[{ATTRIBUTES}\];",
    rf"\s*subgraph {QUOTED} \{{",
    rf"\s*\w+={QUOTED};(?: \w+={QUOTED};)*",
    rf"\s*\w+ \[{ATTRIBUTES}\];",
    rf"\s*\w+ -> \w+(?: \[{ATTRIBUTES}\])?;",
    r"\s*\{ rank=same; \w+(?: \w+)* \}",
    r"\s*\}",
)
"""The forms of lines that a picture in DOT has."""

TEXT = r'"(?:[^"#&<>`;|{}\[\]\\]|<br/>|#\d+;)*"'
MERMAID_LINES = (
    r"flowchart LR",
    rf"  subgraph t\w+\[{TEXT}\]",
    r"  end",
    rf"\s+n\w+(?:\[|\[\[|\(|\(\[|>|\{{\{{){TEXT}(?:\]|\]\]|\)|\]\)|\}}\}})",
    rf"  n\w+ (?:-->|-\.->)(?:\|{TEXT}\|)? n\w+",
    r"  classDef [a-z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}",
    r"  class n\w+(?:,n\w+)* [a-z]+",
)
"""The forms of lines that a picture in Mermaid has: no quote, bracket or sign of its own is left inside a text."""


def drawn(saved: bytes, look: Look, view: str) -> str:
    """The picture of a dump in one language."""
    pictures = [graph(one, look) for one in services(load(saved))]
    lines = graph_dot.lines(pictures) if view == "dot" else graph_mermaid.lines(pictures)
    return "\n".join(lines) + "\n"


def wrong(text: str, forms: tuple[str, ...]) -> list[str]:
    """The lines that have none of these forms."""
    return [line for line in text.splitlines() if not any(re.fullmatch(form, line) for form in forms)]


@pytest.mark.parametrize("name", [*SAMPLES, *FIXTURES])
def test_all_lines_have_the_form_of_their_language(name: str) -> None:
    saved = (ROOT / name).read_bytes()

    assert wrong(drawn(saved, Look(), "dot"), DOT_LINES) == []
    assert wrong(drawn(saved, Look(), "mermaid"), MERMAID_LINES) == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("what", NAMES)
def test_what_strangers_wrote_does_not_leave_its_quotes(what: str, look: Look) -> None:
    dot, mermaid = (drawn(dump(NAMES[what]), look, view) for view in ("dot", "mermaid"))

    assert (wrong(dot, DOT_LINES), wrong(mermaid, MERMAID_LINES)) == ([], [])
    assert (unsafe(dot), unsafe(mermaid)) == ([], [])


@pytest.mark.parametrize(
    ("name", "in_dot", "in_mermaid"),
    [
        ('a"b', r"a\"b", "a#34;b"),
        (r"a\Nb\lc", r"a\\Nb\\lc", "a#92;Nb#92;lc"),
        ("a&lt;b", "a&amp;lt;b", "a#38;lt#59;b"),
        ("<b>x</b>", "<b>x</b>", "#60;b#62;x#60;/b#62;"),
        ("x]]>y", "x]]>y", "x#93;#93;#62;y"),
        ("%%{init}%%", "%%{init}%%", "#37;#37;#123;init#125;#37;%"),
        ("50 %", "50 %", "50 %"),
        ("`*x*`", "`*x*`", "#96;#42;x#42;#96;"),
        ("日本", "日本", "日本"),
    ],
)
def test_signs_that_mean_something_are_escaped(name: str, in_dot: str, in_mermaid: str) -> None:
    assert graph_dot.quoted([name]) == f'"{in_dot}"'
    assert graph_mermaid.quoted([name]) == f'"{in_mermaid}"'


@needs_dot
@pytest.mark.parametrize("what", NAMES)
def test_graphviz_makes_of_it_an_svg_without_anything_active(what: str) -> None:
    text = drawn(dump(NAMES[what]), Look(fold=False), "dot")
    done = subprocess.run(["dot", "-Tsvg"], input=text, encoding="utf-8", check=False, capture_output=True)  # noqa: S607 - wherever PATH has it

    assert (done.returncode, done.stderr) == (0, "")
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(done.stdout).iter()}  # noqa: S314 - Graphviz wrote it just now
    assert tags <= {"svg", "g", "a", "title", "text", "polygon", "polyline", "path", "ellipse"}


def label(text: str, name: str) -> str:
    """The label of the node in DOT whose first line is this name."""
    (found,) = re.findall(rf'\[label="({re.escape(name)}(?:\\n[^"]*)?)"', text)
    return str(found)


@pytest.mark.parametrize(
    ("sample", "name", "expected"),
    [
        (CLASSIC, "default/nginx", r"default/nginx\nClusterIP 10.109.35.24:80/TCP, masqueraded: node, outside"),
        (CLASSIC, "KUBE-MARK-MASQ", r"KUBE-MARK-MASQ\nruns MARK\nchains of Services jump here"),
        (CLASSIC, "INPUT", r"INPUT\npolicy ACCEPT"),
        (
            "samples/kube-proxy/external-access.save",
            "shop/everything:http",
            (
                r"shop/everything:http\nClusterIP 10.96.2.11:80/TCP, masqueraded: node, outside"
                r"\nExternalIP 203.0.113.12:80/TCP, masqueraded"
                r"\nLoadBalancer 198.51.100.9:80/TCP, masqueraded: allowed, DROPPED: Pods, node, others"
                r"\nNodePort node IP:30088/TCP, masqueraded"
            ),
        ),
        (
            "samples/kube-proxy/mixed-cluster.save",
            "namespace monitoring",
            (
                r"namespace monitoring\n7 Service ports, 17 endpoints\nalertmanager:http-web\ngrafana:http-web"
                r"\nloki:grpc\nloki:http\nand 3 more"
            ),
        ),
        (
            "samples/kube-proxy/mixed-cluster.save",
            "3 Service ports without endpoints",
            r"3 Service ports without endpoints\ndata/kafka-legacy:client\ndefault/old-canary:http\nshop/users:http",
        ),
        (
            "samples/kube-proxy/local-policies.save",
            "1 Service port that is turned away",
            r"1 Service port that is turned away\npol/int-local-none:http",
        ),
    ],
)
def test_the_label_of_a_node_says_what_it_stands_for(sample: str, name: str, expected: str) -> None:
    assert label(drawn((ROOT / sample).read_bytes(), Look(), "dot"), name) == expected


@pytest.mark.parametrize(
    ("sample", "look", "expected"),
    [
        (CLASSIC, Look(), '" 33.3 % "'),
        (CLASSIC, Look(service="nginx"), r'" ClusterIP 10.109.35.24:80/TCP \n masqueraded: node, outside "'),
        (CLASSIC, Look(), '" 2 rules "'),
        (CLASSIC, Look(), '" marked "'),
        (
            "samples/kube-proxy/local-policies.save",
            Look(),
            r'" 20.0 % each \n 50.0 % each of local: \n 10.244.1.70:8080 \n 10.244.1.71:8080 "',
        ),
        (CLASSIC, Look(), r'" to 2 of 4: \n KUBE-PROXY-FIREWALL \n KUBE-SERVICES "'),
        (
            "samples/kube-proxy/mixed-cluster.save",
            Look(service="istio-ingressgateway:https"),
            r'" istio-system/istio-ingressgateway:https: LoadBalancer 192.0.2.241:443/TCP \n DROPPED: Pods, node, others "',
        ),
        (
            "samples/kube-proxy/mixed-cluster.save",
            Look(),
            (
                r'" health checks of ingress-nginx/ingress-nginx-controller:http'
                r' \n health checks of ingress-nginx/ingress-nginx-controller:https "'
            ),
        ),
        ("samples/kube-proxy/local-policies.save", Look(service="pol/both-local-some"), '" 50.0 % of local "'),
    ],
)
def test_the_label_of_an_edge_says_what_takes_it(sample: str, look: Look, expected: str) -> None:
    assert f"label={expected}" in drawn((ROOT / sample).read_bytes(), look, "dot")


HOOKS = "*filter\n:INPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n{rules}\nCOMMIT\n"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("-A INPUT -m statistic --mode random --probability 0.25 -j A\n-A INPUT -j B", ["25.0 %", "75.0 %"]),
        (
            "-A INPUT -p tcp -m statistic --mode random --probability 0.25 -j A\n-A INPUT -p tcp -j B",
            ["25.0 % of what matches", "75.0 % of what matches"],
        ),
        (
            "-A INPUT -i lo -j RETURN\n-A INPUT -m statistic --mode random --probability 0.5 -j A\n-A INPUT -j B",
            ["50.0 % of what comes to line 6", "50.0 % of what comes to line 6"],
        ),
        (
            "-A INPUT -i lo -j RETURN\n-A INPUT -p tcp -m statistic --mode random --probability 0.5 -j A\n-A INPUT -p tcp -j B",
            ["50.0 % of what matches, from line 6 on", "50.0 % of what matches, from line 6 on"],
        ),
        ("-A INPUT -m statistic --mode random --probability 0.5 -j A\n-A INPUT -p tcp -j B", ["with probability 50.0 %"]),
    ],
)
def test_rules_that_draw_lots_say_on_their_edges_what_they_take(rules: str, expected: list[str]) -> None:
    saved = HOOKS.format(rules=rules + "\n-A A -j ACCEPT\n-A B -j ACCEPT").encode()

    assert re.findall(r'-->\|"([^"]*)"\|', drawn(saved, Look(), "mermaid")) == expected


def test_the_edge_of_a_part_of_folded_chains_says_which() -> None:
    chains = [f"f-{number}" for number in range(8)]
    rules = [f"-A {chain} -p tcp -j {'A' if number < 2 else 'B'}" for number, chain in enumerate(chains)]
    more = [f"-A INPUT -i eth{number} -j {chain}" for number, chain in enumerate(chains[:6])]
    text = drawn(HOOKS.format(rules="\n".join([*more, *rules, "-A A -j DROP", "-A B -j ACCEPT"])).encode(), Look(), "mermaid")

    assert re.findall(r'-->\|"([^"]*)"\|', text) == [
        "to 6 of 8:<br/>f-0<br/>f-1<br/>f-2<br/>f-3<br/>and 2 more",
        "from 2 of 8:<br/>f-0<br/>f-1",
        "from 6 of 8:<br/>f-2<br/>f-3<br/>f-4<br/>f-5<br/>and 2 more",
    ]
