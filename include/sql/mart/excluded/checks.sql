-- Run after the samples of :run_date are built.

-- fail: a reason is none of those that docs/data_dictionary.md explains
SELECT mall, review_id, reason
FROM mart.excluded
WHERE run_date = :run_date
    AND reason NOT IN (
        'no_product',
        'no_body',
        'implausible_body',
        'no_size',
        'scraped_twice',
        'repeat',
        'other_ruler',
        'not_an_option',
        'rare_size'
    );

-- warn: a mall's buyers name sizes that its product pages do not offer, in more than a tenth of its reviews
WITH judged AS (
    SELECT mall, 0 AS off_list
    FROM mart.sample
    WHERE run_date = :run_date
    UNION ALL
    SELECT mall, CASE WHEN reason = 'not_an_option' THEN 1 ELSE 0 END AS off_list
    FROM mart.excluded
    WHERE run_date = :run_date
)

SELECT
    mall,
    SUM(off_list) AS off_list,
    COUNT(*) AS reviews
FROM judged
GROUP BY mall
HAVING SUM(off_list) * 10 > COUNT(*);
