-- The pace of every host and the counts of every scrape: what tasks on all nodes share.
CREATE SCHEMA IF NOT EXISTS ops;

-- one row per host; taken by one UPDATE ... RETURNING on the database's clock
CREATE TABLE ops.pace (
    host TEXT PRIMARY KEY,
    next_at TIMESTAMPTZ NOT NULL,
    blocked_until TIMESTAMPTZ,
    reason TEXT
);

-- one row per mall, kind and run_date; the band checks read it
CREATE TABLE ops.scrape_run (
    run_date DATE NOT NULL,
    mall TEXT NOT NULL,
    kind TEXT NOT NULL,
    captured INTEGER NOT NULL,
    parsed INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (run_date, mall, kind)
);
