-- grain: one row per review that the size model may learn from, as of one run_date
-- key: run_date, mall, review_id; source: core.review; re-running: the day is replaced
CREATE TABLE IF NOT EXISTS mart.sample (
    run_date DATE NOT NULL,
    mall VARCHAR(16) NOT NULL,
    product_id VARCHAR(64) NOT NULL,
    review_id VARCHAR(64) NOT NULL,
    gender VARCHAR(8),
    height_cm DECIMAL(4, 1) NOT NULL,
    weight_kg DECIMAL(4, 1) NOT NULL,
    bought_label VARCHAR(64) NOT NULL,
    size_index INTEGER NOT NULL,
    fit VARCHAR(8),
    fit_slight BOOLEAN NOT NULL,
    target DOUBLE PRECISION NOT NULL,
    is_clipped BOOLEAN NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    reviewed_on DATE,
    first_run_date DATE NOT NULL
)
DISTKEY (product_id)
SORTKEY (run_date, mall, product_id);
