-- Run after the merge of :run_date.

-- fail: the key mall, category, run_date, rank is not unique
SELECT mall, category, run_date, rank
FROM core.product_rank
WHERE run_date = :run_date
GROUP BY
    mall,
    category,
    run_date,
    rank
HAVING COUNT(*) > 1;

-- fail: a staged place did not arrive
SELECT staged.mall, staged.category, staged.run_date, staged.rank
FROM staging.product_rank AS staged
LEFT JOIN core.product_rank AS loaded
    ON staged.mall = loaded.mall
    AND staged.category = loaded.category
    AND staged.run_date = loaded.run_date
    AND staged.rank = loaded.rank
WHERE staged.run_date = :run_date
    AND loaded.mall IS NULL;

-- warn: a ranked product has no product row; a release leaves its place out
SELECT product_rank.mall, product_rank.category, product_rank.rank, product_rank.product_id
FROM core.product_rank AS product_rank
LEFT JOIN core.product AS product
    ON product_rank.mall = product.mall
    AND product_rank.product_id = product.product_id
WHERE product_rank.run_date = :run_date
    AND product.product_id IS NULL;

-- warn: a ranking has less than half or more than twice the places of its last seven days (once five of them exist)
WITH daily AS (
    SELECT
        mall,
        category,
        run_date,
        COUNT(*) AS places
    FROM core.product_rank
    WHERE run_date BETWEEN CAST(:run_date AS DATE) - 7 AND :run_date
    GROUP BY
        mall,
        category,
        run_date
),

recent AS (
    SELECT
        mall,
        category,
        AVG(CAST(places AS DOUBLE PRECISION)) AS mean_places
    FROM daily
    WHERE run_date < :run_date
    GROUP BY
        mall,
        category
    HAVING COUNT(*) >= 5
)

SELECT recent.mall, recent.category, COALESCE(daily.places, 0) AS places
FROM recent
LEFT JOIN daily
    ON recent.mall = daily.mall
    AND recent.category = daily.category
    AND daily.run_date = :run_date
WHERE COALESCE(daily.places, 0) < recent.mean_places / 2
    OR daily.places > recent.mean_places * 2;

-- warn: a mall that was ranked in the seven days before has no ranking on this day
SELECT DISTINCT earlier.mall
FROM core.product_rank AS earlier
LEFT JOIN core.product_rank AS present
    ON earlier.mall = present.mall
    AND present.run_date = :run_date
WHERE earlier.run_date BETWEEN CAST(:run_date AS DATE) - 7 AND CAST(:run_date AS DATE) - 1
    AND present.mall IS NULL;
