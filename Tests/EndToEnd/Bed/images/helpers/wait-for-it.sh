#!/usr/bin/env bash
# Waits until something accepts connections at an address, then runs a command if there is one. Written for the test
# bed, after the contract of the script of this name that Dioptra's images carry.
set -u

host='' port='' timeout=15 quiet=no strict=no command=()

print_help() {
  cat <<HELP
Usage: ${0##*/} HOST:PORT [OPTION]... [-- COMMAND [ARGUMENT]...]

  -h, --host HOST        instead of HOST:PORT
  -p, --port PORT        instead of HOST:PORT
  -t, --timeout SECONDS  how long to wait, 0 for ever (default: 15)
  -s, --strict           run the command only if the address answered
  -q, --quiet            say nothing
HELP
}

say() { [[ $quiet == yes ]] || printf '%s: %s\n' "${0##*/}" "$1" >&2; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

while (($# > 0)); do
  case $1 in
    --help)
      print_help
      exit 0
      ;;
    --)
      command=("${@:2}")
      break
      ;;
    -q | --quiet) quiet=yes ;;
    -s | --strict) strict=yes ;;
    --host=*) host=${1#*=} ;;
    --port=*) port=${1#*=} ;;
    --timeout=*) timeout=${1#*=} ;;
    -h | --host | -p | --port | -t | --timeout)
      (($# > 1)) || fail "$1 needs a value"
      case $1 in
        -h | --host) host=$2 ;;
        -p | --port) port=$2 ;;
        *) timeout=$2 ;;
      esac
      shift
      ;;
    -*) fail "unknown option: $1" ;;
    *:*)
      host=${1%:*}
      port=${1##*:}
      ;;
    *) fail "not an address: $1" ;;
  esac
  shift
done
[[ -n $host && $port =~ ^[0-9]+$ ]] || fail "needs a host and a port; see --help"
[[ $timeout =~ ^[0-9]+$ ]] || fail "not a number of seconds: $timeout"

# Bash of its own, since a connection that nobody answers cannot be given up from within.
# shellcheck disable=SC2016 # The other Bash expands them.
accepts() { timeout 5 bash -c ': <"/dev/tcp/$0/$1"' "$host" "$port" 2>/dev/null; }

say "waiting for $host:$port"
status=0
until accepts; do
  if ((timeout > 0 && SECONDS >= timeout)); then
    say "$host:$port did not answer within $timeout seconds"
    status=1
    break
  fi
  sleep 1
done
((status != 0)) || say "$host:$port answered after $SECONDS seconds"

if ((${#command[@]} == 0)) || [[ $status != 0 && $strict == yes ]]; then exit "$status"; fi
exec "${command[@]}"
