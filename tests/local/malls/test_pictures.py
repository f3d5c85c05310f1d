"""Pictures are drawn for any path and never carry a stranger's markup."""

from xml.etree import ElementTree

import pytest

from local.malls import pictures


@pytest.mark.parametrize("path", ["/images/goods_img/tops/123", "/x", "/a/<script>alert(1)</script>", "/tops/../&"])
def test_every_picture_is_well_formed_and_without_script(path: str) -> None:
    root = ElementTree.fromstring(pictures.draw(path))  # noqa: S314 - our own text
    assert root.tag.endswith("svg")
    assert "script" not in pictures.draw(path)


def test_two_products_look_different_and_one_looks_the_same_twice() -> None:
    assert pictures.draw("/images/goods_img/tops/1") == pictures.draw("/images/goods_img/tops/1")
    assert pictures.draw("/images/goods_img/tops/1") != pictures.draw("/images/goods_img/tops/2")
