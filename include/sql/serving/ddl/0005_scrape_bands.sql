-- What else the band checks compare. Rows of before hold zeros, which no check reads as a value.
ALTER TABLE ops.scrape_run
    ADD COLUMN pages INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN records INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN absent JSONB NOT NULL DEFAULT '{}';
