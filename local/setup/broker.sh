# shellcheck shell=bash
# Finds or installs the broker of a cluster: Valkey, or Redis where the system is older. Sourced by setup.sh.

find_broker() {
    first_that_runs "${OTTO_BROKER:-}" valkey-server redis-server
}

ensure_broker() {
    find_broker >/dev/null && return 0
    apt_install valkey-server || apt_install redis-server || return 1
    find_broker >/dev/null || { say "the broker does not run; \`valkey-server --version\` says why"; return 1; }
}
