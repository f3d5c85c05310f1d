-- Run after the samples of :run_date are built.

-- fail: the key run_date, mall, product_id, size_index is not unique
SELECT mall, product_id, size_index
FROM mart.size_run
WHERE run_date = :run_date
GROUP BY
    mall,
    product_id,
    size_index
HAVING COUNT(*) > 1;

-- fail: a label stands twice in one run
SELECT mall, product_id, size_label
FROM mart.size_run
WHERE run_date = :run_date
GROUP BY
    mall,
    product_id,
    size_label
HAVING COUNT(*) > 1;

-- fail: a run has gaps, or mixes rulers
SELECT mall, product_id
FROM mart.size_run
WHERE run_date = :run_date
GROUP BY
    mall,
    product_id
HAVING MIN(size_index) <> 0
    OR MAX(size_index) <> COUNT(*) - 1
    OR MAX(size_count) <> COUNT(*)
    OR MIN(size_count) <> COUNT(*)
    OR MIN(size_ruler) <> MAX(size_ruler);
