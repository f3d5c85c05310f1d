-- grain: one row per review that the size model may learn from; key: run_date, mall, review_id
-- source: placed, sample_rule (both temporary), mart.fit_share of :run_date; re-running: the day is replaced
-- target is the place in the run that the body asks for: the bought size, moved by what the buyer said of its fit, as far as
-- the mall's other answers say. Beyond the ends of the run it is the bought size, flagged.
DELETE FROM mart.sample
WHERE run_date = :run_date;

INSERT INTO mart.sample (
    run_date,
    mall,
    product_id,
    review_id,
    gender,
    height_cm,
    weight_kg,
    bought_label,
    size_index,
    fit,
    fit_slight,
    target,
    is_clipped,
    weight,
    reviewed_on,
    first_run_date
)
WITH mall_fit AS (
    SELECT
        mall,
        SUM(CASE WHEN fit IS NOT NULL THEN 1.0 ELSE 0.0 END) / COUNT(*) AS answered_share
    FROM placed
    GROUP BY mall
),

moved AS (
    SELECT
        placed.mall,
        placed.product_id,
        placed.review_id,
        placed.gender,
        placed.height_cm,
        placed.weight_kg,
        placed.bought_label,
        placed.size_index,
        placed.size_count,
        placed.fit,
        placed.fit_slight,
        placed.reviewed_on,
        placed.first_run_date,
        CASE placed.fit WHEN 'small' THEN 1 WHEN 'large' THEN -1 ELSE 0 END AS step,
        COALESCE(fit_share.share, 0) AS share,
        CASE
            WHEN placed.fit IS NULL AND mall_fit.answered_share >= sample_rule.fit_asked_share
                THEN sample_rule.fit_unknown_weight
            ELSE 1.0
        END AS fit_weight,
        CASE
            WHEN placed.reviewed_on IS NULL OR placed.reviewed_on > :run_date THEN 1.0
            ELSE GREATEST(
                CAST(sample_rule.weight_floor AS DOUBLE PRECISION),
                POWER(
                    CAST(0.5 AS DOUBLE PRECISION),
                    CAST((:run_date - placed.reviewed_on) / sample_rule.half_life_days AS DOUBLE PRECISION)
                )
            )
        END AS recency_weight
    FROM placed
    INNER JOIN mall_fit
        ON placed.mall = mall_fit.mall
    CROSS JOIN sample_rule
    LEFT JOIN mart.fit_share AS fit_share
        ON placed.mall = fit_share.mall
        AND placed.half = fit_share.half
        AND placed.fit = fit_share.fit
        AND placed.fit_slight = fit_share.fit_slight
        AND fit_share.run_date = :run_date
    WHERE placed.reason IS NULL
)

SELECT
    CAST(:run_date AS DATE) AS run_date,
    mall,
    product_id,
    review_id,
    gender,
    height_cm,
    weight_kg,
    bought_label,
    size_index,
    fit,
    fit_slight,
    CAST(
        CASE
            WHEN size_index + step < 0 OR size_index + step > size_count - 1 THEN size_index
            ELSE size_index + step * share
        END AS DOUBLE PRECISION
    ) AS target,
    (size_index + step < 0 OR size_index + step > size_count - 1) AS is_clipped,
    ROUND(CAST(fit_weight * recency_weight AS DECIMAL(18, 8)), 6) AS weight,
    reviewed_on,
    first_run_date
FROM moved;

ANALYZE mart.sample;
