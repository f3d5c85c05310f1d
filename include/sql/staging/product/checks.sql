-- Run once after COPY; :run_dates is the comma-joined list of the run's days.

-- fail: a staged product is of a day that this run does not load
SELECT mall, product_id, run_date
FROM staging.product
WHERE STRPOS(:run_dates, CAST(run_date AS VARCHAR)) = 0;

-- fail: a staged product has a category or a gender that is not one of ours
SELECT mall, product_id, run_date
FROM staging.product
WHERE category NOT IN ('tops', 'bottoms', 'outer', 'dress', 'skirt', 'shoes', 'bag', 'accessory', 'other')
    OR gender NOT IN ('men', 'women', 'unisex');

-- fail: a staged product has a gender marked implied and no gender, or a price below zero
SELECT mall, product_id, run_date
FROM staging.product
WHERE (gender_implied AND gender IS NULL)
    OR price_krw < 0;

-- warn: a product is staged more than once for a day; the newest capture counts
SELECT mall, product_id, run_date
FROM staging.product
GROUP BY
    mall,
    product_id,
    run_date
HAVING COUNT(*) > 1;

-- warn: a size run is no plain list of labels; the product's reviews make its run instead
SELECT mall, product_id, run_date
FROM staging.product
WHERE size_run NOT LIKE '["_%"]'
    OR STRPOS(size_run, CHR(92)) > 0;
