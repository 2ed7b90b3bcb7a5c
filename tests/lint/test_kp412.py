"""KP412: a mark is set where nothing looks at it any more."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

SET = "-A PREROUTING -p tcp -m tcp --dport 8080 -j MARK --set-xmark 0x10/0x10\n"
LOOK = "-A PREROUTING -m mark --mark 0x10/0x10 -j DROP\n"


def _marked(in_mangle: str = LOOK, in_nat: str = SET, *, in_filter: str = "", raw: str = "") -> str:
    """The sound dump with rules in front of each table."""
    mangle, name, rest = sound().partition("*filter\n")
    filter_, nat_name, nat = rest.partition("*nat\n")
    assert name
    assert nat_name
    return (
        raw
        + mangle.replace("COMMIT\n", in_mangle + "COMMIT\n")
        + name
        + filter_.replace("COMMIT\n", in_filter + "COMMIT\n")
        + nat_name
        + nat.replace("COMMIT\n", in_nat + "COMMIT\n")
    )


@pytest.mark.parametrize(
    ("text", "chain", "mark", "table"),
    [
        (_marked(), "PREROUTING", "0x10/0x10", "mangle"),
        (_marked(LOOK.replace("0x10/0x10", "0x10")), "PREROUTING", "0x10/0x10", "mangle"),
        (_marked(in_nat="-A PREROUTING -j MINE\n-A MINE -j MARK --set-xmark 0x10/0xffffffff\n"), "MINE", "0x10", "mangle"),
        (_marked(LOOK.replace("PREROUTING", "OUTPUT"), SET.replace("PREROUTING", "OUTPUT")), "OUTPUT", "0x10/0x10", "mangle"),
        (_marked("", raw=f"*raw\n:PREROUTING ACCEPT [0:0]\n{LOOK}COMMIT\n"), "PREROUTING", "0x10/0x10", "raw"),
        (_marked(LOOK + "-A UNUSED -m mark --mark 0x10/0x10 -j DROP\n"), "PREROUTING", "0x10/0x10", "mangle"),
    ],
)
def test_it_catches_a_mark_that_only_earlier_tables_look_for(text: str, chain: str, mark: str, table: str) -> None:
    (found,) = said(text, "KP412")

    assert found.startswith("KP412 warning ")
    assert found.endswith(
        f": chain {chain} of nat sets mark {mark} too late:"
        f" only {table} looks for it, which packets pass before nat, so nothing comes of it"
    )


@pytest.mark.parametrize(
    "text",
    [
        sound(),
        _marked(""),
        _marked(in_nat=""),
        _marked(in_filter="-A FORWARD -m mark --mark 0x10/0x10 -j ACCEPT\n"),
        _marked(in_filter="-A INPUT -m mark ! --mark 0x0 -j ACCEPT\n"),
        _marked(LOOK + LOOK.replace("PREROUTING", "POSTROUTING")),
        _marked(LOOK + "-A POSTROUTING -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff\n"),
        _marked(in_nat=SET + "-A POSTROUTING -m mark --mark 0x10/0x10 -j MASQUERADE\n"),
        _marked(in_nat="-A PREROUTING -j MINE\n-A OUTPUT -j MINE\n-A MINE -j MARK --set-xmark 0x10/0x10\n"),
        _marked(in_nat="-A UNUSED -j MARK --set-xmark 0x10/0x10\n"),
        _marked(in_nat=SET.replace("0x10/0x10", "0x0/0x10")),
        _marked(in_nat=SET.replace("0x10/0x10", "0x4000/0x4000")),
        _marked(LOOK.replace("0x10/0x10", "0x20/0x20")),
        _marked(LOOK.replace("0x10/0x10", "0x30/0x30"), SET.replace("0x10/0x10", "0x10/0xffffffff")),
        _marked(LOOK.replace("PREROUTING", "OUTPUT")),
        _marked().rpartition("COMMIT")[0],
    ],
)
def test_it_is_silent_where_something_behind_may_look_at_the_mark_or_nothing_does(text: str) -> None:
    assert not said(text, "KP412")
