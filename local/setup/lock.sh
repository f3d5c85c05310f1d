#!/usr/bin/env bash
# Resolves requirements.in into requirements.lock, for every Python that the set-up accepts, with the hashes of all files.
# Existing pins stay where they fit: `UPGRADE=1 make lock` takes the newest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
upgrade=()
if [ -n "${UPGRADE:-}" ]; then
    upgrade=(--upgrade)
else
    cp requirements.lock "$fresh"
fi
.venv/bin/uv pip compile -q --universal --python-version 3.12 --generate-hashes --no-header --no-annotate \
    "${upgrade[@]}" --output-file "$fresh" requirements.in
{
    echo "# Made by \`make lock\` from requirements.in; installed with hash checking. Do not edit."
    grep -v '^#' "$fresh"
} >requirements.lock.new
mv requirements.lock.new requirements.lock
git --no-pager diff --stat -- requirements.lock 2>/dev/null || true
