"""What a Service port is called in findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iptexplain.analysis.service_port import ServicePort


def called(port: ServicePort) -> str:
    """What a Service port is called in a sentence: its name, else the chain that its hash gives."""
    return f"KUBE-SVC-{port.hash}" if port.service_port is None else port.service_port.text.removesuffix(":")


def about(port: ServicePort) -> tuple[str, ...]:
    """What names a Service port in a fingerprint."""
    return called(port), port.protocol
