"""A Service has no endpoints.

## What it does

Lists the Services that kube-proxy refuses because they have no endpoint that is ready. For a Service that was asked for (`--service`) that
is a warning, else it is an info.

## Why it matters

Connections to such a Service end at once with "connection refused". That is as it should be while no Pod is ready; it is the answer to
"why does my Service refuse connections", and no fault of the node (kubernetes/kubernetes#48719).

## Example

```
-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "default/nginx has no endpoints" -m tcp --dport 80 -j REJECT
```

## Use instead

Look whether Pods match the Service's selector and are ready: `kubectl get endpointslices -l kubernetes.io/service-name=NAME`.

## Limits

Some Services have no endpoints for good reason: a Deployment scaled to 0, a leader that is elected somewhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.served import about, called
from iptexplain.lint.finding import INFO, WARNING, Hit
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject


def _look(subject: Subject) -> Iterator[Hit]:
    for port in subject.ports:
        if not port.has_endpoints:
            line = port.routes[0].line if port.routes else 0
            what = message("{service} ({protocol}) has no endpoints", service=called(port), protocol=port.protocol)
            asked = subject.beside.service is not None and subject.beside.service in called(port)
            yield Hit(line, what, about(port), WARNING if asked else INFO)


CHECK = Check(
    "KP312",
    "no-endpoints",
    INFO,
    _look,
    message("look whether Pods match the Service's selector and are ready"),
    (KUBE_PROXY,),
    also=(WARNING,),
)
