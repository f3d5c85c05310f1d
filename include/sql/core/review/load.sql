-- grain: one row per review; key: mall, review_id; source: staging.review, the rows of :run_date
-- re-running: the same rows. The guards stand in the batch, since Redshift's MERGE takes no condition: a day older than
-- the one that a row was last seen on keeps the newer row and only moves first_run_date back.
-- Colour siblings show the same reviews: one review id is stored once.
-- ANALYZE: the planner knows nothing of rows that this transaction wrote, and would join them row by row.
CREATE TEMP TABLE review_newest (LIKE staging.review);

INSERT INTO review_newest (
    mall,
    run_date,
    review_id,
    product_id,
    gender,
    gender_implied,
    height_cm,
    weight_kg,
    size_option,
    size_label,
    size_alias,
    size_ruler,
    size_order,
    fit,
    fit_slight,
    rating,
    reviewed_on,
    captured_at,
    capture_key,
    capture_line
)
WITH newest_first AS (
    SELECT
        staged.mall,
        staged.run_date,
        staged.review_id,
        staged.product_id,
        staged.gender,
        staged.gender_implied,
        staged.height_cm,
        staged.weight_kg,
        staged.size_option,
        staged.size_label,
        staged.size_alias,
        staged.size_ruler,
        staged.size_order,
        staged.fit,
        staged.fit_slight,
        staged.rating,
        staged.reviewed_on,
        staged.captured_at,
        staged.capture_key,
        staged.capture_line,
        ROW_NUMBER() OVER (
            PARTITION BY staged.mall, staged.review_id
            ORDER BY staged.captured_at DESC, staged.capture_key DESC, staged.capture_line DESC
        ) AS turn
    FROM staging.review AS staged
    WHERE staged.run_date = :run_date
)
SELECT
    mall,
    run_date,
    review_id,
    product_id,
    gender,
    gender_implied,
    height_cm,
    weight_kg,
    size_option,
    size_label,
    size_alias,
    size_ruler,
    size_order,
    fit,
    fit_slight,
    rating,
    reviewed_on,
    captured_at,
    capture_key,
    capture_line
FROM newest_first
WHERE turn = 1;

ANALYZE review_newest (mall, review_id);

CREATE TEMP TABLE review_batch (LIKE core.review);

INSERT INTO review_batch (
    mall,
    review_id,
    product_id,
    gender,
    gender_implied,
    height_cm,
    weight_kg,
    size_option,
    size_label,
    size_alias,
    size_ruler,
    size_order,
    fit,
    fit_slight,
    rating,
    reviewed_on,
    captured_at,
    capture_key,
    capture_line,
    first_run_date,
    last_run_date
)
SELECT
    newest.mall,
    newest.review_id,
    newest.product_id,
    newest.gender,
    newest.gender_implied,
    newest.height_cm,
    newest.weight_kg,
    newest.size_option,
    newest.size_label,
    newest.size_alias,
    newest.size_ruler,
    newest.size_order,
    newest.fit,
    newest.fit_slight,
    newest.rating,
    newest.reviewed_on,
    newest.captured_at,
    newest.capture_key,
    newest.capture_line,
    LEAST(newest.run_date, COALESCE(known.first_run_date, newest.run_date)) AS first_run_date,
    newest.run_date AS last_run_date
FROM review_newest AS newest
LEFT JOIN core.review AS known
    ON newest.mall = known.mall
    AND newest.review_id = known.review_id
WHERE COALESCE(known.last_run_date, newest.run_date) <= newest.run_date
UNION ALL
SELECT
    known.mall,
    known.review_id,
    known.product_id,
    known.gender,
    known.gender_implied,
    known.height_cm,
    known.weight_kg,
    known.size_option,
    known.size_label,
    known.size_alias,
    known.size_ruler,
    known.size_order,
    known.fit,
    known.fit_slight,
    known.rating,
    known.reviewed_on,
    known.captured_at,
    known.capture_key,
    known.capture_line,
    LEAST(newest.run_date, known.first_run_date) AS first_run_date,
    known.last_run_date
FROM review_newest AS newest
INNER JOIN core.review AS known
    ON newest.mall = known.mall
    AND newest.review_id = known.review_id
WHERE known.last_run_date > newest.run_date;

ANALYZE review_batch (mall, review_id);

MERGE INTO core.review
USING review_batch
    ON review.mall = review_batch.mall
    AND review.review_id = review_batch.review_id
WHEN MATCHED THEN UPDATE SET
    product_id = review_batch.product_id,
    gender = review_batch.gender,
    gender_implied = review_batch.gender_implied,
    height_cm = review_batch.height_cm,
    weight_kg = review_batch.weight_kg,
    size_option = review_batch.size_option,
    size_label = review_batch.size_label,
    size_alias = review_batch.size_alias,
    size_ruler = review_batch.size_ruler,
    size_order = review_batch.size_order,
    fit = review_batch.fit,
    fit_slight = review_batch.fit_slight,
    rating = review_batch.rating,
    reviewed_on = review_batch.reviewed_on,
    captured_at = review_batch.captured_at,
    capture_key = review_batch.capture_key,
    capture_line = review_batch.capture_line,
    first_run_date = review_batch.first_run_date,
    last_run_date = review_batch.last_run_date
WHEN NOT MATCHED THEN INSERT (
    mall,
    review_id,
    product_id,
    gender,
    gender_implied,
    height_cm,
    weight_kg,
    size_option,
    size_label,
    size_alias,
    size_ruler,
    size_order,
    fit,
    fit_slight,
    rating,
    reviewed_on,
    captured_at,
    capture_key,
    capture_line,
    first_run_date,
    last_run_date
) VALUES (
    review_batch.mall,
    review_batch.review_id,
    review_batch.product_id,
    review_batch.gender,
    review_batch.gender_implied,
    review_batch.height_cm,
    review_batch.weight_kg,
    review_batch.size_option,
    review_batch.size_label,
    review_batch.size_alias,
    review_batch.size_ruler,
    review_batch.size_order,
    review_batch.fit,
    review_batch.fit_slight,
    review_batch.rating,
    review_batch.reviewed_on,
    review_batch.captured_at,
    review_batch.capture_key,
    review_batch.capture_line,
    review_batch.first_run_date,
    review_batch.last_run_date
);

ANALYZE core.review;

-- What an earlier load of this very day brought, and no other day, and the day's staged rows no longer hold, leaves: a
-- replay with a mended parser must be able to take a row back.
DELETE FROM core.review
WHERE first_run_date = :run_date
    AND last_run_date = :run_date
    AND NOT EXISTS (
        SELECT 1
        FROM review_newest AS newest
        WHERE newest.mall = review.mall
            AND newest.review_id = review.review_id
    );
