-- Run once after COPY; :run_dates is the comma-joined list of the run's days.

-- fail: a staged review is of a day that this run does not load
SELECT mall, review_id, run_date
FROM staging.review
WHERE STRPOS(:run_dates, CAST(run_date AS VARCHAR)) = 0;

-- fail: a staged review has a gender, fit or rating that is not one of ours
SELECT mall, review_id, run_date
FROM staging.review
WHERE gender NOT IN ('male', 'female')
    OR fit NOT IN ('small', 'true', 'large')
    OR rating NOT BETWEEN 1 AND 5
    OR (gender_implied AND gender IS NULL);

-- fail: a staged review has a size label without a ruler, or "slightly" without small or large
SELECT mall, review_id, run_date
FROM staging.review
WHERE (size_label IS NOT NULL AND size_ruler IS NULL)
    OR (fit_slight AND COALESCE(fit, 'none') NOT IN ('small', 'large'));

-- fail: a staged height or weight is not above zero
SELECT mall, review_id, run_date
FROM staging.review
WHERE height_cm <= 0
    OR weight_kg <= 0;

-- warn: a review is staged more than once for a day; the newest capture counts
SELECT mall, review_id, run_date
FROM staging.review
GROUP BY
    mall,
    review_id,
    run_date
HAVING COUNT(*) > 1;

-- warn: a review is dated after the day on which it was read
SELECT mall, review_id, run_date
FROM staging.review
WHERE reviewed_on > run_date;
