"""Asks the application of the replica malls without a server between: the same requests, no port, no waiting."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from local.malls.app import Malls

PORT = 8095


class Asker:
    """One visitor of one mall of an application, from this machine unless said otherwise."""

    def __init__(
        self, app: Malls, role: str = "www", address: str = "127.0.0.1", domain: str = "musinsa.localhost"
    ) -> None:
        self._app, self._role, self._address, self._domain = app, role, address, domain

    def ask(self, path: str, method: str = "GET", role: str | None = None, **options: Any) -> httpx.Response:
        """One request to a host of the mall. `role`: www, api, ...; a header `host` overrides it."""
        return asyncio.run(self._ask(method, path, role or self._role, options))

    def data(self, path: str, **options: Any) -> Any:
        """`data` of a JSON answer that must be 200."""
        answer = self.ask(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def _ask(self, method: str, path: str, role: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app, client=(self._address, 50_000))
        base = f"http://{role}.{self._domain}:{PORT}"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **options)
