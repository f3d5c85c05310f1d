-- What otto_reader may do: read the views, nothing else. Runs with every migration, since the role belongs to the
-- cluster and may be made after the schema.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'otto_reader') THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA otto FROM otto_reader;
        GRANT USAGE ON SCHEMA otto TO otto_reader;
        GRANT SELECT ON otto.product, otto.product_rank, otto.size_table, otto.release_status TO otto_reader;
    END IF;
END
$$;
