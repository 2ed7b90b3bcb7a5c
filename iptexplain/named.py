"""`NamedTuple` as in `typing`, made in less than a third of the time.

`typing.NamedTuple` compiles each annotation that is a string, as all are under `from __future__ import annotations`, to see that it is an
expression. There are seventy named tuples here: that was a fifteenth of all instructions of a short run. This one takes annotations as they
are, and no other bases. Type checkers see the one of `typing`; a named tuple with type variables has to be one of those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

    class _Maker(type):
        """Makes a class with annotated fields a named tuple, with everything else that stands in its body."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            with_default = [field for field in fields if field in body]
            if len(bases) > 1 or with_default != list(fields)[len(fields) - len(with_default) :]:
                raise TypeError(name)  # as `typing` does for a default before a field without one; and no other base, no type variables
            defaults = [body[field] for field in with_default]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])  # noqa: PYI024 - this is what makes them typed
            for key, value in body.items():
                if key not in fields and key not in {"__module__", "__qualname__"}:
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """The base of a named tuple: its annotated attributes are the fields."""


__all__ = ["NamedTuple"]
