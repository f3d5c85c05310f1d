"""The set-up's search for a Python and a browser, with made-up candidates."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack import ROOT

_SCRIPTS = ROOT / "local" / "setup"
_TOOLS = ("bash", "ls", "sort", "dirname", "head", "cut", "grep", "awk", "env")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A made-up machine: a home, and one folder of programs as PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    for tool in _TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{shutil.which('bash')}\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _good(path: Path) -> None:
    _program(path, f'exec "{sys.executable}" "$@"')


def _ask(machine: Path, script: str, **extra: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": str(machine / "bin"), "HOME": str(machine / "home")} | extra
    command = [str(machine / "bin" / "bash"), "-c", script]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
    )


def _find_python(machine: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return _ask(machine, f'. "{_SCRIPTS}/find_python.sh"; find_python', **extra)


def _real() -> str:
    return str(Path(sys.executable).resolve())


def test_a_shim_that_refuses_and_an_old_python_are_passed_over(machine: Path) -> None:
    _program(machine / "bin" / "python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    (machine / "bin" / "python3.14").symlink_to("/nonexistent")
    _program(machine / "bin" / "python3", "exit 1")  # an older one: it says no to the question for its version
    _good(machine / "bin" / "python3.13")
    found = _find_python(machine)
    assert (found.returncode, found.stdout.strip()) == (0, _real())


def test_a_python_is_found_in_pyenv_when_path_has_none(machine: Path) -> None:
    _program(machine / "home/.pyenv/versions/3.11.7/bin/python3", "exit 1")
    _good(machine / "home/.pyenv/versions/3.12.1/bin/python3")
    assert _find_python(machine).stdout.strip() == _real()


def test_a_python_is_found_among_those_of_uv(machine: Path) -> None:
    _good(machine / "home/.local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu/bin/python3")
    assert _find_python(machine).stdout.strip() == _real()


def test_the_newest_patch_of_the_oldest_minor_version_goes_first(machine: Path) -> None:
    for version in ("3.13.0", "3.12.1", "3.12.10"):
        _good(machine / f"home/.pyenv/versions/{version}/bin/python3")
    listed = _ask(machine, f'. "{_SCRIPTS}/find_python.sh"; python_candidates').stdout.split()
    assert [path.split("/")[-3] for path in listed] == ["3.12.10", "3.12.1", "3.13.0"]


def test_a_python_that_the_person_names_goes_first(machine: Path) -> None:
    _good(machine / "bin" / "python3.12")
    _good(machine / "mine")
    listed = _ask(
        machine, f'. "{_SCRIPTS}/find_python.sh"; python_candidates', OTTO_PYTHON=str(machine / "mine")
    ).stdout.split()
    assert listed[0] == str(machine / "mine")


def test_without_any_python_the_search_fails(machine: Path) -> None:
    found = _find_python(machine)
    assert (found.returncode, found.stdout) == (1, "")


def test_the_entry_of_one_package_is_taken_from_the_lock_with_its_hashes_and_no_other(machine: Path) -> None:
    found = _ask(machine, f'. "{_SCRIPTS}/setup.sh"; lock_entry uv').stdout.splitlines()
    assert found[0].startswith("uv==")
    assert len(found) > 2
    assert all("--hash=sha256:" in line for line in found[1:])


def _apt(machine: Path, user: int) -> subprocess.CompletedProcess[str]:
    _program(machine / "bin" / "id", f"echo {user}")
    _program(machine / "bin" / "apt-get", f'echo "$@" >> {machine}/apt')
    say = 'say() { echo "setup: $*" >&2; }'
    return _ask(
        machine, f'{say}; . "{_SCRIPTS}/browser.sh"; apt_install chromium', OTTO_SETUP_LOG=str(machine / "setup.log")
    )


def test_root_installs_directly(machine: Path) -> None:
    assert _apt(machine, 0).returncode == 0
    assert "install --no-install-recommends chromium" in (machine / "apt").read_text()


def test_a_user_installs_with_sudo(machine: Path) -> None:
    _program(machine / "bin" / "sudo", f'[ "$1" = -n ] && exit 0; echo sudo >> {machine}/apt; "$@"')
    assert _apt(machine, 1000).returncode == 0
    assert (machine / "apt").read_text().startswith("sudo\n")


def test_a_user_without_sudo_gets_a_sentence_with_the_command(machine: Path) -> None:
    done = _apt(machine, 1000)
    assert done.returncode != 0
    assert "ask an administrator for: apt-get install chromium" in done.stderr
    assert not (machine / "apt").exists()


def test_a_browser_that_only_names_a_snap_is_passed_over(machine: Path) -> None:
    _program(machine / "bin" / "chromium-browser", "echo 'requires the chromium snap' >&2; exit 1")
    _program(machine / "bin" / "google-chrome", "echo 'Google Chrome 140.0.1'")
    found = _ask(machine, f'. "{_SCRIPTS}/browser.sh"; find_chrome')
    assert found.stdout.strip() == str(machine / "bin" / "google-chrome")


def test_a_driver_of_another_version_than_the_browser_is_named(machine: Path) -> None:
    _program(machine / "bin" / "chromium", "echo 'Chromium 140.0.1'")
    _program(machine / "bin" / "chromedriver", "echo 'ChromeDriver 139.0.7'")
    done = _ask(machine, f'say() {{ echo "$*" >&2; }}; . "{_SCRIPTS}/browser.sh"; ensure_browser')
    assert done.returncode != 0
    assert "140" in done.stderr
    assert "139" in done.stderr
