-- Run after the merge of :run_date.

-- fail: the key mall, review_id is not unique
SELECT mall, review_id
FROM core.review
GROUP BY
    mall,
    review_id
HAVING COUNT(*) > 1;

-- fail: a staged review did not arrive, or its days do not cover the day it was staged on
SELECT DISTINCT staged.mall, staged.review_id
FROM staging.review AS staged
LEFT JOIN core.review AS loaded
    ON staged.mall = loaded.mall
    AND staged.review_id = loaded.review_id
    AND staged.run_date BETWEEN loaded.first_run_date AND loaded.last_run_date
WHERE staged.run_date = :run_date
    AND loaded.mall IS NULL;

-- fail: a review was last seen before it was first seen
SELECT mall, review_id
FROM core.review
WHERE last_run_date < first_run_date;

-- warn: a review names a product that has no row; it is kept out of the samples
SELECT review.mall, review.review_id, review.product_id
FROM core.review AS review
LEFT JOIN core.product AS product
    ON review.mall = product.mall
    AND review.product_id = product.product_id
WHERE review.last_run_date = :run_date
    AND product.product_id IS NULL;

-- warn: a mall brought less than half of the new reviews of its last seven days (once five of them exist)
WITH daily AS (
    SELECT
        mall,
        first_run_date,
        COUNT(*) AS reviews
    FROM core.review
    WHERE first_run_date BETWEEN CAST(:run_date AS DATE) - 7 AND :run_date
    GROUP BY
        mall,
        first_run_date
),

recent AS (
    SELECT
        mall,
        AVG(CAST(reviews AS DOUBLE PRECISION)) AS mean_reviews
    FROM daily
    WHERE first_run_date < :run_date
    GROUP BY mall
    HAVING COUNT(*) >= 5
)

SELECT recent.mall, COALESCE(daily.reviews, 0) AS reviews
FROM recent
LEFT JOIN daily
    ON recent.mall = daily.mall
    AND daily.first_run_date = :run_date
WHERE COALESCE(daily.reviews, 0) < recent.mean_reviews / 2;

-- warn: the newest dated review of a mall is older than thirty days
SELECT mall, MAX(reviewed_on) AS newest
FROM core.review
WHERE first_run_date <= :run_date
GROUP BY mall
HAVING MAX(reviewed_on) < CAST(:run_date AS DATE) - 30;
