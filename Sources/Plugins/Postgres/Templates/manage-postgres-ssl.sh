# shellcheck shell=bash disable=SC2154
set -euo pipefail

certificate=/var/lib/postgresql/certs/server.crt
key=/var/lib/postgresql/certs/server.key
readonly begin='# BEGIN dioptra'
readonly end='# END dioptra'

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

# Runs the SQL of standard input over the local socket; fails with status 1, whatever psql's own.
sql() {
  psql --no-psqlrc --no-password --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 \
    --username "$_arg_username" --dbname "$_arg_dbname" "$@" || return 1
}

show() { sql <<<"SHOW $1;"; }
set_to() { sql --set value="$2" <<<"ALTER SYSTEM SET $1 = :'value';"; }

reload() {
  local before
  before=$(sql <<<'SELECT pg_conf_load_time();')
  sql <<<'SELECT pg_reload_conf();' >/dev/null
  # The reload happens later; sessions that start after it report its time.
  for _ in {1..50}; do
    [[ $(sql <<<'SELECT pg_conf_load_time();') == "$before" ]] || return 0
    sleep 0.2
  done
  fail "PostgreSQL did not reload its configuration within 10 seconds"
}

# With a pair that it cannot load, the server would not start the next time.
check_pair() {
  local certificate=$certificate key=$key file public private
  if [[ $_arg_set_ssl_filepaths == off ]]; then
    certificate=${former[ssl_cert_file]}
    key=${former[ssl_key_file]}
  fi
  cd -- "$data_directory"
  for file in "$certificate" "$key"; do
    # The server is asked to read: this script may run as a user who is allowed more.
    sql --set file="$file" <<<"SELECT pg_read_binary_file(:'file', 0, 1);" >/dev/null 2>&1 ||
      fail "PostgreSQL cannot read $file; nothing was changed"
  done
  if command -v openssl >/dev/null; then
    public=$(openssl x509 -in "$certificate" -noout -pubkey 2>/dev/null) || public=
    private=$(openssl pkey -in "$key" -pubout -passin pass: 2>/dev/null) || private=
    [[ -n $public && $public == "$private" ]] ||
      fail "$key does not belong to $certificate, or has a password; nothing was changed"
  fi
}

# Within the container everyone is trusted; from outside, {{access}}.
managed_block() {
  local connection='host     '
  [[ $_arg_ssl == off ]] || connection='hostssl  '
  printf '%s\n' \
    "$begin" \
    '# Replaced as a whole at each initialization: put your own rules below it. The first rule that matches counts.' \
    'local     all              all                    trust' \
    'host      all              all      127.0.0.1/32  trust' \
    'host      all              all      ::1/128       trust' \
    'local     replication      all                    trust' \
    'host      replication      all      127.0.0.1/32  trust' \
    'host      replication      all      ::1/128       trust'{{#has_roles}} \{{/has_roles}}
{{#rules}}
    "$connection {{rule}}  all           scram-sha-256"{{#has_next}} \{{/has_next}}
{{/rules}}
{{#has_roles}}
  if [[ $_arg_ssl == on ]]; then
    # A rule of the user's further down must not let {{listed}} in without TLS.
{{#roles}}
    printf '%s\n' 'hostnossl all              {{padded}}  all           reject'
{{/roles}}
  fi
{{/has_roles}}
  printf '%s\n' "$end"
}

# Prints the rules with the block in its place, which is at the top the first time.
rules_with_block() {
  local line markers inside=no
  markers=$(grep -Fx -e "$begin" -e "$end" "$rules" || true)
  case $markers in
    '')
      managed_block
      echo
      ;;
    "$begin"$'\n'"$end") ;;
    *) fail "$rules must hold '$begin' and '$end' once each, in this order, or neither" ;;
  esac
  while IFS= read -r line || [[ -n $line ]]; do
    if [[ $line == "$begin" ]]; then
      inside=yes
      managed_block
    elif [[ $line == "$end" ]]; then
      inside=no
    elif [[ $inside == yes ]]; then
      continue
    # The image's entry point appends a rule that lets every role in from everywhere.
    elif [[ -z $markers && $line =~ ^host\ all\ all\ all\ [a-z0-9-]+$ ]]; then
      continue
    else
      printf '%s\n' "$line"
    fi
  done <"$rules"
}

# Puts everything back unless the end was reached.
finish() {
  local name
  if [[ $changing == yes ]]; then
    say "putting the former settings and rules back" >&2
    for name in "${!former[@]}"; do
      set_to "$name" "${former[$name]}" || true
    done
    mv -f -- "$previous_rules" "$rules" || true
    sql <<<'SELECT pg_reload_conf();' >/dev/null || true
  fi
  rm -f -- "$new_rules" "$previous_rules"
}

rules=$(show hba_file)
data_directory=$(show data_directory)
declare -A former=()
for name in ssl_cert_file ssl_key_file ssl; do
  former[$name]=$(show "$name")
done

[[ $_arg_ssl == off ]] || check_pair

changing=no
new_rules=$(mktemp "$rules.XXXXXX")
previous_rules=$(mktemp "$rules.XXXXXX")
trap finish EXIT
rules_with_block >"$new_rules"
chown --reference="$rules" -- "$new_rules"
chmod 0600 -- "$new_rules"
cp -p -- "$rules" "$previous_rules"

changing=yes
if [[ $_arg_set_ssl_filepaths == on ]]; then
  set_to ssl_cert_file "$certificate"
  set_to ssl_key_file "$key"
fi
set_to ssl "$_arg_ssl"
mv -f -- "$new_rules" "$rules"
reload

# A rule that is only useless, such as hostssl without TLS, has an error and a type; a wrong one has no type.
errors=$(sql <<<"SELECT format('line %s: %s', line_number, error) FROM pg_hba_file_rules WHERE type IS NULL;")
[[ -z $errors ]] || fail "PostgreSQL does not accept $rules: $errors"

# Answers with TLS whatever the rules say about the role: the server has loaded the pair.
if [[ $_arg_ssl == on ]]; then
  PGSSLMODE=require pg_isready --quiet --host 127.0.0.1 --port "$(show port)" ||
    fail "PostgreSQL does not answer with TLS; its log says why"
fi

changing=no
say "TLS is $_arg_ssl, and the rules in $rules are in effect"
