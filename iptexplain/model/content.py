"""What may stand in a value of a rule: something that a person, a company or their machines could be known by, and of what kind.

The options of the extensions say it of their values (`extensions/common/extension.py`). What is done about it is no matter of this module.
"""

from __future__ import annotations

from enum import Enum


class Content(Enum):
    """What somebody may have chosen freely in a value; `PLAIN`: nothing."""

    PLAIN = "plain"
    """Numbers, marks, ports, masks, times of the day, words of a fixed vocabulary."""
    ADDRESS = "address"
    """Whatever holds addresses: `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, `10.0.0.1:80-90`, `[2001:db8::1]:80`, lists of them."""
    INTERFACE = "interface"
    """`eth0`, `cali+`."""
    SET = "set"
    """The name of a set of ipset."""
    LIST = "list"
    """The name of something else in the kernel: a list of recent, a table of hashlimit, a counter, an estimator, a timer, a light, a label,
    a helper, a policy, a fingerprint."""
    ACCOUNT = "account"
    """Who it is about on the machine, by name or number: users and groups, groups of interfaces, routing realms, cgroups, programs,
    security contexts."""
    COMMENT = "comment"
    """A comment."""
    PREFIX = "prefix"
    """What the kernel writes before a packet that it logs."""
    HARDWARE = "hardware"
    """The hardware address of a network card."""
    PROGRAM = "program"
    """A test of raw bytes, which may hold anything: of bpf (or the path of one), u32, string."""
    DATE = "date"
    """A day of the calendar, perhaps with a time."""
