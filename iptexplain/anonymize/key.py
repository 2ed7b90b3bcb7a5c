"""The key that decides which pseudonym everything gets. It is never shown; what is made with it cannot be turned back without it."""

from __future__ import annotations

import hmac
from secrets import token_bytes

from iptexplain.errors import UnreadableInputError
from iptexplain.source import message

_LEAST = 16
"""The fewest bytes of a key: below that somebody could try all of them."""


class Key:
    """A key of at least 16 bytes."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        """Raises `UnreadableInputError` for one that is too short."""
        if len(secret) < _LEAST:
            what = message(
                "a key has at least {least} bytes, this one has {count}: `{command}` makes one",
                least=_LEAST,
                count=len(secret),
                command=_MAKE,
            )
            raise UnreadableInputError(what)
        self._secret = secret

    @classmethod
    def random(cls) -> Key:
        """A key that nobody has."""
        return cls(token_bytes(32))

    def draw(self, *what: str) -> bytes:
        """32 bytes that only this key gives for these words: HMAC with SHA-256 (RFC 2104)."""
        return hmac.digest(self._secret, "\0".join(what).encode("utf-8", "surrogateescape"), "sha256")

    def __repr__(self) -> str:
        return "<Key>"


_MAKE = "head -c 32 /dev/urandom > FILE"
