-- one row per verdict of :run_date: sampled, or the reason of exclusion
SELECT 'sampled' AS verdict, COUNT(*) AS reviews
FROM mart.sample
WHERE run_date = :run_date
UNION ALL
SELECT reason AS verdict, COUNT(*) AS reviews
FROM mart.excluded
WHERE run_date = :run_date
GROUP BY reason;
