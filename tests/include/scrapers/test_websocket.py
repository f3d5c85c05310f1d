"""What browser.py changes in the websocket library: the check of a text is Python's own, and still a check."""

from __future__ import annotations

import time

import pytest
from websocket import ABNF
from websocket._abnf import continuous_frame
from websocket._exceptions import WebSocketPayloadException

from include.scrapers import browser as browser  # noqa: PLC0414 (its import makes the change)


def received(text: bytes) -> bytes:
    """What the library makes of one frame of text."""
    frames, frame = continuous_frame(False, False), ABNF(fin=1, opcode=ABNF.OPCODE_TEXT, data=text)
    frames.validate(frame)
    frames.add(frame)
    return frames.extract(frame)[1].data


def test_a_text_comes_through_and_bytes_that_are_none_are_refused() -> None:
    assert received("가나다 🖤".encode()) == "가나다 🖤".encode()
    with pytest.raises(WebSocketPayloadException):
        received(b"\xff\xfe")


def test_a_large_text_costs_little() -> None:
    text = ("가나다라 abc " * 80_000).encode()
    began = time.process_time()
    received(text)
    assert time.process_time() - began < 0.1
