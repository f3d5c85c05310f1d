"""The pictures of a model's report, each a PNG inside the page."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence

import matplotlib

matplotlib.use("agg")  # no screen
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from ml.body import HEIGHTS, WEIGHTS  # noqa: E402

_BLUE, _GREY, _RED, _INK = "#1f5fa8", "#b8bec6", "#b3261e", "#30363d"
_EXTENT = (WEIGHTS[0] - 0.5, WEIGHTS[-1] + 0.5, HEIGHTS[0] - 0.5, HEIGHTS[-1] + 0.5)
plt.rcParams.update({"font.size": 9, "axes.edgecolor": _GREY, "axes.labelcolor": _INK, "xtick.color": _INK,
                     "ytick.color": _INK, "axes.spines.top": False, "axes.spines.right": False})  # fmt: skip

# low, high, and what a gain must not fall below
Gain = tuple[float, float, float]


def image(figure: plt.Figure, words: str) -> str:
    """An <img> that carries its picture; `words` is what it says to those who do not see it."""
    return f'<img alt="{html.escape(words)}" src="data:image/png;base64,{base64.b64encode(png(figure)).decode()}">'


def png(figure: plt.Figure) -> bytes:
    """The picture; equal figures give equal bytes."""
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return sink.getvalue()


def calibration_picture(models: Mapping[str, Sequence[tuple[float, float, int]]]) -> plt.Figure:
    """(stated, seen, rows) of each bin, by model; the first is ours."""
    figure, axes = plt.subplots(figsize=(4.2, 3.9))
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", zorder=1)
    colours = [_BLUE, _RED, "#6b7d3a", "#7a4fa3", "#c77d12", "#2f8f83", "#555555", "#999999"]
    for (name, points), colour in zip(models.items(), colours, strict=False):
        axes.plot([p[0] for p in points], [p[1] for p in points], marker="o", markersize=3.5, color=colour, label=name)
    axes.set(xlabel="stated probability of the advised size", ylabel="share that bought it", xlim=(0, 1), ylim=(0, 1))
    if len(models) > 1:
        axes.legend(frameon=False, fontsize=8)
    return figure


def gains_picture(gains: Mapping[str, Gain]) -> plt.Figure:
    """One line a comparison: the 95 % interval of the gain, and the mark that it must stay right of."""
    figure, axes = plt.subplots(figsize=(6.4, 0.55 * len(gains) + 0.8))
    for at, (low, high, floor) in enumerate(gains.values()):
        colour = _BLUE if low >= floor else _RED
        axes.plot([low, high], [at, at], color=colour, linewidth=5, solid_capstyle="butt")
        axes.plot([floor, floor], [at - 0.35, at + 0.35], color=_INK, linewidth=1.5)
    axes.axvline(0, color=_GREY, linewidth=1, linestyle="--", zorder=0)
    axes.set_yticks(range(len(gains)), list(gains))
    axes.set(ylim=(len(gains) - 0.5, -0.5), xlabel="worse  <  gain  >  better")
    axes.tick_params(axis="y", length=0)
    return figure


def map_picture(maps: Sequence[tuple[str, np.ndarray]], labels: Sequence[str]) -> plt.Figure:
    """Size maps side by side: (title, heights x weights of indexes into labels, -1 where nothing is answered)."""
    figure, panels = plt.subplots(1, len(maps), figsize=(3.9 * len(maps) + 0.6, 2.9), squeeze=False, sharey=True)
    steps = plt.get_cmap("viridis", max(2, len(labels)))
    for axes, (title, size) in zip(panels[0], maps, strict=True):
        axes.set_facecolor("#f1f2f4")
        shown = axes.imshow(np.ma.masked_less(size, 0), origin="lower", aspect="auto", extent=_EXTENT, cmap=steps,
                            vmin=-0.5, vmax=max(2, len(labels)) - 0.5, interpolation="nearest")  # fmt: skip
        axes.set(xlabel="weight, kg", title=_ascii(title))
    panels[0][0].set_ylabel("height, cm")
    bar = figure.colorbar(shown, ax=list(panels[0]), ticks=range(len(labels)), fraction=0.04)
    bar.ax.set_yticklabels([_ascii(label) for label in labels])
    bar.ax.tick_params(length=0)
    return figure


def _ascii(text: str) -> str:
    """The pictures' fonts have no Korean letters; the page around them says the names. A $ would begin a formula."""
    return text.encode("ascii", "replace").decode().replace("$", r"\$")
