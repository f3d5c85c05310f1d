-- grain: one row per sample of :run_date; key: mall, review_id; to unload/sample/run_date=.../ as Parquet
-- UNLOAD takes no parameter, so the bound day stands in a temporary table
CREATE TEMP TABLE unloaded_sample (
    run_date DATE,
    mall VARCHAR(16),
    product_id VARCHAR(64),
    review_id VARCHAR(64),
    gender VARCHAR(8),
    height_cm DECIMAL(4, 1),
    weight_kg DECIMAL(4, 1),
    bought_label VARCHAR(64),
    size_index INTEGER,
    fit VARCHAR(8),
    fit_slight BOOLEAN,
    target DOUBLE PRECISION,
    weight DOUBLE PRECISION,
    reviewed_on DATE,
    first_run_date DATE
);

INSERT INTO unloaded_sample (
    run_date,
    mall,
    product_id,
    review_id,
    gender,
    height_cm,
    weight_kg,
    bought_label,
    size_index,
    fit,
    fit_slight,
    target,
    weight,
    reviewed_on,
    first_run_date
)
SELECT
    run_date,
    mall,
    product_id,
    review_id,
    gender,
    height_cm,
    weight_kg,
    bought_label,
    size_index,
    fit,
    fit_slight,
    target,
    weight,
    reviewed_on,
    first_run_date
FROM mart.sample
WHERE run_date = :run_date;

UNLOAD ('SELECT * FROM unloaded_sample ORDER BY mall, product_id, review_id')
TO '{target}'
IAM_ROLE '{role_arn}'
FORMAT AS PARQUET
ALLOWOVERWRITE
PARALLEL OFF;
