"""Whether what the kernel did fits what was predicted."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.kernel.predict import Key

SIGMAS = 5.0
LEAST = 0.05
"""A packet that is sent once: rules leave at most a few results that are equally likely, a port or an address of a range."""


def disagreement(predicted: Mapping[Key, float], seen: Sequence[Key]) -> str:
    """How what was seen, once or many times, does not fit the prediction; nothing if it does.

    A source port that is predicted to be drawn may be any.
    """
    if abs(sum(predicted.values()) - 1) > 1e-9:
        return f"the chances add up to {sum(predicted.values())}"
    found = Counter(key if key in predicted else key._replace(sport=None) if key.dst else key for key in seen)
    total = len(seen)
    for key, count in found.items():
        chance = min(1.0, predicted.get(key, 0.0))
        if total == 1 and chance < LEAST:
            return f"the kernel did {key}, predicted {dict(predicted)}"
        if chance <= 0 or (total > 1 and abs(count - total * chance) > SIGMAS * math.sqrt(total * chance * (1 - chance)) + 1):
            return f"the kernel did {key} {count} of {total} times, predicted {chance:.5f} of {dict(predicted)}"
    for key, chance in predicted.items():
        if total > 1 and key not in found and total * chance > SIGMAS * math.sqrt(total * chance * (1 - chance)) + SIGMAS + 1:
            return f"the kernel never did {key} in {total} times, predicted {chance:.5f}"
    return ""


__all__ = ["disagreement"]
