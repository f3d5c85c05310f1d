"""Databases, roles and rights of the embedded cluster. Every statement may run again.

otto_reader connects from loopback without a password and can only read: that is what `status --json` hands out.
"""

from __future__ import annotations

import time

import psycopg
from psycopg import sql

from local.credentials import Credentials
from local.services import connects
from local.stack import Stack, StackError

OWNERS = {"airflow": "otto_airflow", "warehouse": "otto_loader", "rds": "otto_publisher"}
WAREHOUSE_SCHEMAS = ("staging", "core", "mart")
AIRFLOW_TABLES = ("dag_run", "task_instance")

# Only loopback is listened on at all. The superuser and the owners need their password; the reader owns nothing.
HBA = """\
# written by local/databases.py
host  airflow,warehouse,rds  otto_reader  127.0.0.1/32  trust
host  all                    all          127.0.0.1/32  scram-sha-256
"""


def write_hba(stack: Stack) -> None:
    """Who may connect how. In place, so that the file keeps its owner."""
    path = stack.state / "postgres" / "pg_hba.conf"
    if path.read_text(encoding="utf-8") != HBA:
        path.write_text(HBA, encoding="utf-8")


def create(stack: Stack, secrets: Credentials) -> None:
    """Roles and databases, and who may enter which."""
    passwords = {role: getattr(secrets, role) for role in OWNERS.values()}
    with _admin(stack, secrets, "postgres") as admin:
        known_roles = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
        for role, password in {**passwords, "otto_reader": None}.items():
            verb = sql.SQL("ALTER" if role in known_roles else "CREATE")
            admin.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(password))
            )
        # a reader that forgets its transaction must not hold back the publisher for ever
        admin.execute("ALTER ROLE otto_reader SET default_transaction_read_only = on")
        known_databases = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
        for database, owner in OWNERS.items():
            name, role = sql.Identifier(database), sql.Identifier(owner)
            if database not in known_databases:
                admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO otto_reader").format(name))
    for database in OWNERS:
        with _admin(stack, secrets, database) as admin:
            admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            # large objects are the one thing that any role may otherwise create, in any database
            admin.execute(
                "REVOKE EXECUTE ON FUNCTION lo_creat(INT), lo_create(OID), lo_from_bytea(OID, BYTEA) FROM PUBLIC"
            )
            admin.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(OWNERS[database])))
    _open_warehouse(stack, secrets)


def grant_airflow_tables(stack: Stack, secrets: Credentials) -> None:
    """The reader sees runs and tasks of Airflow, nothing else of it. After Airflow's migration."""
    with _admin(stack, secrets, "airflow") as admin:
        admin.execute("GRANT USAGE ON SCHEMA public TO otto_reader")
        for table in AIRFLOW_TABLES:
            admin.execute(sql.SQL("GRANT SELECT ON {} TO otto_reader").format(sql.Identifier("public", table)))


def wait_and_empty(stack: Stack, secrets: Credentials, seconds: float = 60) -> None:
    """Drop the warehouse and the serving database; `create` and the migrations make them anew."""
    deadline = time.monotonic() + seconds
    while not connects(stack.dsn("postgres", "postgres", secrets.postgres)):
        if time.monotonic() > deadline:
            raise StackError(f"postgres did not answer within {seconds:.0f} s; see {stack.logs / 'postgres.log'}")
        time.sleep(0.1)
    with _admin(stack, secrets, "postgres") as admin:
        for database in ("warehouse", "rds"):
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _open_warehouse(stack: Stack, secrets: Credentials) -> None:
    with _admin(stack, secrets, "warehouse") as admin:
        for schema_name in WAREHOUSE_SCHEMAS:
            schema = sql.Identifier(schema_name)
            admin.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION otto_loader").format(schema))
            admin.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO otto_reader").format(schema))
            admin.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO otto_reader").format(schema))
            admin.execute(
                sql.SQL(
                    "ALTER DEFAULT PRIVILEGES FOR ROLE otto_loader IN SCHEMA {} GRANT SELECT ON TABLES TO otto_reader"
                ).format(schema)
            )


def _admin(stack: Stack, secrets: Credentials, database: str) -> psycopg.Connection:
    # directly, also for the warehouse: rights are the cluster's affair, not the gateway's
    port = stack.ports["postgres"]
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        dbname=database,
        user="postgres",
        password=secrets.postgres,
        autocommit=True,
        connect_timeout=10,
        options="-c statement_timeout=60000",
    )
