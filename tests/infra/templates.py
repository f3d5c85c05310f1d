"""The CloudFormation templates as plain values: short tags become their long forms."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import yaml

from local.stack import ROOT

FOLDER = ROOT / "infra" / "cloudformation"
# in the order of making: each imports from those before it
ORDER = ("network", "roles", "data", "deploy", "edge", "alarms", "bastion", "nodes")


class _Loader(yaml.SafeLoader):
    """SafeLoader that knows CloudFormation's tags and refuses what CloudFormation does not take."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("CloudFormation takes no YAML aliases")
        return super().compose_node(parent, index)


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)


@functools.cache
def template(name: str) -> dict[str, Any]:
    """One template; shared, so whoever changes it takes a copy."""
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader


def templates() -> dict[str, dict[str, Any]]:
    """All of them."""
    return {name: template(name) for name in ORDER}


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Properties of every resource of a type, by template.name."""
    return {
        f"{stack}.{name}": resource.get("Properties", {})
        for stack, value in templates().items()
        for name, resource in value["Resources"].items()
        if resource["Type"] == kind
    }


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping within a value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)
