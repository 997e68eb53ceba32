#!/usr/bin/env bash
# Waits, then takes jobs from a queue.
set -euo pipefail

print_help() {
  cat <<HELP
Usage: ${0##*/} [OPTION]... [QUEUE]

  --results-ttl SECONDS  how long results are kept (default: 500)
  --wait-for HOST:PORT   wait for this first; several times if need be
HELP
}

# shellcheck source-path=SCRIPTDIR source=../helpers/entrypoint-lib.sh
source /usr/local/lib/dioptra/entrypoint-lib.sh
option_values=([--results-ttl]=500)
read_options "$@"

wait_for_addresses
cd /work
# All queues as one argument, like Dioptra's own script: only one works.
exec dioptra-worker-v1 --url "${RQ_REDIS_URI:?}" --results-ttl "${option_values[--results-ttl]}" "${positionals[*]}"
