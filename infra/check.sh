#!/usr/bin/env bash
# What can be said of workflows, units and templates without a cloud: zizmor, actionlint where it or Go is on PATH, cfn-lint.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
.venv/bin/zizmor --offline --no-progress --quiet .github
if command -v actionlint >/dev/null 2>&1; then
    actionlint
elif command -v go >/dev/null 2>&1; then
    # the module's sum is checked against the public log of sums
    go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
else
    echo "neither actionlint nor go is on PATH: the workflows' expressions and types are not checked" >&2
fi
.venv/bin/cfn-lint --non-zero-exit-code informational infra/cloudformation/*.yaml
