"""The marks of one start of the replica: ids of layout and module, and signatures that only it can make."""

from __future__ import annotations

import hashlib
import hmac
import random
import string
from dataclasses import dataclass

_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Marks:
    """What a page must take from the answer before and cannot make by itself."""

    layout: str
    list_slot: str
    secret: bytes

    def sign(self, *values: object) -> str:
        """A signature over some values."""
        text = "|".join(map(str, values)).encode()
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()[:24]

    def cursor(self, product_id: str, offset: int) -> str:
        """The mark of a place in a product's reviews."""
        return f"{offset}.{self.sign(product_id, offset)}"

    def place(self, product_id: str, cursor: str) -> int | None:
        """The place that a mark of ours names; None for one that was made by hand."""
        offset = cursor.partition(".")[0]
        return int(offset) if offset.isdigit() and cursor == self.cursor(product_id, int(offset)) else None


def draw(seed: int | None = None) -> Marks:
    """New marks; without a seed other ones at every start."""
    chance = random.Random(seed)
    slot = "".join(chance.choice(_LETTERS) for _ in range(12))
    return Marks(str(chance.randrange(200, 900)), slot, chance.randbytes(16))
