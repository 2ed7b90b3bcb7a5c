"""A rule says that it leads to one endpoint, and leads to another.

## What it does

From Kubernetes 1.24 on, the comment of a rule that leads to an endpoint names it: `default/nginx -> 192.168.104.1:80`. The check compares
that with where the `KUBE-SEP` chain behind the rule sends packets.

## Why it matters

Both are written from the same data at the same time. If they differ, one of them was changed later: by hand, or by a program that writes
the address of a Pod anew. People who read the rules are misled, and traffic may go to a Pod that is not the Service's.

## Example

```
-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.104.1:80" -j KUBE-SEP-HZVZGM4N576VDS2S
-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.9:80
```

## Use instead

Compare with the EndpointSlices of the Service (`kubectl get endpointslices`), then restart kube-proxy.

## Limits

Comments of older versions name no endpoint. Very long comments may be cut off, and are not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment, comment_slot
from iptexplain.lint.check import KUBE_PROXY, Check
from iptexplain.lint.common.choices import destinations
from iptexplain.lint.finding import WARNING, Hit
from iptexplain.model.address import Endpoint
from iptexplain.owners.kube_proxy.layout import ARROW
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.lint.subject import Subject
    from iptexplain.model.shape import Shape


_LONGEST = 250
"""A comment has at most 255 bytes in the kernel; those that come near may be cut off."""


def _look(subject: Subject) -> Iterator[Hit]:
    ends = destinations(subject) if ARROW in subject.ruleset.lines.source.text else {}
    for rule in subject.rules("nat", _may_say) if ends else ():
        target = rule.target_name or ""
        end = ends.get(target)
        said = (comment(rule) or "") if end is not None else ""
        name, arrow, endpoint = said.rpartition(ARROW)
        if end is not None and arrow and len(said) < _LONGEST and _differ(endpoint, end):
            what = message(
                "the comment says that {service} goes to {said}, but {chain} sends it to {endpoint}",
                service=name,
                said=endpoint,
                chain=target,
                endpoint=end,
            )
            yield Hit(rule.line, what, (rule.chain, target), word=endpoint)
            del ends[target]  # with session affinity two rules say the same


def _may_say(shape: Shape) -> bool:
    target = shape.target
    return target is not None and not isinstance(target.name, str) and comment_slot(shape) is not None


def _differ(said: str, end: str) -> bool:
    """Are both endpoints with address and port, and not the same."""
    try:
        one, other = Endpoint.parse(said), Endpoint.parse(end)
    except ValueError:
        return False
    return one != other and bool(other.first_port) and other.first is not None and bool(other.first.value)


CHECK = Check(
    "KP318",
    "comment-names-another-endpoint",
    WARNING,
    _look,
    message("compare with kubectl get endpointslices, and restart kube-proxy"),
    (KUBE_PROXY,),
)
