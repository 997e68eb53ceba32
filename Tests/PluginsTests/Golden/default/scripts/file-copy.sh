#!/usr/bin/env bash
#
# Copies files, each to its destination, and sets owner and mode.
# The options are declared in file-copy.m4, which holds the same body.

_arg_chmod="0644"
_arg_chown="39000:100"
_arg_recursive=off
_arg_path=()

print_help() {
  cat <<'HELP'
Copies files, each to its destination, and sets owner and mode.

Usage: file-copy.sh [OPTION]... <path>...

  <path>...             Source and destination, in turn (at least 2)
  --chmod VALUE         Mode of the copied files (default: 0644)
  --chown VALUE         Owner and group (default: 39000:100)
  -r, --[no-]recursive  Copy folders with all they hold (off by default)
  -h, --help            Print this text
HELP
}

die() {
  echo "file-copy: $1" >&2
  echo "Run it with --help to see its options." >&2
  exit 1
}

positionals=()
while (($# > 0)); do
  case "$1" in
    --chmod)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chmod="$2"
      shift
      ;;
    --chmod=*) _arg_chmod="${1#*=}" ;;
    --chown)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown="$2"
      shift
      ;;
    --chown=*) _arg_chown="${1#*=}" ;;
    --recursive | -r) _arg_recursive=on ;;
    --no-recursive) _arg_recursive=off ;;
    -h | --help)
      print_help
      exit 0
      ;;
    *) positionals+=("$1") ;;
  esac
  shift
done
((${#positionals[@]} >= 2)) \
  || die "needs at least 2 <path>, got ${#positionals[@]}"
_arg_path=("${positionals[@]}")

# [ <-- needed because of Argbash
# shellcheck shell=bash disable=SC2154
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

((${#_arg_path[@]} % 2 == 0)) || fail "the last source has no destination: ${_arg_path[-1]}"

# A destination is the copy itself, never the folder that takes it: a second run must not nest a copy in the first.
for ((i = 0; i < ${#_arg_path[@]}; i += 2)); do
  source=${_arg_path[i]}
  destination=${_arg_path[i + 1]}
  if [[ $_arg_recursive == on ]]; then
    cp -rT -- "$source" "$destination"
    chown -R -- "$_arg_chown" "$destination"
    find "$destination" -type f -exec chmod -- "$_arg_chmod" {} +
  else
    # Private until the mode is set: a copied secret is at no time readable by others.
    (umask 077 && cp -T --remove-destination -- "$source" "$destination")
    chown -- "$_arg_chown" "$destination"
    chmod -- "$_arg_chmod" "$destination"
  fi
  say "copied $source to $destination"
done
# ] <-- needed because of Argbash
