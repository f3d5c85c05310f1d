-- Run once after COPY; :run_dates is the comma-joined list of the run's days.

-- fail: a staged place is of a day that this run does not load
SELECT mall, category, run_date, rank
FROM staging.product_rank
WHERE STRPOS(:run_dates, CAST(run_date AS VARCHAR)) = 0;

-- fail: a staged place has an impossible rank or an unknown category
SELECT mall, category, run_date, rank
FROM staging.product_rank
WHERE rank < 1
    OR category NOT IN ('tops', 'bottoms', 'outer', 'dress', 'skirt', 'shoes', 'bag', 'accessory', 'other');

-- warn: a place of a ranking is staged more than once; the newest capture counts
SELECT mall, category, run_date, rank
FROM staging.product_rank
GROUP BY
    mall,
    category,
    run_date,
    rank
HAVING COUNT(*) > 1;
