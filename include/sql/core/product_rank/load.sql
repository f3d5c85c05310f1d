-- grain: one row per place of one ranking of one day; key: mall, category, run_date, rank
-- source: staging.product_rank, which holds the whole day (its manifest names the parts of every mall and category)
-- re-running: the day is replaced, so that a ranking that became shorter leaves no tail behind
DELETE FROM core.product_rank
WHERE run_date = :run_date;

INSERT INTO core.product_rank (
    mall,
    run_date,
    category,
    mall_category,
    rank,
    product_id,
    captured_at,
    capture_key,
    capture_line
)
WITH newest_first AS (
    SELECT
        staged.mall,
        staged.run_date,
        staged.category,
        staged.mall_category,
        staged.rank,
        staged.product_id,
        staged.captured_at,
        staged.capture_key,
        staged.capture_line,
        ROW_NUMBER() OVER (
            PARTITION BY staged.mall, staged.category, staged.rank
            ORDER BY staged.captured_at DESC, staged.capture_key DESC, staged.capture_line DESC
        ) AS turn
    FROM staging.product_rank AS staged
    WHERE staged.run_date = :run_date
)
SELECT
    mall,
    run_date,
    category,
    mall_category,
    rank,
    product_id,
    captured_at,
    capture_key,
    capture_line
FROM newest_first
WHERE turn = 1;

ANALYZE core.product_rank;
