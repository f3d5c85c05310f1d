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

# what a node runs: the platform's part of requirements.in, at the versions just resolved
platform=$(mktemp)
trap 'rm -f "$fresh" "$platform"' EXIT
awk '/^# /{ inside = /^# the platform/ } inside && /^[a-z]/' requirements.in >"$platform"
: >"$fresh"
.venv/bin/uv pip compile -q --universal --python-version 3.12 --generate-hashes --no-header --no-annotate \
    --constraints requirements.lock --output-file "$fresh" "$platform"
{
    echo "# Made by \`make lock\` from the platform's part of requirements.in, at the versions of requirements.lock."
    grep -v '^#' "$fresh"
} >infra/node/requirements.lock.new
mv infra/node/requirements.lock.new infra/node/requirements.lock

# what the bake-off needs besides, at the same versions; .venv never has it
: >"$fresh"
[ -n "${UPGRADE:-}" ] || cp ml/bakeoff-requirements.lock "$fresh"
.venv/bin/uv pip compile -q --universal --python-version 3.12 --generate-hashes --no-header --no-annotate \
    --constraints requirements.lock "${upgrade[@]}" --output-file "$fresh" ml/bakeoff-requirements.in
{
    echo "# Made by \`make lock\` from ml/bakeoff-requirements.in, at the versions of requirements.lock. Do not edit."
    grep -v '^#' "$fresh"
} >ml/bakeoff-requirements.lock.new
mv ml/bakeoff-requirements.lock.new ml/bakeoff-requirements.lock
git --no-pager diff --stat -- requirements.lock 2>/dev/null || true
