#!/usr/bin/env bash
#
# Copies the files of a folder whose names match a pattern, and sets owner and mode.
# The options are declared in globbed-copy.m4, which holds the same body.

_arg_chmod="0644"
_arg_chown="39000:100"

print_help() {
  cat <<'HELP'
Copies the files of a folder whose names match a pattern, and sets owner and mode.

Usage: globbed-copy.sh [OPTION]... <source-dir> <dest-dir> <glob-pattern>

  <source-dir>    Folder to copy from
  <dest-dir>      Folder to copy to
  <glob-pattern>  Shell pattern of the names, in quotes
  --chmod VALUE   Mode of the copied files (default: 0644)
  --chown VALUE   Owner and group (default: 39000:100)
  -h, --help      Print this text
HELP
}

die() {
  echo "globbed-copy: $1" >&2
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
    -h | --help)
      print_help
      exit 0
      ;;
    *) positionals+=("$1") ;;
  esac
  shift
done
((${#positionals[@]} == 3)) || die "needs the arguments source-dir, dest-dir, glob-pattern, got: ${positionals[*]:-none}"
_arg_source_dir="${positionals[0]}"
_arg_dest_dir="${positionals[1]}"
_arg_glob_pattern="${positionals[2]}"

# [ <-- needed because of Argbash
# shellcheck shell=bash disable=SC2154
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

for folder in "$_arg_source_dir" "$_arg_dest_dir"; do
  [[ -d $folder ]] || fail "there is no folder $folder"
done

list=$(mktemp)
find -L "$_arg_source_dir" -maxdepth 1 -type f -name "$_arg_glob_pattern" -print0 >"$list" \
  || fail "cannot read $_arg_source_dir"
mapfile -d '' -t files <"$list"
rm -f -- "$list"

if ((${#files[@]} == 0)); then
  say "nothing in $_arg_source_dir matches $_arg_glob_pattern"
  exit 0
fi

# Private until the mode is set: a copied key is at no time readable by others.
umask 077
cp --remove-destination -t "$_arg_dest_dir" -- "${files[@]}"

chown -R -- "$_arg_chown" "$_arg_dest_dir"
find "$_arg_dest_dir" -maxdepth 1 -type f -name "$_arg_glob_pattern" -exec chmod -- "$_arg_chmod" {} +
say "copied ${#files[@]} from $_arg_source_dir to $_arg_dest_dir"
# ] <-- needed because of Argbash
