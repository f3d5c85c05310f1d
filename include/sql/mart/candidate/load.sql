-- grain: one row per review first seen on or before :run_date, with the reason that bars it, if any
-- key: mall, review_id; source: core.review, core.product; temporary: it lives in the transaction that builds the samples

-- Every number of the samples, once; mart.fit_share learns what the fit answers move, from here on.
CREATE TEMP TABLE sample_rule AS
SELECT
    -- adults whom a size table can mean; the tables' grid (140..200 cm, 35..130 kg) with room around it
    120.0 AS height_from_cm,
    220.0 AS height_to_cm,
    30.0 AS weight_from_kg,
    180.0 AS weight_to_kg,
    -- kg per square metre: outside these a digit was mistyped or the two fields were swapped
    12.0 AS mass_index_from,
    60.0 AS mass_index_to,
    -- in a run made from labels, a label on fewer reviews than both is a slip of the parser or of the buyer
    3 AS rare_below_reviews,
    0.01 AS rare_below_share,
    -- "too small" puts most of the weight on the next larger size and the rest on the bought one; "slightly" half as far:
    -- assumed until answers are read, and worth so many of them. One answer's place has a spread of about 0.8 sizes, and
    -- malls differ by about 0.1.
    0.7 AS fit_shift,
    0.35 AS fit_shift_slight,
    50.0 AS fit_prior_answers,
    -- content buyers of one product, gender and size whose mean body stands for the size
    3 AS fit_content_enough,
    -- 1 cm of height asks for about as much room as half a kilogram
    0.5 AS cm_in_kg,
    -- garments and their cuts change within some years; an old review still says something
    730.0 AS half_life_days,
    0.25 AS weight_floor,
    -- a review that leaves the fit question open is weaker evidence, where the mall asks the question at all: that is,
    -- where at least this share of its reviews answers
    0.7 AS fit_unknown_weight,
    0.01 AS fit_asked_share;

CREATE TEMP TABLE candidate (
    mall VARCHAR(16),
    product_id VARCHAR(64),
    review_id VARCHAR(64),
    gender VARCHAR(8),
    height_cm DECIMAL(4, 1),
    weight_kg DECIMAL(4, 1),
    size_label VARCHAR(64),
    size_alias VARCHAR(64),
    size_ruler VARCHAR(16),
    size_order DOUBLE PRECISION,
    fit VARCHAR(8),
    fit_slight BOOLEAN,
    reviewed_on DATE,
    first_run_date DATE,
    reason VARCHAR(32)
);

-- Repeats go on evidence only. A dated review repeats one of the three before it (in the order of the mall's review
-- numbers) when product, body, size and day are equal. Undated reviews come from a file, whose own rules are used: equal
-- body among the three before it (the same person again), or a run of three or more equal reviews that stood earlier in the
-- same product (a page that was scraped twice). Equal body and size alone never remove a row.
INSERT INTO candidate (
    mall,
    product_id,
    review_id,
    gender,
    height_cm,
    weight_kg,
    size_label,
    size_alias,
    size_ruler,
    size_order,
    fit,
    fit_slight,
    reviewed_on,
    first_run_date,
    reason
)
WITH keyed AS (
    SELECT
        review.mall,
        review.product_id,
        review.review_id,
        review.gender,
        review.height_cm,
        review.weight_kg,
        review.size_label,
        review.size_alias,
        review.size_ruler,
        review.size_order,
        review.fit,
        review.fit_slight,
        review.reviewed_on,
        review.first_run_date,
        CASE
            WHEN review.height_cm IS NULL OR review.weight_kg IS NULL THEN NULL
            WHEN review.reviewed_on IS NULL THEN
                CAST(review.height_cm AS VARCHAR) || '|' || CAST(review.weight_kg AS VARCHAR)
                || '|' || COALESCE(review.gender, '')
            ELSE
                CAST(review.height_cm AS VARCHAR) || '|' || CAST(review.weight_kg AS VARCHAR)
                || '|' || COALESCE(review.gender, '') || '|' || COALESCE(review.size_label, '')
                || '|' || CAST(review.reviewed_on AS VARCHAR)
        END AS person_key,
        CASE
            WHEN review.reviewed_on IS NULL THEN
                COALESCE(CAST(review.height_cm AS VARCHAR), '') || '|' || COALESCE(CAST(review.weight_kg AS VARCHAR), '')
                || '|' || COALESCE(review.gender, '') || '|' || COALESCE(review.size_option, '')
        END AS line_key,
        ROW_NUMBER() OVER (
            PARTITION BY review.mall, review.product_id ORDER BY LEN(review.review_id), review.review_id
        ) AS place
    FROM core.review AS review
    WHERE review.first_run_date <= :run_date
),

neighbours AS (
    SELECT
        keyed.*,
        LAG(person_key, 1) OVER (PARTITION BY mall, product_id ORDER BY place) AS one_before,
        LAG(person_key, 2) OVER (PARTITION BY mall, product_id ORDER BY place) AS two_before,
        LAG(person_key, 3) OVER (PARTITION BY mall, product_id ORDER BY place) AS three_before,
        line_key
        || ';' || LEAD(line_key, 1) OVER (PARTITION BY mall, product_id ORDER BY place)
        || ';' || LEAD(line_key, 2) OVER (PARTITION BY mall, product_id ORDER BY place) AS block_key
    FROM keyed
),

blocks AS (
    SELECT
        neighbours.*,
        CASE
            WHEN block_key IS NOT NULL
                AND MIN(place) OVER (PARTITION BY mall, product_id, block_key) < place THEN 1
            ELSE 0
        END AS starts_block
    FROM neighbours
),

judged AS (
    SELECT
        blocks.*,
        starts_block
        + COALESCE(LAG(starts_block, 1) OVER (PARTITION BY mall, product_id ORDER BY place), 0)
        + COALESCE(LAG(starts_block, 2) OVER (PARTITION BY mall, product_id ORDER BY place), 0) AS blocks_over
    FROM blocks
)

SELECT
    judged.mall,
    judged.product_id,
    judged.review_id,
    judged.gender,
    judged.height_cm,
    judged.weight_kg,
    judged.size_label,
    judged.size_alias,
    judged.size_ruler,
    judged.size_order,
    judged.fit,
    judged.fit_slight,
    judged.reviewed_on,
    judged.first_run_date,
    CASE
        WHEN product.product_id IS NULL THEN 'no_product'
        WHEN judged.height_cm IS NULL OR judged.weight_kg IS NULL THEN 'no_body'
        WHEN judged.height_cm < sample_rule.height_from_cm
            OR judged.height_cm > sample_rule.height_to_cm
            OR judged.weight_kg < sample_rule.weight_from_kg
            OR judged.weight_kg > sample_rule.weight_to_kg
            OR judged.weight_kg * 10000 < sample_rule.mass_index_from * judged.height_cm * judged.height_cm
            OR judged.weight_kg * 10000 > sample_rule.mass_index_to * judged.height_cm * judged.height_cm
            THEN 'implausible_body'
        WHEN judged.size_label IS NULL OR judged.size_ruler IS NULL THEN 'no_size'
        WHEN judged.blocks_over > 0 THEN 'scraped_twice'
        WHEN judged.person_key = judged.one_before
            OR judged.person_key = judged.two_before
            OR judged.person_key = judged.three_before
            THEN 'repeat'
    END AS reason
FROM judged
CROSS JOIN sample_rule
LEFT JOIN core.product AS product
    ON judged.mall = product.mall
    AND judged.product_id = product.product_id
    AND product.first_run_date <= :run_date;

ANALYZE candidate;
