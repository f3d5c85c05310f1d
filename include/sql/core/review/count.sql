-- one row: the staged rows of :run_date, and how many keys they have (what lies between are duplicates)
SELECT
    COALESCE(SUM(copies), 0) AS staged,
    COUNT(*) AS keys
FROM (
    SELECT COUNT(*) AS copies
    FROM staging.review
    WHERE run_date = :run_date
    GROUP BY
        mall,
        review_id
) AS staged_key;
