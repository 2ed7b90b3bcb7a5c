"""The examples in docstrings and the Python of README.md are run, so that they cannot rot."""

from __future__ import annotations

import doctest
import re
from importlib import import_module

import pytest

from tests.checkout import ROOT

WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "iptexplain").rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


def test_there_are_examples() -> None:
    assert "iptexplain.owners.kube_proxy.names" in WITH_EXAMPLES


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_a_docstring_are_true(module: str) -> None:
    failed, tried = doctest.testmod(import_module(module))

    assert tried > 0
    assert failed == 0


def test_the_python_of_the_readme_prints_endpoints_and_fates(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the page's own example

    printed = capsys.readouterr().out.splitlines()

    assert [line.split()[:2] for line in printed] == [
        ["default/nginx", "192.168.104.1:80"],
        ["default/nginx", "192.168.166.129:80"],
        ["default/nginx", "192.168.166.130:80"],
        ["forwarded", "192.168.104.1"],
        ["forwarded", "192.168.166.129"],
        ["forwarded", "192.168.166.130"],
        ["64", "everything"],
        ["65", "TCP:"],
        ["71", "with"],
    ]
