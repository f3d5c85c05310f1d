-- grain: one row per captured product page, of the days of the run that loads them
-- key: mall, product_id; source: staged Parquet by COPY; re-running: COPY replaces all rows
CREATE TABLE IF NOT EXISTS staging.product (
    mall VARCHAR(16) NOT NULL,
    run_date DATE NOT NULL,
    product_id VARCHAR(64) NOT NULL,
    category VARCHAR(16),
    mall_category VARCHAR(64),
    name VARCHAR(1024) NOT NULL,
    brand VARCHAR(256),
    gender VARCHAR(8),
    gender_implied BOOLEAN NOT NULL,
    price_krw INTEGER,
    image_url VARCHAR(2048),
    product_url VARCHAR(2048) NOT NULL,
    size_options VARCHAR(65535),
    size_run VARCHAR(4096),
    size_ruler VARCHAR(16),
    size_chart VARCHAR(65535),
    sold_out VARCHAR(4096),
    listed BOOLEAN NOT NULL,
    captured_at TIMESTAMPTZ NOT NULL,
    capture_key VARCHAR(512) NOT NULL,
    capture_line INTEGER NOT NULL
)
DISTSTYLE ALL;
