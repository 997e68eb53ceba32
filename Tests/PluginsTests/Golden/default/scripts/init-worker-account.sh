#!/usr/bin/env bash
# Registers the workers' user at the REST API, or proves that the one that is there has the same password.
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

Registers the workers' user at the REST API. Where the user exists already, a login with the password must succeed.

Environment:
  DIOPTRA_WORKER_USERNAME  name of the user
  DIOPTRA_WORKER_PASSWORD  its password
  DIOPTRA_API_URL          address of the REST API (default: http://restapi:5000)
HELP
    exit 0
    ;;
  *) fail "unexpected argument: $1" ;;
esac

username=${DIOPTRA_WORKER_USERNAME:-}
password=${DIOPTRA_WORKER_PASSWORD:-}
api=${DIOPTRA_API_URL:-http://restapi:5000}
api=${api%/}
readonly email=dioptra@example.com

[[ -n $username ]] || fail "DIOPTRA_WORKER_USERNAME is not set"
[[ -n $password ]] || fail "DIOPTRA_WORKER_PASSWORD is not set"

# Prints a text as a JSON string.
json_string() {
  local text=$1 json='' character i
  for ((i = 0; i < ${#text}; i++)); do
    character=${text:i:1}
    case $character in
      '"' | \\) character="\\$character" ;;
      [[:cntrl:]]) printf -v character '\\u%04x' "'$character" ;;
    esac
    json+=$character
  done
  printf '"%s"' "$json"
}

username_json=$(json_string "$username")
password_json=$(json_string "$password")
printf -v account '{"username": %s, "password": %s, "confirmPassword": %s, "email": "%s"}' \
  "$username_json" "$password_json" "$password_json" "$email"
printf -v credentials '{"username": %s, "password": %s}' "$username_json" "$password_json"

# Sends a JSON body to a path of the API; sets status and answer. The body goes through standard input, since arguments
# show in the process list.
post() {
  local reply
  reply=$(
    printf '%s' "$2" |
      curl --silent --show-error --connect-timeout 10 --max-time 60 \
        --header 'Content-Type: application/json' --data-binary @- \
        --write-out '\n%{http_code}' "$api$1"
  ) || fail "cannot reach the REST API at $api"
  status=${reply##*$'\n'}
  answer=${reply%$'\n'*}
  answer=${answer:-empty answer}
}

# Prints the answer as one short line, where it cannot hold the password: such a plain one has no escaped form.
excerpt() {
  local line=${answer//[[:cntrl:]]/ }
  if [[ ! $password =~ ^[A-Za-z0-9_-]+$ || $answer == *"$password"* ]]; then
    line="not shown, since it may repeat the password"
  fi
  printf '%s' "${line:0:300}"
}

post /api/v1/users/ "$account"
case $status in
  2??)
    say "registered $username"
    exit 0
    ;;
  409) ;;
  *) fail "the REST API did not register $username (status $status): $(excerpt)" ;;
esac

# The name or the e-mail is taken: fine if it is by this very account.
post /api/v1/auth/login "$credentials"
case $status in
  2??) say "$username is registered already" ;;
  *) fail "$username or $email is registered already, but the password is refused (status $status): $(excerpt)" ;;
esac
