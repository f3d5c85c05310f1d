"""A page's shell carries any text without letting it become markup."""

import json
import re
from pathlib import Path

import pytest

from local.malls.musinsa import shell as shell_module
from local.malls.musinsa.shell import Shell

STATIC = Path(shell_module.__file__).with_name("static")
ORIGINS = {"image": "http://image.musinsa.localhost"}


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--", "'\"&<b>", "줄\n바꿈\u2028"])
def test_a_hostile_name_stays_text(name: str) -> None:
    meta = {"goodsNm": name, "goodsNo": 1, "goodsPrice": None, "brandInfo": None, "thumbnailImageUrl": "/x.svg"}
    page = bytes(Shell(seed=1).page("product", name, {"goodsNo": "1"}, ORIGINS, meta=meta).body).decode()
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.S)
    assert len(scripts) == 4
    assert all("<" not in script for script in scripts)
    assert json.loads(scripts[0])["name"] == name
    assert json.loads(scripts[1])["props"]["pageProps"]["meta"]["data"]["goodsNm"] == name
    assert "<" not in name or name not in page


def test_style_and_documents_agree_on_the_generated_names() -> None:
    shell = Shell(seed=1)
    style = bytes(shell.static_file("mall.css").body).decode()
    page = bytes(shell.page("review", "후기", {}, ORIGINS).body).decode()
    classes = json.loads(re.search(r"__NEXT_DATA__[^>]*>(.*?)</script>", page)[1])["runtimeConfig"]["classes"]
    assert "OptionRow__Container" in classes
    assert all(f".{generated.split()[1]} " in style.replace(",", " ") for generated in classes.values())


def test_every_class_that_a_script_uses_is_a_generated_one() -> None:
    shell = Shell(seed=1)
    style = (STATIC / "mall.css").read_text(encoding="utf-8")
    used = {name for path in STATIC.glob("*.js") for name in re.findall(r'"([A-Z]\w+__\w+)"', path.read_text("utf-8"))}
    assert len(used) > 30
    assert {name for name in used if f".{name}" not in style} == set()
    assert bytes(shell.static_file("mall.css").body).decode() != style
