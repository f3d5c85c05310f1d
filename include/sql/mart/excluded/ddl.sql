-- grain: one row per review that the size model may not learn from, with the reason, as of one run_date
-- key: run_date, mall, review_id; source: core.review; re-running: the day is replaced
CREATE TABLE IF NOT EXISTS mart.excluded (
    run_date DATE NOT NULL,
    mall VARCHAR(16) NOT NULL,
    product_id VARCHAR(64) NOT NULL,
    review_id VARCHAR(64) NOT NULL,
    reason VARCHAR(32) NOT NULL
)
DISTKEY (product_id)
SORTKEY (run_date, mall, product_id);
