#!/usr/bin/env bash
# Creates roles and databases that are not there, and gives each role its password. It can be repeated.
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

{{#roles}}
Creates role {{role}} and the {{listed}}, which only {{role}} may use.
{{/roles}}

Environment:
  POSTGRES_USER                   superuser who does it (default: postgres)
  POSTGRES_DB                     database to connect to (default: postgres)
{{#roles}}
  {{padded_setting}}  password of role {{role}}
{{/roles}}
HELP
    exit 0
    ;;
  *) fail "unexpected argument: $1" ;;
esac

readonly main=${POSTGRES_DB:-postgres}

# Runs the SQL of standard input in a database.
sql() {
  psql --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname "$@"
}

# make_role ROLE VARIABLE: psql reads the password from its environment, since arguments show in the process list.
make_role() {
  local role=$1
  [[ -n ${!2:-} ]] || fail "$2 is not set"
  ROLE_PASSWORD=${!2} sql "$main" --set role="$role" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SET password_encryption = 'scram-sha-256';
\set password `printenv ROLE_PASSWORD`
ALTER ROLE :"role" PASSWORD :'password';
SQL
}

# make_database DATABASE ROLE: only the role may use it.
make_database() {
  sql "$main" --set database="$1" --set role="$2" <<'SQL'
SELECT format('CREATE DATABASE %I', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT ALL PRIVILEGES ON DATABASE :"database" TO :"role";
SQL
  sql "$1" --set role="$2" <<'SQL'
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"role";
GRANT CREATE ON SCHEMA public TO :"role";
SQL
}

{{#roles}}
make_role {{role}} {{setting}}
{{/roles}}
{{#databases}}
make_database {{name}} {{role}}
{{/databases}}
say "the databases are there: {{names}}"
