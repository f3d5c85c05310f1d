-- The published size tables. A release is written beside the live one and becomes live by moving one pointer, so that
-- readers never wait, never see half, and going back is the same move.
CREATE SCHEMA otto;

-- one row per publication, kept for good; the live one is not marked here but pointed at (otto.live)
CREATE TABLE otto.release (
    release_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_date DATE NOT NULL,
    model_version TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    live_from TIMESTAMPTZ,
    state TEXT NOT NULL CHECK (state IN ('building', 'ready', 'withdrawn', 'retired', 'failed')),
    reason TEXT,
    products INTEGER,
    rows BIGINT,
    metrics JSONB NOT NULL DEFAULT '{}'
);

-- one row at most: the pointer, and the only truth about what is live
CREATE TABLE otto.live (
    "only" BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK ("only"),
    release_id BIGINT NOT NULL REFERENCES otto.release (release_id)
);

-- one row per thing that was done to a release, with who and why; release_id is NULL for a hold before any release
CREATE TABLE otto.release_event (
    at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    release_id BIGINT REFERENCES otto.release (release_id),
    action TEXT NOT NULL,
    by TEXT NOT NULL,
    reason TEXT
);

CREATE INDEX release_event_at ON otto.release_event (at);

-- one row per product of a release; key: release_id, mall, product_id
CREATE TABLE otto.release_product (
    release_id BIGINT NOT NULL,
    mall TEXT NOT NULL,
    product_id TEXT NOT NULL,
    name TEXT NOT NULL,
    brand TEXT,
    category TEXT,
    gender TEXT CHECK (gender IN ('men', 'women', 'unisex')),
    price_krw INTEGER,
    image_url TEXT,
    product_url TEXT,
    size_run TEXT[],
    fit_advice TEXT CHECK (fit_advice IN ('small', 'true', 'large')),
    fit_share REAL CHECK (fit_share BETWEEN 0 AND 1),
    reviews INTEGER NOT NULL,
    reviewed_until DATE,
    size_chart JSONB,
    sold_out TEXT[],
    PRIMARY KEY (release_id, mall, product_id)
) PARTITION BY LIST (release_id);

-- one row per place of a ranking of a release; key: release_id, mall, category, rank
CREATE TABLE otto.release_rank (
    release_id BIGINT NOT NULL,
    mall TEXT NOT NULL,
    category TEXT NOT NULL,
    rank INTEGER NOT NULL CHECK (rank > 0),
    product_id TEXT NOT NULL,
    ranked_on DATE NOT NULL,
    PRIMARY KEY (release_id, mall, category, rank)
) PARTITION BY LIST (release_id);

-- one row per product, gender, height and run of weights with one answer; together they tile 140..200 cm x 35..130 kg
-- key: release_id, mall, product_id, gender, height_cm, weight_from_kg
CREATE TABLE otto.size_band (
    release_id BIGINT NOT NULL,
    mall TEXT NOT NULL,
    product_id TEXT NOT NULL,
    gender TEXT NOT NULL CHECK (gender IN ('male', 'female', 'unknown')),
    height_cm SMALLINT NOT NULL CHECK (height_cm BETWEEN 140 AND 200),
    weight_from_kg SMALLINT NOT NULL CHECK (weight_from_kg >= 35),
    weight_to_kg SMALLINT NOT NULL CHECK (weight_to_kg BETWEEN weight_from_kg AND 130),
    state TEXT NOT NULL CHECK (state IN ('answered', 'no_evidence')),
    size_label TEXT,
    probability REAL,
    runner_up TEXT,
    runner_up_probability REAL,
    reviews INTEGER NOT NULL,
    PRIMARY KEY (release_id, mall, product_id, gender, height_cm, weight_from_kg)
) PARTITION BY LIST (release_id);

-- What readers read. The pointer is read by a sub-select, not by a join: its value prunes the partitions when the
-- statement runs, whatever the planner believes about the size of otto.live.
CREATE VIEW otto.product AS
SELECT
    release_id,
    mall,
    product_id,
    name,
    brand,
    category,
    gender,
    price_krw,
    image_url,
    product_url,
    size_run,
    fit_advice,
    fit_share,
    reviews,
    reviewed_until,
    size_chart,
    sold_out
FROM otto.release_product
WHERE release_id = (SELECT live.release_id FROM otto.live AS live);

CREATE VIEW otto.product_rank AS
SELECT
    release_id,
    mall,
    category,
    rank,
    product_id,
    ranked_on
FROM otto.release_rank
WHERE release_id = (SELECT live.release_id FROM otto.live AS live);

CREATE VIEW otto.size_table AS
SELECT
    release_id,
    mall,
    product_id,
    gender,
    height_cm,
    weight_from_kg,
    weight_to_kg,
    state,
    size_label,
    probability,
    runner_up,
    runner_up_probability,
    reviews
FROM otto.size_band
WHERE release_id = (SELECT live.release_id FROM otto.live AS live);

CREATE VIEW otto.release_status AS
SELECT
    release.release_id,
    release.run_date,
    release.model_version,
    release.created_at,
    release.live_from,
    CASE WHEN live.release_id IS NULL THEN release.state ELSE 'live' END AS state,
    release.reason,
    release.products,
    release.rows,
    release.metrics
FROM otto.release AS release
LEFT JOIN otto.live AS live
    ON live.release_id = release.release_id;
