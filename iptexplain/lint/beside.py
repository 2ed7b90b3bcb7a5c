"""What may be given to the checks beside a dump, all of it from the same node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ipset import IpSets
    from iptexplain.model.node import Link
    from iptexplain.model.ruleset import Ruleset


class Beside(NamedTuple):
    """None: not given, so not known.

    `sets` is what `ipset save` prints, `links` are the interfaces with their addresses; `backend` has the rules of the other backend (those
    of iptables-legacy-save for a dump of iptables-nft-save), `ip6` those of the other family. `service` is a part of the name of a Service
    that somebody asks about.
    """

    sets: IpSets | None = None
    links: Mapping[str, Link] | None = None
    backend: Ruleset | None = None
    ip6: Ruleset | None = None
    service: str | None = None


NOTHING = Beside()


def fit(subjects: Sequence[Subject], beside: Beside) -> None:
    """Raises `UsageError` if what is beside some dumps is not of their node: another family, the same backend, the same file."""
    for other in (beside.backend, beside.ip6):
        if other is not None and any(subject.ruleset.source.sha256 == other.source.sha256 for subject in subjects):
            raise UsageError(message("{file}: this is the dump itself", file=other.source.name))
    if beside.backend is not None and not any(subject.other_backend for subject in subjects):
        said = N_("{file}: --legacy wants the rules of the other backend for the family of the dump, and this has none")
        raise UsageError(message(said, file=beside.backend.source.name))
    if beside.ip6 is not None and not any(subject.other_family for subject in subjects):
        said = N_("{file}: --ip6 wants what ip6tables-save prints, beside a dump of iptables-save, and this has none")
        raise UsageError(message(said, file=beside.ip6.source.name))
