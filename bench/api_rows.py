"""The API and one address more: the same query through the same pool, its rows as they are."""

from __future__ import annotations

import json

from fastapi import Response

from api.app import app
from api.shapes import Question
from web import database, queries
from web.bodies import Body


@app.post("/rows", include_in_schema=False)
def rows(question: Question) -> Response:
    """The rows of POST /v1/sizes by json.dumps."""
    found = database.read(
        queries.sizes,
        malls=[asked.mall for asked in question.products],
        product_ids=[asked.product_id for asked in question.products],
        lookup=Body(question.height_cm, question.weight_kg, question.gender).lookup(),
    )
    return Response(json.dumps(found), media_type="application/json")
