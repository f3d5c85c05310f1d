"""A size model as one JSON file, and the version that its bytes give it. Never pickle: a model file runs no code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import xgboost as xgb

from ml.calibration import Calibration
from ml.effects import Effects
from ml.errors import ModelBroken
from ml.features import GENDERS, Products
from ml.levels import Shrinkage
from ml.model import Settings, SizeModel
from ml.network import from_document, to_document
from ml.ordinal import TERMS

FORMAT = 3


def write_model(model: SizeModel) -> bytes:
    """The model as JSON. The same model gives the same bytes."""
    products = model.products
    document: dict[str, Any] = {
        "format": FORMAT,
        "settings": asdict(model.settings),
        "calibration": asdict(model.calibration),
        "body_moments": model.body_moments,
        "products": {
            "mall": products.mall, "product_id": products.product_id, "brand": products.brand,
            "category": products.category, "ruler": products.ruler, "runs": [list(run) for run in products.runs],
            "first": products.first.tolist(), "place": products.place.tolist(),
        },
        "effects": {"threshold": model.effects.threshold.tolist(), "slopes": model.effects.slopes.tolist(),
                    "certainty": model.effects.certainty.tolist(), "pooled": model.effects.pooled.tolist()},
        "reviews": model.reviews.tolist(),
        "usual": model.usual.tolist(),
        "networks": [to_document(network) for network in model.networks],
        "booster": json.loads(bytes(model.booster.save_raw("json"))) if model.booster is not None else None,
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_model(body: bytes) -> SizeModel:
    """The model of write_model's bytes. Raises ModelBroken."""
    try:
        document = json.loads(body)
        if document["format"] != FORMAT:
            raise ModelBroken(f"the model file has format {document['format']!r}, this code reads {FORMAT}")
        return _model(document)
    except (ValueError, KeyError, TypeError, xgb.core.XGBoostError) as error:
        raise ModelBroken(f"the model file cannot be read: {error!r}") from error


def version_of(body: bytes, run_date: date) -> str:
    """YYYYMMDD- and the first twelve hexadecimal digits of the file's SHA-256."""
    return f"{run_date:%Y%m%d}-{hashlib.sha256(body).hexdigest()[:12]}"


def _model(document: dict[str, Any]) -> SizeModel:
    settings = dict(document["settings"])
    settings["shrinkage"] = Shrinkage(**settings["shrinkage"])
    products = dict(document["products"])
    products["runs"] = [tuple(run) for run in products["runs"]]
    products["first"] = np.array(products["first"], dtype=np.int64)
    products["place"] = np.array(products["place"], dtype=float)
    effects = document["effects"]
    booster = None
    if document["booster"] is not None:
        booster = xgb.Booster({"nthread": settings["threads"]})
        booster.load_model(bytearray(json.dumps(document["booster"]).encode()))
    return SizeModel(
        products=Products(**products),
        effects=Effects(
            np.array(effects["threshold"], dtype=float),
            np.array(effects["slopes"], dtype=float).reshape(-1, TERMS),
            np.array(effects["certainty"], dtype=float).reshape(-1, len(GENDERS)),
            np.array(effects["pooled"], dtype=bool),
        ),
        reviews=np.array(document["reviews"], dtype=float),
        usual=np.array(document["usual"], dtype=float),
        networks=tuple(from_document(network) for network in document["networks"]),
        booster=booster,
        calibration=Calibration(**document["calibration"]),
        settings=Settings(**settings),
        body_moments=document["body_moments"],
    )
