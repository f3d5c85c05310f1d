-- Who publishes: one row, taken and left by one UPDATE each. Advisory locks can be taken by any role that may connect, a
-- reader's too; this row can be written by its owner only. It counts as free when the session that it names has ended.
CREATE TABLE otto.publisher (
    "only" BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK ("only"),
    pid INTEGER,
    session_from TIMESTAMPTZ,
    application TEXT
);

INSERT INTO otto.publisher DEFAULT VALUES;
