-- Run after the samples of :run_date are built.

-- fail: the key run_date, mall, half, fit, fit_slight is not unique
SELECT mall, half, fit, fit_slight
FROM mart.fit_share
WHERE run_date = :run_date
GROUP BY
    mall,
    half,
    fit,
    fit_slight
HAVING COUNT(*) > 1;

-- fail: a mall with samples lacks one of its eight shares, or a share lies outside 0..1
WITH sampled AS (
    SELECT DISTINCT mall
    FROM mart.sample
    WHERE run_date = :run_date
),

known AS (
    SELECT
        mall,
        COUNT(*) AS shares,
        MIN(share) AS least,
        MAX(share) AS most
    FROM mart.fit_share
    WHERE run_date = :run_date
    GROUP BY mall
)

SELECT
    sampled.mall,
    known.shares
FROM sampled
LEFT JOIN known
    ON sampled.mall = known.mall
WHERE known.mall IS NULL
    OR known.shares <> 8
    OR known.least < 0
    OR known.most > 1;

-- warn: those who call a size too small stand at smaller bodies than its content buyers, or those who call it too large at
-- larger ones; a fit answer of this mall may be read the wrong way round
SELECT mall, half, fit, fit_slight, answers
FROM mart.fit_share
WHERE run_date = :run_date
    AND answers >= 100
    AND share < 0.1;
