"""The report of a judged model: one HTML page with its pictures inside, readable without any other file."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import Any

import matplotlib

matplotlib.use("agg")  # no screen
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from ml.body import HEIGHTS, WEIGHTS  # noqa: E402

_STYLE = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}" \
    "table{border-collapse:collapse}td,th{border-bottom:1px solid #ddd;padding:.25rem .8rem;text-align:left}" \
    "h1 span{padding:.1em .5em;border-radius:.3em;background:#eee}img{max-width:100%}"  # fmt: skip


def write_report(version: str, verdict: str, reasons: Sequence[str], figures: dict[str, Any],
                 calibration: Sequence[tuple[float, float, int]],
                 maps: Sequence[tuple[str, Sequence[str], np.ndarray]]) -> str:  # fmt: skip
    """The page: verdict, reasons, figures, calibration, and the size maps of some products."""
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8>",
        f"<title>Size model {html.escape(version)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Size model {html.escape(version)} <span>{html.escape(verdict)}</span></h1><ul>",
        *(f"<li>{html.escape(reason)}</li>" for reason in reasons),
        "</ul><h2>Figures on reviews that the model did not see</h2>",
        _figures(figures),
        "<h2>Stated and seen</h2>",
        _image(_calibration_picture(calibration), "calibration plot"),
        "<h2>Size maps</h2>",
        *(_image(_map_picture(*one), f"size map of {one[0]}") for one in maps),
        "</body></html>",
    ]
    return "\n".join(parts)


def _figures(figures: dict[str, Any]) -> str:
    named = {name: value for name, value in figures.items() if isinstance(value, dict)}
    keys = list(dict.fromkeys(key for value in named.values() for key in value))
    head = "".join(f"<th>{html.escape(key)}</th>" for key in keys)
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th>" + "".join(f"<td>{_text(value.get(key))}</td>" for key in keys) + "</tr>"
        for name, value in named.items()
    )
    others = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{_text(value)}</td></tr>"
        for name, value in figures.items()
        if not isinstance(value, dict)
    )
    return f"<table><tr><th></th>{head}</tr>{rows}</table><table>{others}</table>"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return html.escape(f"{value:.4f}" if isinstance(value, float) else str(value))


def _image(figure: plt.Figure, words: str) -> str:
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=90, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return f'<img alt="{html.escape(words)}" src="data:image/png;base64,{base64.b64encode(sink.getvalue()).decode()}">'


def _calibration_picture(points: Sequence[tuple[float, float, int]]) -> plt.Figure:
    figure, axes = plt.subplots(figsize=(4.5, 4.5))
    axes.plot([0, 1], [0, 1], color="#bbb", linewidth=1)
    axes.plot([stated for stated, _, _ in points], [seen for _, seen, _ in points], marker="o", color="#1f5fa8")
    axes.set(xlabel="stated probability", ylabel="share that wore the size", xlim=(0, 1), ylim=(0, 1))
    return figure


def _map_picture(title: str, labels: Sequence[str], size: np.ndarray) -> plt.Figure:
    figure, axes = plt.subplots(figsize=(6, 3.6))
    extent = (WEIGHTS[0] - 0.5, WEIGHTS[-1] + 0.5, HEIGHTS[0] - 0.5, HEIGHTS[-1] + 0.5)
    shown = axes.imshow(np.ma.masked_less(size, 0), origin="lower", aspect="auto", extent=extent, cmap="viridis",
                        vmin=0, vmax=max(1, len(labels) - 1), interpolation="nearest")  # fmt: skip
    bar = figure.colorbar(shown, ticks=range(len(labels)))
    bar.ax.set_yticklabels([label.encode("ascii", "replace").decode() for label in labels])
    axes.set(xlabel="weight, kg", ylabel="height, cm", title=title.encode("ascii", "replace").decode())
    return figure
