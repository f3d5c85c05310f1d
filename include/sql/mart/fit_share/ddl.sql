-- grain: one row per mall, half of its products, and fit answer, as of one run_date
-- key: run_date, mall, half, fit, fit_slight; source: placed (temporary); re-running: the day is replaced
CREATE TABLE IF NOT EXISTS mart.fit_share (
    run_date DATE NOT NULL,
    mall VARCHAR(16) NOT NULL,
    half INTEGER NOT NULL,
    fit VARCHAR(8) NOT NULL,
    fit_slight BOOLEAN NOT NULL,
    answers INTEGER NOT NULL,
    share DECIMAL(5, 4) NOT NULL
)
DISTSTYLE ALL
SORTKEY (run_date);
