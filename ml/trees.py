"""Boosters as one: several of them, each stopped early on a fold of its own, averaged into a single one."""

from __future__ import annotations

import json
from collections.abc import Sequence

import xgboost as xgb


def average(boosters: Sequence[xgb.Booster], threads: int) -> xgb.Booster:
    """A booster whose margin, above its base, is the mean of the others': all their trees, the leaves scaled.

    A mean of functions that rise with the body rises with the body.
    """
    documents = [json.loads(bytes(booster.save_raw("json"))) for booster in boosters]
    joined = documents[0]
    model = joined["learner"]["gradient_booster"]["model"]
    trees = [tree for document in documents for tree in document["learner"]["gradient_booster"]["model"]["trees"]]
    for number, tree in enumerate(trees):
        tree["id"] = number
        for node, left in enumerate(tree["left_children"]):
            if left < 0:  # a leaf: its value stands where a split has its condition
                tree["split_conditions"][node] /= len(boosters)
                tree["base_weights"][node] /= len(boosters)
    model["trees"] = trees
    model["tree_info"] = [0] * len(trees)
    model["iteration_indptr"] = list(range(len(trees) + 1))
    model["gbtree_model_param"]["num_trees"] = str(len(trees))
    joined["learner"]["attributes"] = {}
    merged = xgb.Booster({"nthread": threads})
    merged.load_model(bytearray(json.dumps(joined).encode()))
    return merged
