# shellcheck shell=bash
# The bake-off's own environment, .venv-bakeoff, from its hash-checked lock; .venv stays as it is. Sourced by setup.sh.

OTTO_BAKEOFF_LOCK=ml/bakeoff-requirements.lock

ensure_bakeoff() {
    local wanted
    wanted=$(sha256sum <"$OTTO_BAKEOFF_LOCK" | cut -d' ' -f1)
    if [ "$(cat .venv-bakeoff/otto-lock 2>/dev/null)" = "$wanted" ] && python_fits .venv-bakeoff/bin/python; then
        return 0
    fi
    say "installing the packages of $OTTO_BAKEOFF_LOCK into .venv-bakeoff"
    rm -rf .venv-bakeoff
    .venv/bin/python -m venv .venv-bakeoff >>"$OTTO_SETUP_LOG" 2>&1 || return 1
    if ! quick_install .venv-bakeoff "$OTTO_BAKEOFF_LOCK" >>"$OTTO_SETUP_LOG" 2>&1; then
        .venv-bakeoff/bin/python -m pip install -q --disable-pip-version-check --require-hashes \
            -r "$OTTO_BAKEOFF_LOCK" 2>&1 | tee -a "$OTTO_SETUP_LOG" >&2 || return 1
    fi
    echo "$wanted" >.venv-bakeoff/otto-lock
}
