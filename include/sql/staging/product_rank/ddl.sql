-- grain: one row per place of one ranking, of the days of the run that loads them
-- key: mall, category, run_date, rank; source: staged Parquet by COPY; re-running: COPY replaces all rows
CREATE TABLE IF NOT EXISTS staging.product_rank (
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
DISTSTYLE ALL;
