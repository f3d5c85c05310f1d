-- Run after the merge of :run_date.

-- fail: the key mall, product_id is not unique
SELECT mall, product_id
FROM core.product
GROUP BY
    mall,
    product_id
HAVING COUNT(*) > 1;

-- fail: a staged product did not arrive, or its days do not cover the day it was staged on
SELECT DISTINCT staged.mall, staged.product_id
FROM staging.product AS staged
LEFT JOIN core.product AS loaded
    ON staged.mall = loaded.mall
    AND staged.product_id = loaded.product_id
    AND staged.run_date BETWEEN loaded.first_run_date AND loaded.last_run_date
WHERE staged.run_date = :run_date
    AND loaded.mall IS NULL;

-- fail: a product was last seen before it was first seen
SELECT mall, product_id
FROM core.product
WHERE last_run_date < first_run_date;
