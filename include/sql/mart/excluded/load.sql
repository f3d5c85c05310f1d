-- grain: one row per review that the size model may not learn from; key: run_date, mall, review_id
-- source: placed (temporary); re-running: the day is replaced
DELETE FROM mart.excluded
WHERE run_date = :run_date;

INSERT INTO mart.excluded (
    run_date,
    mall,
    product_id,
    review_id,
    reason
)
SELECT
    CAST(:run_date AS DATE) AS run_date,
    mall,
    product_id,
    review_id,
    reason
FROM placed
WHERE reason IS NOT NULL;

ANALYZE mart.excluded;
