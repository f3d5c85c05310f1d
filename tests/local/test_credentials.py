"""Secrets are made once and kept for their owner."""

import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from local.credentials import credentials
from local.stack import StackError


def test_secrets_are_made_once_all_different_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    made = credentials(tmp_path)
    assert credentials(tmp_path) == made
    assert len(set(asdict(made).values())) == len(asdict(made))
    assert min(map(len, asdict(made).values())) >= 12
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_the_fernet_key_is_one_that_airflow_accepts(tmp_path: Path) -> None:
    cipher = Fernet(credentials(tmp_path).airflow_fernet_key)
    assert cipher.decrypt(cipher.encrypt(b"x")) == b"x"


def test_a_secret_that_a_later_version_needs_is_added_and_the_known_ones_stay(tmp_path: Path) -> None:
    made = asdict(credentials(tmp_path))
    kept = {name: value for name, value in made.items() if name != "web_secret"}
    (tmp_path / "secrets.json").write_text(json.dumps(kept), encoding="utf-8")
    again = asdict(credentials(tmp_path))
    assert again.pop("web_secret") not in made.values()
    assert again == kept


def test_a_broken_file_is_named_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("not json", encoding="utf-8")
    with pytest.raises(StackError, match=r"secrets\.json"):
        credentials(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "not json"
