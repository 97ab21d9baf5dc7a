#!/bin/sh
# Runs the audit once. Reports lie in ./drift-reports after; the exit code is 0 or 1, and what was found is in drift-reports/exit-code.
set -eu
mkdir -p drift-reports
code=0
driftline audit "$@" \
  --out console://- \
  --out html://drift-reports/drift.html \
  --out markdown://drift-reports/drift.md \
  --out sarif://drift-reports/drift.sarif \
  --out junit://drift-reports/drift.xml || code=$?
echo "$code" > drift-reports/exit-code
case "$code" in
  0 | 2 | 3) ;;
  *) exit 1 ;;
esac
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f drift-reports/drift.md ]; then
  cat drift-reports/drift.md >> "$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  echo "exit-code=$code" >> "$GITHUB_OUTPUT"
fi
