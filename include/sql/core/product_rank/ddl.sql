-- grain: one row per place of one ranking of one day
-- key: mall, category, run_date, rank; source: staging.product_rank; re-running: the day is replaced
CREATE TABLE IF NOT EXISTS core.product_rank (
    mall VARCHAR(16) NOT NULL,
    run_date DATE NOT NULL,
    category VARCHAR(16) NOT NULL,
    mall_category VARCHAR(64) NOT NULL,
    rank INTEGER NOT NULL,
    product_id VARCHAR(64) NOT NULL,
    captured_at TIMESTAMPTZ NOT NULL,
    capture_key VARCHAR(512) NOT NULL,
    capture_line INTEGER NOT NULL
)
DISTSTYLE ALL
SORTKEY (run_date);
