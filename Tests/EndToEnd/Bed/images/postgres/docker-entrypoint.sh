#!/usr/bin/env bash
# Starts PostgreSQL, and makes the cluster first where the data folder is empty. Written for the test bed, after the
# documented contract of the official image.
set -euo pipefail

fail() {
  printf 'docker-entrypoint.sh: %s\n' "$1" >&2
  exit 1
}

# Sets a variable from the file that NAME_FILE names, or to a default.
read_setting() {
  local name=$1 file_name=$1_FILE
  [[ -z ${!name:-} || -z ${!file_name:-} ]] || fail "both $name and $file_name are set"
  if [[ -n ${!file_name:-} ]]; then
    printf -v "$name" '%s' "$(<"${!file_name}")"
  fi
  printf -v "$name" '%s' "${!name:-${2:-}}"
  # Programs that run from here on see the setting and not where it came from.
  export "${name?}"
  unset "$file_name"
}

make_cluster() {
  read_setting POSTGRES_PASSWORD
  read_setting POSTGRES_USER postgres
  read_setting POSTGRES_DB "$POSTGRES_USER"
  read_setting POSTGRES_HOST_AUTH_METHOD scram-sha-256
  if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
    fail "the superuser has no password: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE"
  fi
  if [[ -n $POSTGRES_PASSWORD ]]; then
    initdb --username="$POSTGRES_USER" --pwfile=/dev/stdin <<<"$POSTGRES_PASSWORD"
  else
    initdb --username="$POSTGRES_USER"
  fi
  printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"

  # Nobody connects over TCP until all is done.
  pg_ctl --wait --silent --options="-c listen_addresses=''" start
  if [[ $POSTGRES_DB != postgres ]]; then
    sql --dbname postgres --set database="$POSTGRES_DB" <<<'CREATE DATABASE :"database";'
  fi
  run_scripts
  pg_ctl --wait --silent --mode=fast stop
  echo "docker-entrypoint.sh: the cluster is made"
}

sql() {
  PGHOST='' PGPASSWORD=$POSTGRES_PASSWORD psql --no-psqlrc --no-password --set ON_ERROR_STOP=1 \
    --username "$POSTGRES_USER" "$@"
}

run_scripts() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    [[ -f $file ]] || continue
    echo "docker-entrypoint.sh: $file"
    case $file in
      *.sh)
        if [[ -x $file ]]; then
          "$file"
        else
          # shellcheck source=/dev/null
          source "$file"
        fi
        ;;
      *.sql) sql --dbname "$POSTGRES_DB" --file "$file" ;;
      *.sql.gz) gunzip --stdout "$file" | sql --dbname "$POSTGRES_DB" ;;
    esac
  done
}

if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
if [[ ${1:-} == postgres ]]; then
  if ((EUID == 0)); then
    mkdir -p -- "$PGDATA"
    chmod 0700 "$PGDATA"
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres {} +
    exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
  fi
  if [[ ! -s $PGDATA/PG_VERSION ]]; then make_cluster; fi
fi
exec "$@"
