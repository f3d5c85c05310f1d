#!/usr/bin/env bash
# Sets Otto up: the environment .venv from the hash-checked requirements.lock, Chromium with ChromeDriver, a Korean font.
# With the argument `cluster`: the broker of a cluster instead; with `bakeoff`: the environment of the bake-off.
# Works on a fresh Debian or Ubuntu with Python 3.12 to 3.14; a second run finds all in place and takes about a second.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
# shellcheck source=find_python.sh
. "$here/find_python.sh"
# shellcheck source=browser.sh
. "$here/browser.sh"
# shellcheck source=broker.sh
. "$here/broker.sh"
# shellcheck source=bakeoff.sh
. "$here/bakeoff.sh"

OTTO_SETUP_LOG="$root/.otto/setup.log"

say() { echo "setup: $*" >&2; }
die() {
    say "$*"
    exit 1
}

# The lock's entry of one package, so that pip can check the installer's own hashes.
lock_entry() {
    awk -v wanted="$1==" '
        index($0, wanted) == 1 { inside = 1; print; next }
        inside && /^[[:space:]]/ { print; next }
        { inside = 0 }
    ' requirements.lock
}

make_venv() {
    local python=$1
    rm -rf .venv
    if "$python" -m venv .venv >>"$OTTO_SETUP_LOG" 2>&1; then
        return 0
    fi
    # Debian and Ubuntu ship the part that venv needs as a package of its own
    rm -rf .venv
    local version
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "$python lacks ensurepip"
    apt_install "python$version-venv" || die "install python$version-venv, or name another Python by OTTO_PYTHON"
    "$python" -m venv .venv >>"$OTTO_SETUP_LOG" 2>&1 || die "$python cannot make an environment; see $OTTO_SETUP_LOG"
}

install_lock() {
    local entry
    entry=$(mktemp)
    lock_entry uv >"$entry"
    # uv installs the lock in a fifth of pip's time, but reads neither pip's settings nor, unless told, the system's
    # certificates: where it cannot reach the packages, pip does it
    if .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$entry" \
        >>"$OTTO_SETUP_LOG" 2>&1 && quick_install .venv requirements.lock >>"$OTTO_SETUP_LOG" 2>&1; then
        rm -f "$entry"
        return 0
    fi
    rm -f "$entry"
    say "the quick installer did not manage; pip takes a few minutes"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock \
        2>&1 | tee -a "$OTTO_SETUP_LOG" >&2
}

# quick_install VENV LOCK
quick_install() {
    local venv=$1 lock=$2
    local certificates=${SSL_CERT_FILE:-${PIP_CERT:-}} trust=()
    # a company's or a proxy's own authority stands among the system's; a bare container has none and uv brings its own
    [ -e /etc/ssl/certs/ca-certificates.crt ] && trust=(--system-certs)
    # an empty SSL_CERT_FILE would mean a file without a name
    env -u SSL_CERT_FILE ${certificates:+"SSL_CERT_FILE=$certificates"} \
        .venv/bin/uv pip install -q "${trust[@]}" --python "$venv/bin/python" --require-hashes -r "$lock"
}

ensure_environment() {
    local wanted python
    wanted=$(sha256sum <requirements.lock | cut -d' ' -f1)
    if [ "$(cat .venv/otto-lock 2>/dev/null)" = "$wanted" ] && python_fits .venv/bin/python; then
        return 0
    fi
    if ! python_fits .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        if [ -n "${OTTO_PYTHON:-}" ] && ! python_fits "$OTTO_PYTHON"; then
            die "OTTO_PYTHON names $OTTO_PYTHON, which is not a Python $OTTO_PYTHON_RANGE that runs"
        fi
        python=$(find_python) || die "no Python $OTTO_PYTHON_RANGE was found on PATH, in pyenv or in uv;" \
            "install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it by OTTO_PYTHON"
        say "making .venv with $python"
        make_venv "$python"
    fi
    rm -f .venv/otto-lock
    say "installing the packages of requirements.lock"
    install_lock || die "the packages could not be installed; see $OTTO_SETUP_LOG"
    echo "$wanted" >.venv/otto-lock
}

# sourced, it only defines its functions: its test does that
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    mkdir -p "$root/.otto"
    if [ "${1:-}" = cluster ]; then
        ensure_broker || exit 1
        exit 0
    fi
    if [ "${1:-}" = bakeoff ]; then
        ensure_bakeoff || die "the bake-off's packages could not be installed; see $OTTO_SETUP_LOG"
        exit 0
    fi
    ensure_environment
    ensure_browser || exit 1
    ensure_font
fi
