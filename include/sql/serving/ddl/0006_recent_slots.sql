-- The last moments that were given out, the newest first: what holds the pace in every ten seconds, also where a page
-- asks for several answers together.
ALTER TABLE ops.pace
    ADD COLUMN recent TIMESTAMPTZ [] NOT NULL DEFAULT '{}';
