#!/usr/bin/env bash
# Creates {{subject}}. The image runs this once, while the data folder is new.
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

{{#roles}}
[[ -n {{expansion}} ]] || fail "{{setting}} is not set"
{{/roles}}

# Runs the SQL of standard input in a database.
sql() {
  psql --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname "$1"
}

# psql reads the password from its environment: as an argument it would show in the process list.
sql "${POSTGRES_DB:-postgres}" <<'SQL'
{{#roles}}
CREATE ROLE {{role_sql}} LOGIN;
{{/roles}}
{{#databases}}
CREATE DATABASE {{name_sql}};
{{/databases}}

{{#databases}}
REVOKE ALL ON DATABASE {{name_sql}} FROM PUBLIC;
{{/databases}}
{{#databases}}
GRANT ALL PRIVILEGES ON DATABASE {{name_sql}} TO {{role_sql}};
{{/databases}}

SET password_encryption = 'scram-sha-256';
{{#roles}}
\set password `printenv {{setting}}`
ALTER ROLE {{role_sql}} PASSWORD :'password';
{{/roles}}
SQL
{{#roles}}

for database in {{names}}; do
  sql "$database" <<'SQL'
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {{role_sql}};
GRANT CREATE ON SCHEMA public TO {{role_sql}};
SQL
done
{{/roles}}
