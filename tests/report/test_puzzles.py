from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.service_port import UNKNOWN
from iptexplain.report.puzzles import doubts
from iptexplain.source import message
from tests.report.gathered import COUNTED, MIXED, dump, dump_of_lines

if TYPE_CHECKING:
    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.source import Message


def test_a_sound_dump_leaves_no_question() -> None:
    found = dump(MIXED)

    assert (found.targets, found.doubts, found.unread) == ((), (), ())


def test_targets_that_are_not_followed_are_counted_with_their_first_line() -> None:
    found = dump_of_lines(
        ":INPUT ACCEPT [0:0]",
        "-A INPUT -s 10.0.0.1/32 -j SYNPROXY --sack-perm",
        "-A INPUT -s 10.0.0.2/32 -j LOG",
        "-A INPUT -s 10.0.0.3/32 -j SYNPROXY --sack-perm",
    )

    assert [(target.name, target.rules, target.line) for target in found.targets] == [("SYNPROXY", 2, 3)]


def test_targets_that_nobody_knows_are_no_targets_that_are_not_followed() -> None:
    assert dump_of_lines(":INPUT ACCEPT [0:0]", "-A INPUT -j MAGIC --spell x").targets == ()


def test_what_services_depend_on_is_counted_by_service() -> None:
    (port,) = dump(COUNTED).ports
    often, once = message("this"), message("that")

    def asks(*what: Message) -> ServicePort:
        routes = [one._replace(sources={"pod": one.sources["pod"]._replace(action=UNKNOWN, depends_on=what)}) for one in port.routes]
        return port._replace(routes=tuple(routes))

    found = doubts([asks(once, often), asks(often), port])

    assert [(str(one.what), one.ports) for one in found] == [("this", 2), ("that", 1)]
