"""`python -m local.malls`: serve the replica malls on loopback, a generated catalogue or the reviews of a file."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import uvicorn

from local.malls import catalogue, review_file
from local.malls.app import Malls
from local.malls.buyers import SEOUL
from local.malls.goods import Stock
from local.malls.sites import SITES

_DEFAULT_SEED = 20_261
_PRODUCTS_IN_ALL = 100  # a demo of all malls together scrapes them in some minutes


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. A file of reviews that cannot be served ends in one line and exit code 2."""
    wanted = _parser().parse_args(arguments)
    try:
        stocks = _stocks(wanted)
    except review_file.ReviewFileError as error:
        print(f"ReviewFileError: {error}", file=sys.stderr)
        return 2
    try:
        listener = _listen(wanted.port)
    except OSError as error:
        print(
            f"port {wanted.port} is not free ({error.strerror}); choose another with --port "
            "(OTTO_MALLS_PORT in the embedded stack)",
            file=sys.stderr,
        )
        return 3
    print(f"replica malls on http://127.0.0.1:{wanted.port}: {_words(stocks)}", flush=True)
    app = Malls(stocks, delay=wanted.delay_ms / 1000)
    # Browsers keep their connections: without the limit a stop would wait for them.
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    with contextlib.suppress(KeyboardInterrupt):  # raised again by uvicorn after its own shutdown
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listen(port: int) -> socket.socket:
    """A listening socket on loopback, made here so that a taken port ends in a sentence of ours."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


def _stocks(wanted: argparse.Namespace) -> dict[str, Stock]:
    """The stock of each mall that is served: generated ones, or Musinsa's alone where it is a file of reviews."""
    if wanted.reviews is not None:
        return {"musinsa": review_file.read(wanted.reviews)}
    day = datetime.now(SEOUL).date()
    malls = wanted.malls or list(SITES)
    products = wanted.products or -(-_PRODUCTS_IN_ALL // len(malls))
    reviews = products * wanted.reviews_per_product
    return {mall: catalogue.generate(products, reviews, wanted.seed, day, SITES[mall].trade).stock for mall in malls}


def _words(stocks: dict[str, Stock]) -> str:
    counts = {mall: sum(product.listed for product in stock.products.values()) for mall, stock in stocks.items()}
    return "; ".join(
        f"{mall} {counts[mall]} listed products, {stock.review_count()} reviews" for mall, stock in stocks.items()
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.malls", description=__doc__)
    parser.add_argument("--port", type=_whole(1, 65_535), default=8095)
    parser.add_argument("--malls", nargs="+", choices=list(SITES), help="serve these only; all if not given")
    parser.add_argument(
        "--products",
        type=_whole(1, 20_000),
        help=f"listed products of each mall; if not given, {_PRODUCTS_IN_ALL} in all, spread evenly",
    )
    parser.add_argument("--reviews-per-product", type=_whole(0, 10_000), default=100, help="mean, not each")
    parser.add_argument("--seed", type=_whole(0, 2**32), default=_DEFAULT_SEED)
    parser.add_argument("--reviews", type=Path, help="serve this .csv or .csv.gz instead of a catalogue")
    parser.add_argument("--delay-ms", type=_whole(0, 60_000), default=0, help="hold every answer back that long")
    return parser


def _whole(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not between {low} and {high}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
