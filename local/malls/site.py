"""What a replica mall is to the server: its addresses, its trade, its applications, and where its answers keep rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from local.malls.addresses import Addresses
from local.malls.faults import Faults
from local.malls.goods import Stock
from local.malls.trade import Trade

type Way = tuple[str | int, ...]  # keys and places from the top of a JSON value to a value inside it


@dataclass(frozen=True)
class ListAnswer:
    """Where one kind of JSON answer keeps its rows, so that a fault can spoil it without knowing the mall."""

    kind: str  # ranking, reviews
    host: str  # the label of the host name, or the role where it is the bare domain
    path: str  # a prefix of the path
    rows: Way  # to the list; vanished_list takes its last key away
    product: Way | None = None  # within a row, to the id of the product that it names: foreign_product
    blinded: Mapping[str, Any] | None = None  # what a blinded review's row says instead; None: the mall has no such


@dataclass(frozen=True)
class ReplicaSite:
    """One replica mall."""

    addresses: Addresses
    trade: Trade
    hosts: Callable[[Stock, Faults], Mapping[str, ASGIApp]]  # an application for each host name
    answers: tuple[ListAnswer, ...] = ()
