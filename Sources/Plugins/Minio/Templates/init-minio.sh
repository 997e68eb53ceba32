#!/usr/bin/env bash
# Sets up the object store: the bucket, the policies, the accounts, and which policies each account has.
# The client's image has Bash, coreutils and mc: no sed, no grep, no awk.
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

lists=false
case ${1:-} in
  '') ;;
  --list) lists=true ;;
  -h | --help)
    cat <<HELP
Usage: ${0##*/} [--list]

Creates the bucket, the policies and the accounts of the object store. What is there already is left as it is; the
passwords become those of the accounts file. With --list it changes nothing and prints the buckets, the accounts, and
which policies the accounts of the file have.

Environment:
  SECRETS_DIR         folder of {{slug}}-minio-accounts.env (default: /secrets)
  POLICY_DIR          folder of the files <policy>-policy.json (default: /s3-policy)
  MINIO_WAIT_SECONDS  how long to wait for the object store (default: 120)
HELP
    exit 0
    ;;
  *) fail "unexpected argument: $1" ;;
esac

{{#has_buckets}}
readonly bucket={{bucket}}
{{/has_buckets}}
readonly server="{{slug}}-minio:9000"
readonly accounts_file="${SECRETS_DIR:-/secrets}/{{slug}}-minio-accounts.env"
readonly policy_dir=${POLICY_DIR:-/s3-policy}
readonly wait_seconds=${MINIO_WAIT_SECONDS:-120}
readonly accounts=({{accounts}})

[[ $wait_seconds =~ ^[0-9]+$ ]] || fail "MINIO_WAIT_SECONDS must be a number of seconds"

# Every call has a limit, so that a server that accepts and never answers cannot hold up the initialization.
client() { timeout 60 mc --json "$@"; }

# Prints as much of the client's answer as a message needs.
excerpt() {
  local answer=${1:-no answer within the limit}
  printf '%s' "${answer:0:500}"
}

# Runs the client for a purpose, which is named when it fails.
change() {
  local purpose=$1 answer
  shift
  answer=$(client "$@" 2>&1) || fail "cannot $purpose: $(excerpt "$answer")"
}

# Reads the known names; a value is everything after the first '='.
read_accounts() {
  local names=(MINIO_ROOT_USER MINIO_ROOT_PASSWORD) account name line
  for account in "${accounts[@]}"; do
    names+=("MINIO_${account}_USER" "MINIO_${account}_PASSWORD" "MINIO_${account}_POLICIES")
  done
  [[ -r $accounts_file ]] || fail "cannot read $accounts_file"
  while IFS= read -r line || [[ -n $line ]]; do
    for name in "${names[@]}"; do
      if [[ $line == "$name="* ]]; then
        values[$name]=${line#*=}
      fi
    done
  done <"$accounts_file"
  for name in "${names[@]}"; do
    [[ -n ${values[$name]+set} ]] || fail "$accounts_file has no line $name=..."
    # An account may do without policies, but not without a name or a password.
    [[ -n ${values[$name]} || $name == *_POLICIES ]] || fail "$name is empty in $accounts_file"
  done
}

# Waits until the object store answers the root account.
wait_for_server() {
  local answer deadline=$((SECONDS + wait_seconds))
  until answer=$(timeout 10 mc --json ls minio 2>&1); do
    case $answer in
      *InvalidAccessKeyId* | *SignatureDoesNotMatch*)
        fail "the object store was started with another root account or password than $accounts_file names" ;;
    esac
    ((SECONDS < deadline)) || fail "$server was not ready within $wait_seconds seconds: $(excerpt "$answer")"
    sleep 1
  done
}

# Prints the names in a comma-separated list, one a line.
split_list() {
  local name
  while IFS= read -r -d , name; do
    name=${name//[[:space:]]/}
    [[ -z $name ]] || printf '%s\n' "$name"
  done <<<"$1,"
}

# Prints the strings at a path such as .result.names of a JSON text, one a line. Arrays add nothing to a path, and
# escapes are left as they are: names of policies have none.
json_strings() {
  local rest=$1 wanted=$2 path='' key='' text='' token outer=()
  local next='^[[:space:]]*("([^"\\]|\\.)*"|[][{}:,]|[^][{}:,"[:space:]]+)'
  while [[ $rest =~ $next ]]; do
    token=${BASH_REMATCH[1]}
    rest=${rest#"${BASH_REMATCH[0]}"}
    case $token in
      \"*) text=$token ;;
      :)
        # The string before a colon was a key.
        key=.${text:1:-1}
        text=
        ;;
      '{' | '[')
        outer+=("$path")
        path+=$key
        key=
        ;;
      , | '}' | ']')
        if [[ -n $text && $path$key == "$wanted" ]]; then
          printf '%s\n' "${text:1:-1}"
        fi
        text=
        key=
        if [[ $token != , && ${#outer[@]} -gt 0 ]]; then
          path=${outer[-1]}
          unset 'outer[-1]'
        fi
        ;;
    esac
  done
}

attach() {
  local user=$1 policy=$2 answer
  if answer=$(client admin policy attach minio "$policy" --user "$user" 2>&1); then
    say "attached $policy to $user"
  # Somebody else may have been faster.
  elif [[ $answer != *XMinioAdminPolicyChangeAlreadyApplied* ]]; then
    fail "cannot attach $policy to $user: $(excerpt "$answer")"
  fi
}

# Attaches what an account lacks. What it has beyond that is kept, and named where the policy is one of this folder.
attach_policies() {
  local user=$1 declared attached answer policy file
  mapfile -t declared < <(split_list "$2")
  answer=$(client admin policy entities minio --user "$user") ||
    fail "cannot ask for the policies of $user: $(excerpt "$answer")"
  mapfile -t attached < <(json_strings "$answer" .result.userMappings.policies)

  for policy in "${declared[@]}"; do
    if [[ " ${attached[*]} " != *" $policy "* ]]; then
      attach "$user" "$policy"
    fi
  done
  for file in "$policy_dir"/*-policy.json; do
    policy=${file##*/}
    policy=${policy%-policy.json}
    if [[ " ${attached[*]} " == *" $policy "* && " ${declared[*]} " != *" $policy "* ]]; then
      say "$user also has $policy, which $accounts_file does not name; it was left"
    fi
  done
}

list_state() {
  local answer name account user
  answer=$(client ls minio) || fail "cannot ask for the buckets: $(excerpt "$answer")"
  while IFS= read -r name; do printf 'bucket %s\n' "${name%/}"; done < <(json_strings "$answer" .key)
  answer=$(client admin user list minio) || fail "cannot ask for the accounts: $(excerpt "$answer")"
  while IFS= read -r name; do printf 'account %s\n' "$name"; done < <(json_strings "$answer" .accessKey)
  for account in "${accounts[@]}"; do
    user=${values[MINIO_${account}_USER]}
    answer=$(client admin policy entities minio --user "$user") ||
      fail "cannot ask for the policies of $user: $(excerpt "$answer")"
    while IFS= read -r name; do
      printf 'policy %s of %s\n' "$name" "$user"
    done < <(json_strings "$answer" .result.userMappings.policies)
  done
}

declare -A values=()
read_accounts

# The client takes the address as it is: percent-encoding would change the password, and a colon would end it.
for name in MINIO_ROOT_USER MINIO_ROOT_PASSWORD; do
  [[ ${values[$name]} != *:* ]] || fail "$name has a colon, which the client cannot take"
done
export MC_HOST_minio="http://${values[MINIO_ROOT_USER]}:${values[MINIO_ROOT_PASSWORD]}@$server"

$lists || say "waiting for $server"
wait_for_server
if $lists; then
  list_state
  exit
fi

{{#has_buckets}}
change "create the bucket $bucket" mb --ignore-existing "minio/$bucket"
{{/has_buckets}}
{{#further_buckets}}
change "create the bucket {{name}}" mb --ignore-existing minio/{{name}}
{{/further_buckets}}

declare -A created=()
for account in "${accounts[@]}"; do
  while IFS= read -r policy; do
    file=$policy_dir/$policy-policy.json
    # A policy without a file is one that the object store has of its own, such as readonly.
    if [[ -f $file && -z ${created[$policy]:-} ]]; then
      change "create the policy $policy" admin policy create minio "$policy" "$file"
      created[$policy]=yes
    fi
  done < <(split_list "${values[MINIO_${account}_POLICIES]}")
done

for account in "${accounts[@]}"; do
  user=${values[MINIO_${account}_USER]}
  # Name and password go through standard input, since arguments show in the process list.
  printf '%s\n' "$user" "${values[MINIO_${account}_PASSWORD]}" |
    change "set up the account $user" admin user add minio
  attach_policies "$user" "${values[MINIO_${account}_POLICIES]}"
done
say "bucket, policies and accounts are set up"
