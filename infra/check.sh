#!/usr/bin/env bash
# What can be said of workflows, units and templates without a cloud: zizmor, actionlint and checkov where they are on PATH,
# cfn-lint.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
.venv/bin/zizmor --offline --no-progress --quiet .github
if command -v actionlint >/dev/null 2>&1; then
    actionlint
else
    echo "actionlint is not on PATH: skipped" >&2
fi
if command -v checkov >/dev/null 2>&1; then
    checkov --config-file infra/checkov.yaml
else
    echo "checkov is not on PATH: skipped" >&2
fi
.venv/bin/cfn-lint --non-zero-exit-code informational infra/cloudformation/*.yaml
