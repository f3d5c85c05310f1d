-- grain: one row per candidate; key: mall, review_id; source: candidate, mart.size_run of :run_date; temporary
-- A candidate finds its place in the product's run by its label, else by the other name of the same option (M[095]).
-- half is a half of the products, by hash: what one half's fit answers say moves the targets of the other.
CREATE TEMP TABLE placed (
    mall VARCHAR(16),
    product_id VARCHAR(64),
    review_id VARCHAR(64),
    gender VARCHAR(8),
    height_cm DECIMAL(4, 1),
    weight_kg DECIMAL(4, 1),
    fit VARCHAR(8),
    fit_slight BOOLEAN,
    reviewed_on DATE,
    first_run_date DATE,
    bought_label VARCHAR(64),
    size_index INTEGER,
    size_count INTEGER,
    half INTEGER,
    reason VARCHAR(32)
);

INSERT INTO placed (
    mall,
    product_id,
    review_id,
    gender,
    height_cm,
    weight_kg,
    fit,
    fit_slight,
    reviewed_on,
    first_run_date,
    bought_label,
    size_index,
    size_count,
    half,
    reason
)
SELECT
    candidate.mall,
    candidate.product_id,
    candidate.review_id,
    candidate.gender,
    candidate.height_cm,
    candidate.weight_kg,
    candidate.fit,
    candidate.fit_slight,
    candidate.reviewed_on,
    candidate.first_run_date,
    COALESCE(by_label.size_label, by_alias.size_label) AS bought_label,
    COALESCE(by_label.size_index, by_alias.size_index) AS size_index,
    smallest.size_count,
    CASE
        WHEN SUBSTRING(MD5(candidate.mall || '/' || candidate.product_id), 1, 1)
            IN ('0', '1', '2', '3', '4', '5', '6', '7') THEN 0
        ELSE 1
    END AS half,
    CASE
        WHEN candidate.reason IS NOT NULL THEN candidate.reason
        WHEN by_label.size_index IS NOT NULL OR by_alias.size_index IS NOT NULL THEN NULL
        WHEN smallest.size_ruler <> 'unknown' AND smallest.size_ruler <> candidate.size_ruler THEN 'other_ruler'
        WHEN smallest.source = 'options' THEN 'not_an_option'
        ELSE 'rare_size'
    END AS reason
FROM candidate
LEFT JOIN mart.size_run AS smallest
    ON candidate.mall = smallest.mall
    AND candidate.product_id = smallest.product_id
    AND smallest.run_date = :run_date
    AND smallest.size_index = 0
LEFT JOIN mart.size_run AS by_label
    ON candidate.mall = by_label.mall
    AND candidate.product_id = by_label.product_id
    AND candidate.size_label = by_label.size_label
    AND by_label.size_ruler IN (candidate.size_ruler, 'unknown')
    AND by_label.run_date = :run_date
LEFT JOIN mart.size_run AS by_alias
    ON candidate.mall = by_alias.mall
    AND candidate.product_id = by_alias.product_id
    AND candidate.size_alias = by_alias.size_label
    AND by_alias.run_date = :run_date;

ANALYZE placed;
