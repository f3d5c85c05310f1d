"""COPY and UNLOAD as commands."""

from __future__ import annotations

import pytest

from local.redshift.errors import RedshiftError
from local.redshift.lexer import tokens
from local.redshift.options import parse_copy, parse_unload

ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/otto'"


def test_the_copy_of_the_providers_operator_is_understood() -> None:
    command = parse_copy(
        tokens(
            """
                    COPY staging.review
                    FROM 's3://lake/staged/manifests/review/run_date=2026-11-21.json'
                    credentials
                    'aws_iam_role=arn:aws:iam::123456789012:role/otto'

                    FORMAT AS PARQUET
                        MANIFEST
            """
        )
    )
    assert command.table == '"staging"."review"'
    assert (command.form, command.options) == ("PARQUET", {"MANIFEST": None})
    assert command.source.url == "s3://lake/staged/manifests/review/run_date=2026-11-21.json"


def test_options_are_taken_in_any_order_with_and_without_as() -> None:
    command = parse_copy(
        tokens(
            f"COPY t (a, \"B\") FROM 's3://b/k' GZIP IGNOREHEADER AS 1 {ROLE} DELIMITER '|' FORMAT AS CSV MAXERROR 5"
        )
    )
    assert command.columns == ["a", "B"]
    assert command.form == "CSV"
    assert command.options == {"GZIP": None, "IGNOREHEADER": "1", "DELIMITER": "|", "MAXERROR": "5"}


@pytest.mark.parametrize(
    ("copy", "sqlstate", "words"),
    [
        ("CREDENTIALS 'aws_access_key_id=AK;aws_secret_access_key=S' PARQUET", "42501", "access keys"),
        ("ACCESS_KEY_ID 'AK' SECRET_ACCESS_KEY 'S' PARQUET", "42501", "access keys"),
        ("PARQUET", "42601", "CREDENTIALS argument is required"),
        (f"{ROLE} PARQUET REGION 'us-east-1'", "0A000", "REGION"),
        (f"{ROLE} PARQUET MAXERROR 3", "0A000", "MAXERROR"),
        (f"{ROLE} PARQUET GZIP", "0A000", "GZIP"),
        (f"{ROLE} PARQUET IGNOREHEADER 1", "0A000", "IGNOREHEADER"),
        (f"{ROLE} FORMAT ORC", "0A000", "ORC"),
        (f"{ROLE} CSV ESCAPE", "0A000", "ESCAPE"),
        (f"{ROLE} CSV CSV_THING 'x'", "0A000", "CSV_THING"),
        (f"{ROLE}", "0A000", "delimited text"),
        (f"{ROLE} JSON 's3://b/paths.json'", "0A000", "JSON"),
        (f"{ROLE} JSON 'auto' IGNOREHEADER 1", "42601", "IGNOREHEADER"),
        (f"{ROLE} CSV GZIP GZIP", "42601", "twice"),
        ("IAM_ROLE 'nonsense' CSV", "42601", "ARN"),
    ],
)
def test_a_copy_that_is_not_taken_is_refused_with_the_reason(copy: str, sqlstate: str, words: str) -> None:
    with pytest.raises(RedshiftError) as refused:
        parse_copy(tokens(f"COPY t FROM 's3://b/k' {copy}"))
    assert refused.value.sqlstate == sqlstate
    assert words in refused.value.message


def test_a_secret_in_a_refused_statement_is_not_repeated() -> None:
    with pytest.raises(RedshiftError) as refused:
        parse_copy(tokens("COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=AK;aws_secret_access_key=HUSH' CSV"))
    assert "HUSH" not in f"{refused.value.message} {refused.value.hint} {refused.value.detail}"


def test_unload_reads_its_query_through_the_quotes() -> None:
    command = parse_unload(tokens(f"UNLOAD ('SELECT a FROM t WHERE b = ''x''') TO 's3://b/u/' {ROLE} FORMAT PARQUET"))
    assert command.query == "SELECT a FROM t WHERE b = 'x'"
    assert command.form == "PARQUET"


@pytest.mark.parametrize("option", ["HEADER", "GZIP", "PARTITION BY (a)", "MAXFILESIZE 5 MB", "ENCRYPTED"])
def test_an_unload_option_that_is_not_there_is_refused(option: str) -> None:
    with pytest.raises(RedshiftError):
        parse_unload(tokens(f"UNLOAD ('SELECT 1 AS a') TO 's3://b/u/' {ROLE} FORMAT PARQUET {option}"))
