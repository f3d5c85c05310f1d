"""SYS_LOAD_ERROR_DETAIL and STL_LOAD_ERRORS: which rows COPY refused, readable after the load was rolled back.

They are written on a connection of its own, as the role that ran the COPY: so that role must own the database, or be
allowed to create a schema in it, or the schema `redshift_catalog` must have been made for it (SETUP, as a superuser,
then GRANT INSERT on load_error). Everybody may read.
"""

from __future__ import annotations

import logging

from local.redshift import upstream
from local.redshift.dialect import SYSTEM_SCHEMA
from local.redshift.errors import RedshiftError, literal
from local.redshift.options import Copy
from local.redshift.table import Column
from local.redshift.upstream import Login

log = logging.getLogger(__name__)

SETUP = f"""
SELECT pg_advisory_xact_lock(hashtext('{SYSTEM_SCHEMA}'));
CREATE SCHEMA IF NOT EXISTS {SYSTEM_SCHEMA};
CREATE TABLE IF NOT EXISTS {SYSTEM_SCHEMA}.load_error (
    user_id integer NOT NULL,
    query_id bigint NOT NULL,
    session_id integer NOT NULL DEFAULT pg_backend_pid(),
    database_name varchar(128) NOT NULL DEFAULT current_database(),
    table_id integer NOT NULL,
    start_time timestamp NOT NULL DEFAULT localtimestamp,
    file_name varchar(1024) NOT NULL,
    line_number bigint NOT NULL,
    column_name varchar(128) NOT NULL,
    column_type varchar(64) NOT NULL,
    column_length varchar(16) NOT NULL,
    raw_field_value varchar(1024) NOT NULL,
    error_code integer NOT NULL,
    error_message varchar(512) NOT NULL
);
CREATE SEQUENCE IF NOT EXISTS {SYSTEM_SCHEMA}.load_number;
CREATE OR REPLACE VIEW {SYSTEM_SCHEMA}.sys_load_error_detail AS
SELECT user_id, query_id, 0::bigint AS transaction_id, session_id, database_name, table_id, start_time, file_name,
       line_number, column_name, column_type, column_length, 0 AS "position", error_code, error_message
FROM {SYSTEM_SCHEMA}.load_error;
CREATE OR REPLACE VIEW {SYSTEM_SCHEMA}.stl_load_errors AS
SELECT user_id AS userid, 0 AS slice, table_id AS tbl, start_time AS starttime, session_id AS session,
       query_id AS query, file_name AS filename, line_number, column_name AS colname, column_type AS type,
       column_length AS col_length, 0 AS "position", ''::varchar(1024) AS raw_line, raw_field_value,
       error_code AS err_code, error_message AS err_reason
FROM {SYSTEM_SCHEMA}.load_error;
GRANT USAGE ON SCHEMA {SYSTEM_SCHEMA} TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA {SYSTEM_SCHEMA} TO PUBLIC;
"""  # noqa: S608 - constants of this module
_EXISTS = f"SELECT to_regclass('{SYSTEM_SCHEMA}.stl_load_errors') IS NOT NULL"
_KEPT_FAULTS = 100  # of one load


async def ensure(login: Login) -> None:
    """Make the views if they are not there. Raises RedshiftError if the role may not."""
    if await upstream.errand(login, _EXISTS) == [["t"]]:
        return
    try:
        await upstream.errand(login, SETUP)
    except RedshiftError as error:
        raise RedshiftError(
            error.sqlstate,
            f"no load has failed in this database yet, and {login.parameters['user']} may not make the view of it: "
            f"{error.message}",
        ) from error


async def record(login: Login, command: Copy, columns: list[Column], faults: list[object]) -> None:
    """Write refused rows. A failure to do so is logged: the client's error tells file, line and reason anyway."""
    types = {column.name: column for column in columns}
    table_id = columns[0].table_oid if columns else 0
    values = []
    for fault in faults[:_KEPT_FAULTS]:
        column = types.get(fault.column)  # type: ignore[attr-defined]
        kind = column.type.split("(")[0] if column else ""
        length = str(column.longest or "") if column else ""
        texts = (fault.column, kind, length, fault.value[:1024], fault.file[:1024])  # type: ignore[attr-defined]
        field, kind, length, value, file = (literal(text) for text in texts)
        values.append(
            f"({table_id}, {file}, {int(fault.line)}, {field}, {kind}, {length}, {value}, {int(fault.code)}, "  # type: ignore[attr-defined]
            f"{literal(fault.reason[:512])})"  # type: ignore[attr-defined]
        )
    sql = f"""
        INSERT INTO {SYSTEM_SCHEMA}.load_error (user_id, query_id, table_id, file_name, line_number, column_name,
            column_type, column_length, raw_field_value, error_code, error_message)
        SELECT (SELECT oid::int4 FROM pg_roles WHERE rolname = current_user), n.number, v.*
        FROM (SELECT nextval('{SYSTEM_SCHEMA}.load_number') AS number) AS n, (VALUES {", ".join(values)}) AS v
    """  # noqa: S608 - literals are quoted by literal()
    try:
        await ensure(login)
        await upstream.errand(login, sql)
    except RedshiftError as error:
        log.warning("refused rows of a COPY into %s could not be recorded: %s", command.table_name, error.message)
