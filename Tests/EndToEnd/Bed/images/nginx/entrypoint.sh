#!/usr/bin/env bash
# Waits for what nginx leads to, then runs it.
set -euo pipefail

print_help() { echo "Usage: ${0##*/} [--wait-for HOST:PORT]..."; }

# shellcheck source-path=SCRIPTDIR source=../helpers/entrypoint-lib.sh
source /usr/local/lib/dioptra/entrypoint-lib.sh
read_options "$@"
((${#positionals[@]} == 0)) || fail "unexpected argument: ${positionals[0]}"
wait_for_addresses
exec /usr/sbin/nginx
