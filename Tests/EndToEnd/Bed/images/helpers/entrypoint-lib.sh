# shellcheck shell=bash
# What the entry points of Dioptra's own images share.

# Takes options out of the arguments. Those named in `option_values` have a value, which goes there; --wait-for may come
# several times and goes to `addresses`; what is no option goes to `positionals`, and the names in `flags` are counted.
declare -A option_values=() flags=()
addresses=() positionals=()

read_options() {
  local name
  while (($# > 0)); do
    name=${1%%=*}
    case $1 in
      -h | --help)
        print_help
        exit 0
        ;;
      --*)
        if [[ -n ${flags[$name]+known} && $1 == "$name" ]]; then
          flags[$name]=$((flags[$name] + 1))
          shift
          continue
        fi
        [[ $name == --wait-for || -n ${option_values[$name]+known} ]] || fail "unknown option: $name"
        if [[ $1 == *=* ]]; then
          set -- "$name" "${1#*=}" "${@:2}"
        fi
        (($# > 1)) || fail "option $name needs a value"
        if [[ $name == --wait-for ]]; then addresses+=("$2"); else option_values[$name]=$2; fi
        shift
        ;;
      *) positionals+=("$1") ;;
    esac
    shift
  done
}

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# One after the other, without a limit.
wait_for_addresses() {
  local address
  for address in "${addresses[@]}"; do
    /usr/local/bin/wait-for-it.sh "$address" --timeout=0
  done
}
