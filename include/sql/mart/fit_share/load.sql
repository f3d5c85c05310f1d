-- grain: one row per mall, half of its products, and fit answer; key: run_date, mall, half, fit, fit_slight
-- source: placed, sample_rule (both temporary); re-running: the day is replaced
-- How far "too small" and "too large" move a target, learned from the answers (ml/fit_shares.py does the same for files):
-- buyers content with M and buyers content with L stand at two mean bodies, and those who call M too small somewhere
-- between; the share is how far on the way. Held out: a half of the products is moved by what the other half says.
DELETE FROM mart.fit_share
WHERE run_date = :run_date;

INSERT INTO mart.fit_share (
    run_date,
    mall,
    half,
    fit,
    fit_slight,
    answers,
    share
)
WITH body AS (
    SELECT
        placed.mall,
        placed.product_id,
        COALESCE(placed.gender, '') AS gender,
        placed.size_index,
        placed.fit,
        placed.fit_slight,
        placed.half,
        CASE placed.fit WHEN 'small' THEN 1 WHEN 'large' THEN -1 ELSE 0 END AS step,
        CAST(placed.weight_kg AS DOUBLE PRECISION)
        + CAST(placed.height_cm AS DOUBLE PRECISION) * CAST(sample_rule.cm_in_kg AS DOUBLE PRECISION) AS kg
    FROM placed
    CROSS JOIN sample_rule
    WHERE placed.reason IS NULL
        AND placed.fit IS NOT NULL
),

content_with AS (
    SELECT
        mall,
        product_id,
        gender,
        size_index,
        AVG(kg) AS kg,
        COUNT(*) AS buyers
    FROM body
    WHERE fit = 'true'
    GROUP BY
        mall,
        product_id,
        gender,
        size_index
),

answer AS (
    SELECT
        body.mall,
        body.half,
        body.fit,
        body.fit_slight,
        body.step * (body.kg - here.kg) AS moved,
        body.step * (there.kg - here.kg) AS gap
    FROM body
    CROSS JOIN sample_rule
    INNER JOIN content_with AS here
        ON body.mall = here.mall
        AND body.product_id = here.product_id
        AND body.gender = here.gender
        AND body.size_index = here.size_index
    INNER JOIN content_with AS there
        ON body.mall = there.mall
        AND body.product_id = there.product_id
        AND body.gender = there.gender
        AND body.size_index + body.step = there.size_index
    WHERE body.step <> 0
        AND here.buyers >= sample_rule.fit_content_enough
        AND there.buyers >= sample_rule.fit_content_enough
),

-- every share that a sample may ask for, also those that nobody's answer informs
wanted AS (
    SELECT
        mall.mall,
        side.half,
        kind.fit,
        kind.fit_slight,
        kind.assumed
    FROM (SELECT DISTINCT placed.mall FROM placed) AS mall
    CROSS JOIN (SELECT 0 AS half UNION ALL SELECT 1) AS side
    CROSS JOIN (
        SELECT 'small' AS fit, FALSE AS fit_slight, sample_rule.fit_shift AS assumed FROM sample_rule
        UNION ALL
        SELECT 'small' AS fit, TRUE AS fit_slight, sample_rule.fit_shift_slight AS assumed FROM sample_rule
        UNION ALL
        SELECT 'large' AS fit, FALSE AS fit_slight, sample_rule.fit_shift AS assumed FROM sample_rule
        UNION ALL
        SELECT 'large' AS fit, TRUE AS fit_slight, sample_rule.fit_shift_slight AS assumed FROM sample_rule
    ) AS kind
),

-- what the answers of the other half sum to, of this mall and of all malls
summed AS (
    SELECT
        wanted.mall,
        wanted.half,
        wanted.fit,
        wanted.fit_slight,
        wanted.assumed,
        SUM(CASE WHEN answer.mall = wanted.mall THEN 1 ELSE 0 END) AS answers,
        SUM(CASE WHEN answer.mall = wanted.mall THEN answer.moved ELSE 0 END) AS moved,
        SUM(CASE WHEN answer.mall = wanted.mall THEN answer.gap ELSE 0 END) AS gap,
        COALESCE(SUM(answer.moved), 0) AS all_moved,
        COALESCE(SUM(answer.gap), 0) AS all_gap
    FROM wanted
    LEFT JOIN answer
        ON wanted.half <> answer.half
        AND wanted.fit = answer.fit
        AND wanted.fit_slight = answer.fit_slight
    GROUP BY
        wanted.mall,
        wanted.half,
        wanted.fit,
        wanted.fit_slight,
        wanted.assumed
),

-- the level above counts as so many answers of middling gap; without an answer, or with content buyers in no order, it is all
prior AS (
    SELECT
        side.half,
        COALESCE(GREATEST(AVG(answer.gap), 0), 0) * CAST(MAX(sample_rule.fit_prior_answers) AS DOUBLE PRECISION) AS gap
    FROM (SELECT 0 AS half UNION ALL SELECT 1) AS side
    CROSS JOIN sample_rule
    LEFT JOIN answer
        ON side.half <> answer.half
    GROUP BY side.half
),

overall AS (
    SELECT
        summed.mall,
        summed.half,
        summed.fit,
        summed.fit_slight,
        summed.answers,
        summed.moved,
        summed.gap,
        prior.gap AS prior_gap,
        CASE
            WHEN prior.gap > 0 AND summed.all_gap + prior.gap > 0
                THEN (summed.all_moved + prior.gap * summed.assumed) / (summed.all_gap + prior.gap)
            ELSE summed.assumed
        END AS share
    FROM summed
    INNER JOIN prior
        ON summed.half = prior.half
)

SELECT
    CAST(:run_date AS DATE) AS run_date,
    mall,
    half,
    fit,
    fit_slight,
    answers,
    -- rounded, so that the order in which a sum is taken changes no target
    CAST(
        LEAST(1, GREATEST(0, CASE
            WHEN prior_gap > 0 AND gap + prior_gap > 0 THEN (moved + prior_gap * share) / (gap + prior_gap)
            ELSE share
        END)) AS DECIMAL(5, 4)
    ) AS share
FROM overall;

ANALYZE mart.fit_share;
