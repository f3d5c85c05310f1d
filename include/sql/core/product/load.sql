-- grain: one row per product; key: mall, product_id; source: staging.product, the rows of :run_date
-- re-running: the same rows. The guards stand in the batch, since Redshift's MERGE takes no condition: a day older than
-- the one that a row was last seen on keeps the newer row and only moves first_run_date back.
-- A product that a ranking lists and that is a colour sibling too counts as listed.
-- ANALYZE: the planner knows nothing of rows that this transaction wrote, and would join them row by row.
CREATE TEMP TABLE product_newest (LIKE staging.product);

INSERT INTO product_newest (
    mall,
    run_date,
    product_id,
    category,
    mall_category,
    name,
    brand,
    gender,
    gender_implied,
    price_krw,
    image_url,
    product_url,
    size_options,
    size_run,
    size_ruler,
    size_chart,
    sold_out,
    listed,
    captured_at,
    capture_key,
    capture_line
)
WITH newest_first AS (
    SELECT
        staged.mall,
        staged.run_date,
        staged.product_id,
        staged.category,
        staged.mall_category,
        staged.name,
        staged.brand,
        staged.gender,
        staged.gender_implied,
        staged.price_krw,
        staged.image_url,
        staged.product_url,
        staged.size_options,
        staged.size_run,
        staged.size_ruler,
        staged.size_chart,
        staged.sold_out,
        staged.listed,
        staged.captured_at,
        staged.capture_key,
        staged.capture_line,
        ROW_NUMBER() OVER (
            PARTITION BY staged.mall, staged.product_id
            ORDER BY staged.listed DESC, staged.captured_at DESC, staged.capture_key DESC, staged.capture_line DESC
        ) AS turn
    FROM staging.product AS staged
    WHERE staged.run_date = :run_date
)
SELECT
    mall,
    run_date,
    product_id,
    category,
    mall_category,
    name,
    brand,
    gender,
    gender_implied,
    price_krw,
    image_url,
    product_url,
    size_options,
    size_run,
    size_ruler,
    size_chart,
    sold_out,
    listed,
    captured_at,
    capture_key,
    capture_line
FROM newest_first
WHERE turn = 1;

ANALYZE product_newest (mall, product_id);

CREATE TEMP TABLE product_batch (LIKE core.product);

INSERT INTO product_batch (
    mall,
    product_id,
    category,
    mall_category,
    name,
    brand,
    gender,
    gender_implied,
    price_krw,
    image_url,
    product_url,
    size_options,
    size_run,
    size_ruler,
    size_chart,
    sold_out,
    listed,
    captured_at,
    capture_key,
    capture_line,
    first_run_date,
    last_run_date
)
SELECT
    newest.mall,
    newest.product_id,
    newest.category,
    newest.mall_category,
    newest.name,
    newest.brand,
    newest.gender,
    newest.gender_implied,
    newest.price_krw,
    newest.image_url,
    newest.product_url,
    newest.size_options,
    newest.size_run,
    newest.size_ruler,
    newest.size_chart,
    newest.sold_out,
    newest.listed,
    newest.captured_at,
    newest.capture_key,
    newest.capture_line,
    LEAST(newest.run_date, COALESCE(known.first_run_date, newest.run_date)) AS first_run_date,
    newest.run_date AS last_run_date
FROM product_newest AS newest
LEFT JOIN core.product AS known
    ON newest.mall = known.mall
    AND newest.product_id = known.product_id
WHERE COALESCE(known.last_run_date, newest.run_date) <= newest.run_date
UNION ALL
SELECT
    known.mall,
    known.product_id,
    known.category,
    known.mall_category,
    known.name,
    known.brand,
    known.gender,
    known.gender_implied,
    known.price_krw,
    known.image_url,
    known.product_url,
    known.size_options,
    known.size_run,
    known.size_ruler,
    known.size_chart,
    known.sold_out,
    known.listed,
    known.captured_at,
    known.capture_key,
    known.capture_line,
    LEAST(newest.run_date, known.first_run_date) AS first_run_date,
    known.last_run_date
FROM product_newest AS newest
INNER JOIN core.product AS known
    ON newest.mall = known.mall
    AND newest.product_id = known.product_id
WHERE known.last_run_date > newest.run_date;

ANALYZE product_batch (mall, product_id);

MERGE INTO core.product
USING product_batch
    ON product.mall = product_batch.mall
    AND product.product_id = product_batch.product_id
WHEN MATCHED THEN UPDATE SET
    category = product_batch.category,
    mall_category = product_batch.mall_category,
    name = product_batch.name,
    brand = product_batch.brand,
    gender = product_batch.gender,
    gender_implied = product_batch.gender_implied,
    price_krw = product_batch.price_krw,
    image_url = product_batch.image_url,
    product_url = product_batch.product_url,
    size_options = product_batch.size_options,
    size_run = product_batch.size_run,
    size_ruler = product_batch.size_ruler,
    size_chart = product_batch.size_chart,
    sold_out = product_batch.sold_out,
    listed = product_batch.listed,
    captured_at = product_batch.captured_at,
    capture_key = product_batch.capture_key,
    capture_line = product_batch.capture_line,
    first_run_date = product_batch.first_run_date,
    last_run_date = product_batch.last_run_date
WHEN NOT MATCHED THEN INSERT (
    mall,
    product_id,
    category,
    mall_category,
    name,
    brand,
    gender,
    gender_implied,
    price_krw,
    image_url,
    product_url,
    size_options,
    size_run,
    size_ruler,
    size_chart,
    sold_out,
    listed,
    captured_at,
    capture_key,
    capture_line,
    first_run_date,
    last_run_date
) VALUES (
    product_batch.mall,
    product_batch.product_id,
    product_batch.category,
    product_batch.mall_category,
    product_batch.name,
    product_batch.brand,
    product_batch.gender,
    product_batch.gender_implied,
    product_batch.price_krw,
    product_batch.image_url,
    product_batch.product_url,
    product_batch.size_options,
    product_batch.size_run,
    product_batch.size_ruler,
    product_batch.size_chart,
    product_batch.sold_out,
    product_batch.listed,
    product_batch.captured_at,
    product_batch.capture_key,
    product_batch.capture_line,
    product_batch.first_run_date,
    product_batch.last_run_date
);

ANALYZE core.product;

-- What an earlier load of this very day brought, and no other day, and the day's staged rows no longer hold, leaves: a
-- replay with a mended parser must be able to take a row back.
DELETE FROM core.product
WHERE first_run_date = :run_date
    AND last_run_date = :run_date
    AND NOT EXISTS (
        SELECT 1
        FROM product_newest AS newest
        WHERE newest.mall = product.mall
            AND newest.product_id = product.product_id
    );
