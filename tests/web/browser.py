"""A real headless Chromium and a real server for the end-to-end tests."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from selenium import webdriver

from tests import servers

ARTEFACTS = Path(__file__).parents[1] / "artefacts" / "web"
PHONE, DESKTOP = (390, 844), (1280, 900)


@contextlib.contextmanager
def site(dsn: str, folder: Path) -> Iterator[str]:
    """The web layer under gunicorn; gives its origin."""
    port = servers.free_port()
    environment = os.environ | {"OTTO_READER_DSN": dsn, "DJANGO_SETTINGS_MODULE": "web.settings.development"}
    command = [sys.executable, "-m", "gunicorn", "web.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    command.append("--no-control-socket")
    origin = f"http://127.0.0.1:{port}"
    with servers.process(command, folder / "web.log", lambda: servers.http_ok(f"{origin}/healthz"), environment):
        yield origin


@contextlib.contextmanager
def chromium(size: tuple[int, int], language: str, scripts: bool = True) -> Iterator[webdriver.Chrome]:
    """A fresh browser of one size and language; without scripts for those who block them."""
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--lang={language}"):
        options.add_argument(argument)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")  # nothing from elsewhere
    preferences: dict[str, object] = {"intl.accept_languages": language}
    if not scripts:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.set_page_load_timeout(20)
        screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        yield driver
    finally:
        driver.quit()


def keep_picture(driver: webdriver.Chrome, name: str) -> None:
    """A picture of the whole page among the artefacts."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    wide, tall = driver.execute_script("return [window.innerWidth, document.documentElement.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": wide, "height": tall, "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    (ARTEFACTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def policy_breaches(driver: webdriver.Chrome) -> list[str]:
    """What the content security policy has refused, or a script has thrown."""
    return [
        line["message"]
        for line in driver.get_log("browser")
        if "Content Security Policy" in line["message"] or line["source"] == "javascript"
    ]
