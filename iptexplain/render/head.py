"""The lines above every view: what was read, and which kube-proxy wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.contents import others_filter
from iptexplain.render.layout import hanging
from iptexplain.render.safe import plain
from iptexplain.render.words import MISSING_TABLES, family, proxy_line, say
from iptexplain.source import all_of, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.analysis.service_port import DumpServices
    from iptexplain.model.ruleset import Dump
    from iptexplain.render.style import Style
    from iptexplain.source import Message


def head(file: str, found: DumpServices, width: int, style: Style) -> Iterator[str]:
    """The head lines of one dump."""
    yield from of_dump(file, found.dump, width)
    if found.proxy is not None:
        text = say(all_of(proxy_line(found.proxy)))
        yield from (style.quiet(line) for line in _fold(text, width))
        yield from (style.quiet(line) for line in _fold(say(_count(found)), width) if found.ports)
    if found.proxy is not None and any(table.line == 0 for table in found.dump.tables):
        text = say(message("rule lines alone: this holds if no rule of these chains was left out"))
        yield from (style.care(line) for line in _fold(text, width))
    if found.ports and others_filter(found.dump):
        yield from (style.quiet(line) for line in _fold(say(_OTHERS), width))
    for table in found.missing_tables:
        yield from (style.bad(line) for line in _fold(say(MISSING_TABLES[table]), width))


_OTHERS = message("filter holds rules of others too: whether they let the traffic through is not shown")


def _count(found: DumpServices) -> Message:
    """How many Service ports there are."""
    count, empty = len(found.ports), sum(not port.has_endpoints for port in found.ports)
    if empty and count == 1:
        return message("1 Service port, without endpoints")
    if empty:
        return message("{count} Service ports, {empty} of them without endpoints", count=count, empty=empty)
    return message("1 Service port") if count == 1 else message("{count} Service ports", count=count)


def of_dump(file: str, dump: Dump, width: int) -> Iterator[str]:
    """What was read: the program that printed it, tables, how many chains and rules."""
    yield from _fold(_read(file, dump), width)


def _read(file: str, dump: Dump) -> str:
    tables = ", ".join(plain(table.name) for table in dump.tables)
    program = say(message("iptables {version}", version=dump.version)) if dump.version else say(message("iptables, version unknown"))
    backend = f" ({dump.backend})" if dump.backend else ""
    return say(
        message(
            "{file}: {program}{backend}, {family}; tables {tables}; {chains} chains, {rules} rules{cut}",
            file=say(message("standard input")) if file == "-" else file,
            program=program,
            backend=backend,
            family=family(dump.family),
            tables=tables,
            chains=sum(len(table.chains) for table in dump.tables),
            rules=sum(len(table.rules) for table in dump.tables),
            cut="" if dump.complete else say(message("; CUT OFF, the end is missing")),
        )
    )


def _fold(text: str, width: int) -> list[str]:
    return hanging(text, width, 2)
