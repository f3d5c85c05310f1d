-- grain: one row per size label of a product's size run, as of one run_date
-- key: run_date, mall, product_id, size_index; source: core.product, else the labels of its reviews
-- re-running: the day is replaced
CREATE TABLE IF NOT EXISTS mart.size_run (
    run_date DATE NOT NULL,
    mall VARCHAR(16) NOT NULL,
    product_id VARCHAR(64) NOT NULL,
    size_index INTEGER NOT NULL,
    size_label VARCHAR(64) NOT NULL,
    size_ruler VARCHAR(16) NOT NULL,
    size_count INTEGER NOT NULL,
    source VARCHAR(8) NOT NULL
)
DISTKEY (product_id)
SORTKEY (run_date, mall, product_id);
