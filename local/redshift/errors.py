"""What the gateway itself refuses: an SQLSTATE, a sentence, and how both travel to the client and to the database."""

from __future__ import annotations

SYNTAX = "42601"
UNSUPPORTED = "0A000"
INTERNAL = "XX000"  # Redshift's class for failed loads and S3 faults
IO = "58030"
DISK_FULL = "53100"
CANCELED = "57014"
CONNECTION = "08006"
SHUTDOWN = "57P01"


class RedshiftError(Exception):
    """A statement is refused or failed; the text says what was found and what to do."""

    def __init__(self, sqlstate: str, message: str, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint

    def fields(self, severity: str = "ERROR") -> dict[str, str]:
        """The fields of an ErrorResponse."""
        fields = {"S": severity, "V": severity, "C": self.sqlstate, "M": self.message}
        if self.detail:
            fields["D"] = self.detail
        if self.hint:
            fields["H"] = self.hint
        return fields

    def statement(self) -> str:
        """SQL that fails with this error: it puts the database's transaction into the state the client will see."""
        body = f"BEGIN RAISE EXCEPTION USING ERRCODE = {literal(self.sqlstate)}, MESSAGE = {literal(self.message)}; END"
        return f"DO {literal(body)}"


def literal(value: str | None) -> str:
    """An SQL literal, for servers with standard_conforming_strings on."""
    if value is None:
        return "NULL"
    clean = value.replace("\0", "")
    if "\\" in clean:
        # E'' reads the same whether standard_conforming_strings is on or off
        return "E'" + clean.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + clean.replace("'", "''") + "'"


def unsupported(what: str, hint: str | None = None) -> RedshiftError:
    """Redshift has it, or might have it, and this gateway does not."""
    return RedshiftError(UNSUPPORTED, f"{what} is not supported", hint=hint)


def syntax(near: str, hint: str | None = None) -> RedshiftError:
    """Redshift's grammar does not have it."""
    return RedshiftError(SYNTAX, f'syntax error at or near "{near}"', hint=hint)
