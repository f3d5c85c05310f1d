"""docs/aws.md keeps up with the code: outcomes, stacks in their order, targets, parameters."""

from __future__ import annotations

import re

from local.stack import ROOT
from tests.infra.templates import ORDER, template, templates

PAGE = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")


def test_every_outcome_of_a_deploy_is_explained_and_no_other() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "infra/lambda/deploy").glob("*.py"))
    outcomes = set(re.findall(r'"outcome": "(\w+)"', code)) - {"begun"}
    assert len(outcomes) == 6
    assert set(re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE)) == outcomes


def test_the_stacks_are_made_in_an_order_in_which_each_finds_what_it_imports() -> None:
    deployed = re.findall(r"--template-file (?:infra/cloudformation/)?(\w+)\.yaml", PAGE)
    assert list(dict.fromkeys(deployed)) == list(ORDER)


def test_every_parameter_without_a_default_is_given_and_every_given_one_exists() -> None:
    commands = re.findall(r"--template-file (?:infra/cloudformation/)?(\w+)\.yaml((?:.*\\\n)*.*)", PAGE)
    for name, rest in commands:
        given = set(re.findall(r"\b([A-Z]\w+)=", rest))
        known = templates()[name]["Parameters"]
        needed = {key for key, each in known.items() if "Default" not in each}
        assert needed <= given <= set(known), name


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^ *|`|\(|[A-Z_]+=\S+ )make (?:-s )?([a-z][a-z-]+)", PAGE, re.MULTILINE))
    assert {"upload-release", "deploy", "lambda"} <= named <= targets


def test_what_is_imported_by_name_is_exported() -> None:
    exports = {
        output["Export"]["Name"]["Fn::Sub"].replace("${Installation}", "otto")
        for name in ORDER
        for output in template(name)["Outputs"].values()
        if "Export" in output
    }
    assert {"otto-database-host", "otto-warehouse-host"} <= exports & set(re.findall(r"`(otto-[\w-]+)`", PAGE))
