"""Settings: the shipped malls file is sound, a wrong one is named, permissions hold for what they name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include import settings
from include.settings import Permission, SettingsError

MALL = """
[musinsa]
pages_per_second = 50
user_agent = "test"
page_hosts = ["www.musinsa.localhost"]
image_hosts = ["image.musinsa.localhost"]

[musinsa.origins]
www = "http://www.musinsa.localhost:8095"

[musinsa.categories]
"001000" = "tops"

[[musinsa.permissions]]
host = "*.musinsa.localhost"
granted_by = "the replica"
granted_on = 2026-01-01
valid_until = 2026-12-31
scope = "all"
"""


@pytest.fixture
def malls_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "malls.toml"
    path.write_text(MALL, encoding="utf-8")
    monkeypatch.setenv("OTTO_MALLS_FILE", str(path))
    return path


def test_the_shipped_malls_are_live_sites_without_any_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTTO_MALLS_FILE", raising=False)
    for mall in settings.malls().values():
        assert mall.permissions == ()
        assert mall.pages_per_second <= 1
        assert all(origin.startswith("https://") for origin in mall.origins.values())
        assert set(mall.categories.values()) <= set(settings.CATEGORIES)


@pytest.mark.usefixtures("malls_file")
def test_another_file_replaces_the_shipped_one() -> None:
    mall = settings.mall("musinsa")
    assert mall.origins == {"www": "http://www.musinsa.localhost:8095"}
    assert mall.permits("goods.musinsa.localhost", date(2026, 11, 22))


@pytest.mark.usefixtures("malls_file")
def test_an_unknown_mall_is_named_with_those_that_are_known() -> None:
    with pytest.raises(SettingsError, match="unknown mall 'musinsaa'; known malls are musinsa"):
        settings.mall("musinsaa")


def test_a_file_that_is_away_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OTTO_MALLS_FILE", str(tmp_path / "absent.toml"))
    with pytest.raises(SettingsError, match="absent.toml cannot be read .* OTTO_MALLS_FILE names it"):
        settings.malls()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[musinsa]", "[musinsa", "is not TOML"),
        ('"tops"', '"hats"', "unknown categories .*hats"),
        ('user_agent = "test"', "", "user_agent"),
        ("pages_per_second = 50", 'pages_per_second = "fast"', "fast"),
        ('scope = "all"', "", "scope"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(malls_file: Path, old: str, new: str, said: str) -> None:
    malls_file.write_text(MALL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        settings.malls()


PERMISSION = Permission("*.musinsa.localhost", "them", date(2026, 1, 1), date(2026, 12, 31), "all")


@pytest.mark.parametrize(
    ("host", "day", "covered"),
    [
        ("www.musinsa.localhost", date(2026, 1, 1), True),
        ("WWW.MUSINSA.LOCALHOST", date(2026, 12, 31), True),
        ("www.musinsa.localhost", date(2025, 12, 31), False),
        ("www.musinsa.localhost", date(2027, 1, 1), False),
        ("www.musinsa.com", date(2026, 6, 1), False),
        ("musinsa.localhost", date(2026, 6, 1), False),
        ("www.musinsa.localhost.evil.com", date(2026, 6, 1), False),
    ],
)
def test_a_permission_holds_for_the_hosts_and_days_that_it_names(host: str, day: date, covered: bool) -> None:
    assert PERMISSION.covers(host, day) is covered


def test_the_numbers_of_days_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTTO_RAW_DAYS", "OTTO_SAMPLE_DAYS", "OTTO_SCHEDULE", "OTTO_LAKE_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    assert (settings.raw_days(), settings.sample_days(), settings.schedule()) == (30, 30, None)
    assert settings.bucket() == "otto-lake"
    monkeypatch.setenv("OTTO_RAW_DAYS", "7")
    monkeypatch.setenv("OTTO_SCHEDULE", "0 5 * * *")
    assert (settings.raw_days(), settings.schedule()) == (7, "0 5 * * *")
