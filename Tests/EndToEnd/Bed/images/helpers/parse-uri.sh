#!/usr/bin/env bash
# Prints one part of a URI, or an empty line where it has no such part. Written for the test bed, after the contract of
# the script of this name that Dioptra's images carry.
set -euo pipefail

parts=(scheme authority user host port path rpath query fragment)
part='' uri=''

print_help() {
  printf 'Usage: %s URI ' "${0##*/}"
  printf -- '--%s|' "${parts[@]:0:8}"
  printf -- '--%s\n' "${parts[8]}"
}

while (($# > 0)); do
  case $1 in
    -h | --help)
      print_help
      exit 0
      ;;
    --*)
      [[ -z $part && " ${parts[*]} " == *" ${1#--} "* ]] || part=invalid
      [[ $part == invalid ]] || part=${1#--}
      ;;
    *)
      [[ -z $uri ]] || part=invalid
      uri=$1
      ;;
  esac
  shift
done
if [[ -z $part || $part == invalid || -z $uri ]]; then
  print_help >&2
  exit 1
fi

# The expression of RFC 3986, appendix B.
[[ $uri =~ ^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?$ ]]
declare -A value=(
  [scheme]=${BASH_REMATCH[2]} [authority]=${BASH_REMATCH[4]} [path]=${BASH_REMATCH[5]} [rpath]=${BASH_REMATCH[5]#/}
  [query]=${BASH_REMATCH[7]} [fragment]=${BASH_REMATCH[9]}
)
host=${value[authority]}
if [[ $host == *@* ]]; then
  value[user]=${host%%@*}
  host=${host#*@}
fi
if [[ $host =~ ^(.*):([0-9]*)$ ]]; then
  host=${BASH_REMATCH[1]}
  value[port]=${BASH_REMATCH[2]}
fi
value[host]=$host
printf '%s\n' "${value[$part]:-}"
