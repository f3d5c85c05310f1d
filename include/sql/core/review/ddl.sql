-- grain: one row per review of a mall, as last seen
-- key: mall, review_id; source: staging.review by MERGE; re-running: the same rows
-- distributed by product, since samples and size runs are made product by product
CREATE TABLE IF NOT EXISTS core.review (
    mall VARCHAR(16) NOT NULL,
    review_id VARCHAR(64) NOT NULL,
    product_id VARCHAR(64) NOT NULL,
    gender VARCHAR(8),
    gender_implied BOOLEAN NOT NULL,
    height_cm DECIMAL(4, 1),
    weight_kg DECIMAL(4, 1),
    size_option VARCHAR(1024),
    size_label VARCHAR(64),
    size_alias VARCHAR(64),
    size_ruler VARCHAR(16),
    size_order DOUBLE PRECISION,
    fit VARCHAR(8),
    fit_slight BOOLEAN NOT NULL,
    rating SMALLINT,
    reviewed_on DATE,
    captured_at TIMESTAMPTZ NOT NULL,
    capture_key VARCHAR(512) NOT NULL,
    capture_line INTEGER NOT NULL,
    first_run_date DATE NOT NULL,
    last_run_date DATE NOT NULL
)
DISTKEY (product_id)
SORTKEY (mall, product_id);
