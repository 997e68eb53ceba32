#!/usr/bin/env bash
# Waits, brings the database's schema up to date, and serves the REST API.
set -euo pipefail

print_help() {
  cat <<HELP
Usage: ${0##*/} [OPTION]...

  --app-module MODULE       application object (default: wsgi:app)
  --backend gunicorn        server; there is only this one
  --gunicorn-module MODULE  Python module that starts it (default: dioptra.restapi.cli.gunicorn)
  --wait-for HOST:PORT      wait for this first; several times if need be
HELP
}

# shellcheck source-path=SCRIPTDIR source=../helpers/entrypoint-lib.sh
source /usr/local/lib/dioptra/entrypoint-lib.sh
option_values=([--app-module]=wsgi:app [--backend]=gunicorn [--gunicorn-module]=dioptra.restapi.cli.gunicorn)
read_options "$@"
((${#positionals[@]} == 0)) || fail "unexpected argument: ${positionals[0]}"
[[ ${option_values[--backend]} == gunicorn ]] || fail "there is no server '${option_values[--backend]}'"

wait_for_addresses
cd /work
dioptra-db autoupgrade
exec python -m "${option_values[--gunicorn-module]}" --config /etc/gunicorn/gunicorn.conf.py \
  "${option_values[--app-module]}"
