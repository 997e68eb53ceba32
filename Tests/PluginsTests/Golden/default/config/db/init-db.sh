#!/usr/bin/env bash
# Creates the application's role and its two databases. The image runs this once, while the data folder is new.
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

case ${1:-} in
  '') ;;
  -h | --help)
    cat <<HELP
Usage: ${0##*/}

Creates role dioptra and the databases restapi and mlflow-tracking, which only dioptra may use.

Environment:
  POSTGRES_USER                   superuser who does it (default: postgres)
  POSTGRES_DB                     database to connect to (default: postgres)
  POSTGRES_USER_DIOPTRA_PASSWORD  password of role dioptra
HELP
    exit 0
    ;;
  *) fail "unexpected argument: $1" ;;
esac

[[ -n ${POSTGRES_USER_DIOPTRA_PASSWORD:-} ]] || fail "POSTGRES_USER_DIOPTRA_PASSWORD is not set"

# Runs the SQL of standard input in a database.
sql() {
  psql --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname "$1"
}

# psql reads the password from its environment: as an argument it would show in the process list.
sql "${POSTGRES_DB:-postgres}" <<'SQL'
CREATE ROLE dioptra LOGIN;
CREATE DATABASE restapi;
CREATE DATABASE "mlflow-tracking";

REVOKE ALL ON DATABASE restapi FROM PUBLIC;
REVOKE ALL ON DATABASE "mlflow-tracking" FROM PUBLIC;
GRANT ALL PRIVILEGES ON DATABASE restapi TO dioptra;
GRANT ALL PRIVILEGES ON DATABASE "mlflow-tracking" TO dioptra;

SET password_encryption = 'scram-sha-256';
\set password `printenv POSTGRES_USER_DIOPTRA_PASSWORD`
ALTER ROLE dioptra PASSWORD :'password';
SQL

for database in restapi mlflow-tracking; do
  sql "$database" <<'SQL'
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO dioptra;
GRANT CREATE ON SCHEMA public TO dioptra;
SQL
done
