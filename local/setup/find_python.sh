# shellcheck shell=bash
# Finds a Python that Otto runs on, by running each candidate: a name on PATH may be a shim that refuses, a link to
# nothing, or another version than its name says. Sourced by setup.sh and by its test.

OTTO_PYTHON_RANGE="3.12 to 3.14"

# python_fits PATH: whether this program is a Python in the range.
python_fits() {
    "$1" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))' </dev/null >/dev/null 2>&1
}

# python_candidates: one candidate a line, the preferred first.
python_candidates() {
    local name folder
    if [ -n "${OTTO_PYTHON:-}" ]; then
        echo "$OTTO_PYTHON"
    fi
    # 3.12 is the version of the lock's tests, so it goes first
    for name in python3.12 python3.13 python3.14 python3 python; do
        type -ap "$name" 2>/dev/null || true
    done
    local home=${HOME:-/nonexistent} minor
    for minor in 12 13 14; do
        for folder in "${PYENV_ROOT:-$home/.pyenv}/versions" \
            "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$home/.local/share}/uv/python}"; do
            # the newest patch release first
            ls -d "$folder"/*3.$minor.*/bin/python3 2>/dev/null | sort -rV || true
        done
    done
    if command -v uv >/dev/null 2>&1; then
        UV_PYTHON_DOWNLOADS=never uv python find '>=3.12,<3.15' 2>/dev/null || true
    fi
}

# find_python: prints the real path of the first candidate that fits; fails when there is none.
find_python() {
    local candidate
    while IFS= read -r candidate; do
        if [ -n "$candidate" ] && python_fits "$candidate"; then
            # the program itself, not a shim that may answer otherwise in another folder
            "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
            return 0
        fi
    done < <(python_candidates)
    return 1
}
