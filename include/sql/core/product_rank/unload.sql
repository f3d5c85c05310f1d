-- grain: one row per place of the rankings of :run_date; key: mall, category, rank; to unload/product_rank/run_date=.../
-- a place whose product page could not be read is left out: a release shows only products that it knows
CREATE TEMP TABLE unloaded_product_rank (
    mall VARCHAR(16),
    category VARCHAR(16),
    rank INTEGER,
    product_id VARCHAR(64),
    run_date DATE
);

INSERT INTO unloaded_product_rank (
    mall,
    category,
    rank,
    product_id,
    run_date
)
SELECT
    product_rank.mall,
    product_rank.category,
    product_rank.rank,
    product_rank.product_id,
    product_rank.run_date
FROM core.product_rank AS product_rank
INNER JOIN core.product AS product
    ON product_rank.mall = product.mall
    AND product_rank.product_id = product.product_id
    AND product.first_run_date <= :run_date
WHERE product_rank.run_date = :run_date;

UNLOAD ('SELECT * FROM unloaded_product_rank ORDER BY mall, category, rank')
TO '{target}'
IAM_ROLE '{role_arn}'
FORMAT AS PARQUET
ALLOWOVERWRITE
PARALLEL OFF;
