-- grain: one row per product known on :run_date; key: mall, product_id; to unload/product/run_date=.../ as Parquet
-- size_run is the run that the day's samples are indexed in; reviews and reviewed_until count those samples
CREATE TEMP TABLE unloaded_product (
    mall VARCHAR(16),
    product_id VARCHAR(64),
    name VARCHAR(1024),
    brand VARCHAR(256),
    category VARCHAR(16),
    gender VARCHAR(8),
    gender_implied BOOLEAN,
    price_krw INTEGER,
    image_url VARCHAR(2048),
    product_url VARCHAR(2048),
    size_run VARCHAR(8192),
    size_ruler VARCHAR(16),
    size_chart VARCHAR(65535),
    sold_out VARCHAR(4096),
    listed BOOLEAN,
    reviews INTEGER,
    reviewed_until DATE
);

INSERT INTO unloaded_product (
    mall,
    product_id,
    name,
    brand,
    category,
    gender,
    gender_implied,
    price_krw,
    image_url,
    product_url,
    size_run,
    size_ruler,
    size_chart,
    sold_out,
    listed,
    reviews,
    reviewed_until
)
WITH run AS (
    SELECT
        mall,
        product_id,
        MIN(size_ruler) AS size_ruler,
        '["' || LISTAGG(size_label, '", "') WITHIN GROUP (ORDER BY size_index) || '"]' AS labels
    FROM mart.size_run
    WHERE run_date = :run_date
    GROUP BY
        mall,
        product_id
),

evidence AS (
    SELECT
        mall,
        product_id,
        COUNT(*) AS reviews,
        MAX(reviewed_on) AS reviewed_until
    FROM mart.sample
    WHERE run_date = :run_date
    GROUP BY
        mall,
        product_id
)

SELECT
    product.mall,
    product.product_id,
    product.name,
    product.brand,
    product.category,
    product.gender,
    product.gender_implied,
    product.price_krw,
    product.image_url,
    product.product_url,
    run.labels AS size_run,
    run.size_ruler,
    product.size_chart,
    product.sold_out,
    product.listed,
    COALESCE(evidence.reviews, 0) AS reviews,
    evidence.reviewed_until
FROM core.product AS product
LEFT JOIN run
    ON product.mall = run.mall
    AND product.product_id = run.product_id
LEFT JOIN evidence
    ON product.mall = evidence.mall
    AND product.product_id = evidence.product_id
WHERE product.first_run_date <= :run_date;

UNLOAD ('SELECT * FROM unloaded_product ORDER BY mall, product_id')
TO '{target}'
IAM_ROLE '{role_arn}'
FORMAT AS PARQUET
ALLOWOVERWRITE
PARALLEL OFF;
