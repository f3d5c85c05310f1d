-- grain: one row per size label of a product's run; key: run_date, mall, product_id, size_index
-- source: the option list of core.product (a sold-out size stays), else the labels of the candidates
-- re-running: the day is replaced
DELETE FROM mart.size_run
WHERE run_date = :run_date;

-- A list is JSON text such as ["S", "M"]; split at its "," since the labels themselves hold neither quote nor backslash.
-- A list of any other form is no list: the product's reviews then make its run, and a check reports it.
INSERT INTO mart.size_run (
    run_date,
    mall,
    product_id,
    size_index,
    size_label,
    size_ruler,
    size_count,
    source
)
WITH listed AS (
    SELECT
        product.mall,
        product.product_id,
        COALESCE(product.size_ruler, 'unknown') AS size_ruler,
        REPLACE(product.size_run, '", "', '","') AS list
    FROM core.product AS product
    WHERE product.first_run_date <= :run_date
        AND product.size_run LIKE '["_%"]'
        AND STRPOS(product.size_run, CHR(92)) = 0
),

inner_text AS (
    SELECT
        mall,
        product_id,
        size_ruler,
        SUBSTRING(list, 3, LEN(list) - 4) AS labels,
        (LEN(list) - LEN(REPLACE(list, '","', ''))) / 3 + 1 AS label_count,
        LEN(list) - LEN(REPLACE(list, '"', '')) AS quote_count
    FROM listed
),

digit AS (
    SELECT 0 AS n
    UNION ALL SELECT 1
    UNION ALL SELECT 2
    UNION ALL SELECT 3
    UNION ALL SELECT 4
    UNION ALL SELECT 5
    UNION ALL SELECT 6
    UNION ALL SELECT 7
    UNION ALL SELECT 8
    UNION ALL SELECT 9
),

place AS (
    SELECT tens.n * 10 + ones.n + 1 AS place
    FROM digit AS tens
    CROSS JOIN digit AS ones
),

option_label AS (
    SELECT
        inner_text.mall,
        inner_text.product_id,
        inner_text.size_ruler,
        SPLIT_PART(inner_text.labels, '","', place.place) AS size_label,
        MIN(place.place) AS place
    FROM inner_text
    INNER JOIN place
        ON inner_text.label_count >= place.place
    WHERE inner_text.quote_count = inner_text.label_count * 2
    GROUP BY
        inner_text.mall,
        inner_text.product_id,
        inner_text.size_ruler,
        SPLIT_PART(inner_text.labels, '","', place.place)
)

SELECT
    CAST(:run_date AS DATE) AS run_date,
    mall,
    product_id,
    ROW_NUMBER() OVER (PARTITION BY mall, product_id ORDER BY place) - 1 AS size_index,
    size_label,
    size_ruler,
    COUNT(*) OVER (PARTITION BY mall, product_id) AS size_count,
    'options' AS source
FROM option_label
WHERE LEN(size_label) > 0;

ANALYZE mart.size_run;

-- The rulers of a product are never mixed: its run has the labels of the ruler that most of its reviews name.
INSERT INTO mart.size_run (
    run_date,
    mall,
    product_id,
    size_index,
    size_label,
    size_ruler,
    size_count,
    source
)
WITH labelled AS (
    SELECT
        candidate.mall,
        candidate.product_id,
        candidate.size_ruler,
        candidate.size_label,
        MIN(candidate.size_order) AS size_order,
        COUNT(*) AS reviews
    FROM candidate
    LEFT JOIN mart.size_run AS known
        ON candidate.mall = known.mall
        AND candidate.product_id = known.product_id
        AND known.run_date = :run_date
        AND known.size_index = 0
    WHERE candidate.reason IS NULL
        AND known.product_id IS NULL
    GROUP BY
        candidate.mall,
        candidate.product_id,
        candidate.size_ruler,
        candidate.size_label
),

ruler AS (
    SELECT
        mall,
        product_id,
        size_ruler,
        SUM(reviews) AS reviews,
        ROW_NUMBER() OVER (PARTITION BY mall, product_id ORDER BY SUM(reviews) DESC, size_ruler) AS standing
    FROM labelled
    GROUP BY
        mall,
        product_id,
        size_ruler
)

SELECT
    CAST(:run_date AS DATE) AS run_date,
    labelled.mall,
    labelled.product_id,
    ROW_NUMBER() OVER (
        PARTITION BY labelled.mall, labelled.product_id ORDER BY labelled.size_order, labelled.size_label
    ) - 1 AS size_index,
    labelled.size_label,
    labelled.size_ruler,
    COUNT(*) OVER (PARTITION BY labelled.mall, labelled.product_id) AS size_count,
    'reviews' AS source
FROM labelled
INNER JOIN ruler
    ON labelled.mall = ruler.mall
    AND labelled.product_id = ruler.product_id
    AND labelled.size_ruler = ruler.size_ruler
    AND ruler.standing = 1
CROSS JOIN sample_rule
WHERE labelled.reviews >= sample_rule.rare_below_reviews
    OR labelled.reviews >= sample_rule.rare_below_share * ruler.reviews;

ANALYZE mart.size_run;
