"""Settings in files: `[tool.iptexplain]` in `pyproject.toml`, or `iptexplain.toml`, of the folder where the command runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

FILES = ("iptexplain.toml", "pyproject.toml")
"""Where settings are looked for; the first file that has some counts."""

_LISTS = ("select", "ignore")
_SEVERITIES = ("min-severity", "fail-level")
_TEXTS = ("baseline",)


class Settings(NamedTuple):
    """What `lint` is told by a file; an option of the command line counts more. None: not said."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    min_severity: str | None = None
    fail_level: str | None = None
    baseline: str | None = None


def settings(folder: Path, severities: tuple[str, ...]) -> Settings:
    """The settings in a folder. Raises `UsageError`, with the file, for one that cannot be read and for a setting that is not there."""
    for name in FILES:
        file = folder / name
        if file.is_file():
            found = _table(file)
            if found is not None:
                return _settings(name, found, severities)
    return Settings()


def _table(file: Path) -> dict[str, Any] | None:
    """The settings of a file, None if it has none."""
    import tomllib

    try:
        whole = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(message("{file}: {reason}", file=file.name, reason=str(error))) from None
    if file.name == FILES[0]:
        return whole
    tools = whole.get("tool", {})
    found = tools.get("iptexplain") if isinstance(tools, dict) else None
    return found if isinstance(found, dict) else None


def _settings(file: str, found: dict[str, Any], severities: tuple[str, ...]) -> Settings:
    for name, value in found.items():
        if name in _LISTS:
            fine = isinstance(value, list) and all(isinstance(one, str) for one in value)
            expected = message("a list of codes")
        elif name in _SEVERITIES:
            fine, expected = value in severities, message("one of {severities}", severities=", ".join(severities))
        elif name in _TEXTS:
            fine, expected = isinstance(value, str), message("the path of a file")
        else:
            known = ", ".join((*_LISTS, *_SEVERITIES, *_TEXTS))
            raise UsageError(message("{file}: there is no setting {name}; there are {known}", file=file, name=name, known=known))
        if not fine:
            raise UsageError(message("{file}: {name} has to be {expected}", file=file, name=name, expected=expected))
    lists = {name: tuple(found[name]) for name in _LISTS if name in found}
    return Settings(
        select=lists.get("select"),
        ignore=lists.get("ignore"),
        min_severity=found.get("min-severity"),
        fail_level=found.get("fail-level"),
        baseline=found.get("baseline"),
    )
