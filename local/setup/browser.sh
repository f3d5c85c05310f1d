# shellcheck shell=bash
# Finds or installs Chromium with its ChromeDriver, and a font for Korean. Sourced by setup.sh.

# the first program of the arguments that runs: on Ubuntu `chromium-browser` may be a stub that only names a snap
first_that_runs() {
    local name
    for name in "$@"; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && "$name" --version </dev/null >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

find_chrome() {
    first_that_runs "${OTTO_CHROME:-}" chromium chromium-browser google-chrome google-chrome-stable chrome
}

find_chromedriver() {
    first_that_runs "${OTTO_CHROMEDRIVER:-}" chromedriver /usr/lib/chromium/chromedriver \
        /usr/lib/chromium-browser/chromedriver
}

major_version() {
    "$1" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1 | cut -d. -f1
}

has_korean_font() {
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=ko family 2>/dev/null | head -n 1)" ]
}

# apt_install PACKAGE...: as root, or by sudo; fails with a sentence where neither is possible.
apt_install() {
    local as_root=()
    if ! command -v apt-get >/dev/null 2>&1; then
        say "this system has no apt-get: install $* by its own package manager"
        return 1
    fi
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "not root and no sudo here: ask an administrator for: apt-get install $*"
            return 1
        fi
        if ! sudo -n true 2>/dev/null && ! [ -t 0 ]; then
            say "sudo wants a password and nobody can type it here: run first: sudo apt-get install $*"
            return 1
        fi
        as_root=(sudo)
    fi
    say "installing $* with apt-get"
    local run=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0
        -o DPkg::Lock::Timeout=120)
    # the lists first as they are: on a prepared machine they are fresh, and fetching them takes longest
    "${run[@]}" install --no-install-recommends "$@" </dev/null >>"$OTTO_SETUP_LOG" 2>&1 && return 0
    "${run[@]}" update </dev/null >>"$OTTO_SETUP_LOG" 2>&1 || true
    "${run[@]}" install --no-install-recommends "$@" </dev/null >>"$OTTO_SETUP_LOG" 2>&1 && return 0
    say "apt-get could not install $*; $OTTO_SETUP_LOG says why"
    return 1
}

is_ubuntu() {
    [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = ubuntu ])
}

ensure_browser() {
    local chrome driver
    if ! { find_chrome && find_chromedriver; } >/dev/null; then
        if is_ubuntu; then
            say "no Chrome or Chromium with its ChromeDriver was found, and Ubuntu's packages of that name are snaps,"
            say "which do not run everywhere. Install a Chrome or Chromium and the ChromeDriver of the same version,"
            say "then put both on PATH or name them by OTTO_CHROME and OTTO_CHROMEDRIVER."
            return 1
        fi
        apt_install chromium chromium-driver || return 1
    fi
    chrome=$(find_chrome) || { say "Chromium does not run; \`chromium --version\` says why"; return 1; }
    driver=$(find_chromedriver) || { say "ChromeDriver does not run; \`chromedriver --version\` says why"; return 1; }
    if [ "$(major_version "$chrome")" != "$(major_version "$driver")" ]; then
        say "$chrome is version $(major_version "$chrome"), $driver is version $(major_version "$driver"): they must be"
        say "of one version. OTTO_CHROME and OTTO_CHROMEDRIVER name others."
        return 1
    fi
}

ensure_font() {
    has_korean_font && return 0
    apt_install fontconfig fonts-noto-cjk || say "without a Korean font screenshots show boxes; all else works"
}
