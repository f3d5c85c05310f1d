"""The host names of one replica mall, apart from the rest so that settings can be written without loading a replica."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """Where a replica lives and what the malls file says of it."""

    mall: str  # its name in the settings
    domain: str  # such as musinsa.localhost
    roles: Mapping[str, str]  # role of an origin in the malls file -> host label; "" is the bare domain
    page_roles: tuple[str, ...]  # whose hosts a product link may point at
    image_roles: tuple[str, ...]  # whose hosts a picture may come from
    categories: Mapping[str, str]  # ranking code -> Otto's category
    closed: bool = False  # a robots.txt of it refuses unlisted robots: the settings then carry a permission

    def host(self, role: str) -> str:
        """The host name of a role."""
        label = self.roles[role]
        return f"{label}.{self.domain}" if label else self.domain

    def origin(self, role: str, port: int | None) -> str:
        """Scheme, host and port of a role."""
        return f"http://{self.host(role)}{f':{port}' if port else ''}"

    def names(self) -> dict[str, str]:
        """Host name -> what counts and faults call it: its label, or the role where it is the bare domain."""
        return {self.host(role): label or role for role, label in self.roles.items()}
