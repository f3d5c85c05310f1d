"""The malls file points Otto's own settings at the replicas, with a permission for their names alone."""

from datetime import date
from pathlib import Path

import pytest

from include import settings
from include.scrapers.sites import SITES
from local.malls import catalogue, malls_file, malls_toml, sites
from local.malls.faults import Faults


@pytest.mark.parametrize(
    ("reviews", "categories"),
    [
        (False, {"001000": "tops", "002000": "outer", "003000": "bottoms"}),
        (True, {"000000": "other"}),
    ],
)
def test_the_settings_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reviews: bool, categories: dict[str, str]
) -> None:
    path = tmp_path / "malls.toml"
    path.write_text(malls_toml(8123, reviews=reviews), encoding="utf-8")
    monkeypatch.setenv("OTTO_MALLS_FILE", str(path))
    mall = settings.mall("musinsa")
    assert dict(mall.categories) == categories
    assert mall.pages_per_second == 50
    assert mall.origins["goods_detail"] == "http://goods-detail.musinsa.localhost:8123"
    assert mall.permits("goods-detail.musinsa.localhost", date(2026, 11, 22))
    assert not mall.permits("www.musinsa.com", date(2026, 11, 22))
    assert not mall.permits("musinsa.localhost.example.com", date(2026, 11, 22))


def test_every_mall_that_is_served_can_be_read_and_has_its_table(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "malls.toml"
    path.write_text(malls_toml(8123), encoding="utf-8")
    monkeypatch.setenv("OTTO_MALLS_FILE", str(path))
    assert list(settings.malls()) == list(sites.SITES) == list(malls_file.ADDRESSES) == list(settings.MALLS)
    assert list(SITES) == list(settings.MALLS)
    for name, site in sites.SITES.items():
        assert site.addresses is malls_file.ADDRESSES[name]
        assert site.trade.mall == name
        hosts = site.hosts(catalogue.generate(3, 9, trade=site.trade).stock, Faults())
        assert set(hosts) == set(site.addresses.names())


def test_it_names_the_same_origins_as_the_live_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTTO_MALLS_FILE", raising=False)
    live = settings.malls()
    path = tmp_path / "malls.toml"
    path.write_text(malls_toml(8123), encoding="utf-8")
    monkeypatch.setenv("OTTO_MALLS_FILE", str(path))
    assert set(live) == set(settings.MALLS)
    for name, mall in settings.malls().items():
        assert set(mall.origins) == set(live[name].origins)
