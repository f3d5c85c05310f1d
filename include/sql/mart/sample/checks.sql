-- Run after the samples of :run_date are built.

-- fail: the key run_date, mall, review_id is not unique
SELECT mall, review_id
FROM mart.sample
WHERE run_date = :run_date
GROUP BY
    mall,
    review_id
HAVING COUNT(*) > 1;

-- fail: a review of the day is neither a sample nor excluded, or is both, or twice
WITH judged AS (
    SELECT mall, review_id
    FROM mart.sample
    WHERE run_date = :run_date
    UNION ALL
    SELECT mall, review_id
    FROM mart.excluded
    WHERE run_date = :run_date
),

counted AS (
    SELECT
        mall,
        review_id,
        COUNT(*) AS verdicts
    FROM judged
    GROUP BY
        mall,
        review_id
),

expected AS (
    SELECT mall, review_id
    FROM core.review
    WHERE first_run_date <= :run_date
)

SELECT
    COALESCE(expected.mall, counted.mall) AS mall,
    COALESCE(expected.review_id, counted.review_id) AS review_id,
    COALESCE(counted.verdicts, 0) AS verdicts
FROM expected
FULL OUTER JOIN counted
    ON expected.mall = counted.mall
    AND expected.review_id = counted.review_id
WHERE expected.review_id IS NULL
    OR COALESCE(counted.verdicts, 0) <> 1;

-- fail: a sample's label does not stand at its index in the run, or its target or weight is out of range
SELECT sample.mall, sample.review_id
FROM mart.sample AS sample
LEFT JOIN mart.size_run AS size_run
    ON sample.run_date = size_run.run_date
    AND sample.mall = size_run.mall
    AND sample.product_id = size_run.product_id
    AND sample.size_index = size_run.size_index
    AND sample.bought_label = size_run.size_label
WHERE sample.run_date = :run_date
    AND (
        size_run.size_label IS NULL
        OR sample.target < 0
        OR sample.target > size_run.size_count - 1
        OR sample.weight <= 0
        OR sample.weight > 1
        OR sample.first_run_date > :run_date
    );

-- warn: more than half of a mall's reviews are no samples
WITH judged AS (
    SELECT mall, 1 AS sampled
    FROM mart.sample
    WHERE run_date = :run_date
    UNION ALL
    SELECT mall, 0 AS sampled
    FROM mart.excluded
    WHERE run_date = :run_date
)

SELECT
    mall,
    SUM(sampled) AS sampled,
    COUNT(*) AS reviews
FROM judged
GROUP BY mall
HAVING SUM(sampled) * 2 < COUNT(*);
