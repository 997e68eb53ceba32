#!/usr/bin/env bash
# Healthy while exactly one process is the worker's.
set -euo pipefail

count=$(pgrep --full --count "python[0-9.]* /opt/venv/bin/dioptra-worker-v1") || true
[[ $count == 1 ]] || {
  echo "$count processes of dioptra-worker-v1"
  exit 1
}
