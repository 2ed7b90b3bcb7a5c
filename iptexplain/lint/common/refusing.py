"""The rule that refuses traffic to Pods before it comes to KUBE-FORWARD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.common.course import MOST, common_end, sent

if TYPE_CHECKING:
    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import Rule

KUBE_FORWARD = "KUBE-FORWARD"


def refusing_first(subject: Subject) -> Rule | None:
    """The rule that all marked traffic to the first endpoints meets on its way through FORWARD; None if it refuses none, or not all."""
    return subject.once(_refusing_first)


def _refusing_first(subject: Subject) -> Rule | None:
    filter_ = subject.table("filter")
    if filter_ is None or KUBE_FORWARD not in subject.jumps("filter"):
        return None
    end = common_end(filter_, "FORWARD", sent(subject, MOST), {KUBE_FORWARD})
    return end.rule if end is not None and end.refuses else None
