#!/usr/bin/env bash
# Waits, then serves MLflow, or brings its database's schema up to date.
set -euo pipefail

print_help() {
  cat <<HELP
Usage: ${0##*/} [OPTION]...

  --backend-store-uri URI      where runs are recorded; \${NAME} is taken from the environment
  --default-artifact-root URI  where artifacts of new experiments go
  --gunicorn-opts OPTIONS      options of the server
  --host ADDRESS               (default: 0.0.0.0)
  --port PORT                  (default: 5000)
  --workers NUMBER             processes (default: 1)
  --wait-for HOST:PORT         wait for this first; several times if need be
  --upgrade-db                 bring the schema up to date and stop
HELP
}

# shellcheck source-path=SCRIPTDIR source=../helpers/entrypoint-lib.sh
source /usr/local/lib/dioptra/entrypoint-lib.sh
option_values=(
  [--backend-store-uri]=sqlite:////work/mlruns/mlflow-tracking.db
  [--default-artifact-root]=/work/artifacts
  [--gunicorn-opts]=''
  [--host]=0.0.0.0
  [--port]=5000
  [--workers]=1
)
flags=([--upgrade-db]=0)
read_options "$@"
((${#positionals[@]} == 0)) || fail "unexpected argument: ${positionals[0]}"

wait_for_addresses
cd /work
# Values become part of a command that a shell reads, so that it expands variables in them.
if ((flags[--upgrade-db] > 0)); then
  exec bash -c "exec mlflow db upgrade \"${option_values[--backend-store-uri]}\""
fi
command="exec mlflow server"
for option in --backend-store-uri --default-artifact-root --host --port --workers; do
  command+=" $option \"${option_values[$option]}\""
done
[[ -z ${option_values[--gunicorn-opts]} ]] || command+=" --gunicorn-opts \"${option_values[--gunicorn-opts]}\""
exec bash -c "$command"
