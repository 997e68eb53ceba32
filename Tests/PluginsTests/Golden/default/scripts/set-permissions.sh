#!/usr/bin/env bash
#
# Sets owner and modes of files and folders.
# The options are declared in set-permissions.m4, which holds the same body.

_arg_dir_chmod="0755"
_arg_file_chmod="0644"
_arg_chown="39000:100"
_arg_recursive=off
_arg_path=()

print_help() {
  cat <<'HELP'
Sets owner and modes of files and folders.

Usage: set-permissions.sh [OPTION]... <path>...

  <path>...             File or folder (at least 1)
  --dir-chmod VALUE     Mode of folders (default: 0755)
  --file-chmod VALUE    Mode of files (default: 0644)
  --chown VALUE         Owner and group (default: 39000:100)
  -r, --[no-]recursive  Folders with all they hold (off by default)
  -h, --help            Print this text
HELP
}

die() {
  echo "set-permissions: $1" >&2
  echo "Run it with --help to see its options." >&2
  exit 1
}

positionals=()
while (($# > 0)); do
  case "$1" in
    --dir-chmod)
      (($# > 1)) || die "option $1 needs a value"
      _arg_dir_chmod="$2"
      shift
      ;;
    --dir-chmod=*) _arg_dir_chmod="${1#*=}" ;;
    --file-chmod)
      (($# > 1)) || die "option $1 needs a value"
      _arg_file_chmod="$2"
      shift
      ;;
    --file-chmod=*) _arg_file_chmod="${1#*=}" ;;
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
((${#positionals[@]} >= 1)) \
  || die "needs at least 1 <path>, got ${#positionals[@]}"
_arg_path=("${positionals[@]}")

# [ <-- needed because of Argbash
# shellcheck shell=bash disable=SC2154
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

# All paths are looked at before any is changed. A symbolic link is neither a file nor a folder here.
for path in "${_arg_path[@]}"; do
  if [[ -L $path || ! -e $path ]]; then
    fail "there is no file or folder $path"
  elif [[ $_arg_recursive == on ]]; then
    [[ -d $path ]] || fail "--recursive takes folders only, and $path is none"
  else
    [[ -d $path || -f $path ]] || fail "$path is neither a file nor a folder"
  fi
done

depth=()
[[ $_arg_recursive == on ]] || depth=(-maxdepth 0)

for path in "${_arg_path[@]}"; do
  find "$path" "${depth[@]}" -exec chown -h -- "$_arg_chown" {} +
  find "$path" "${depth[@]}" -type d -exec chmod -- "$_arg_dir_chmod" {} +
  find "$path" "${depth[@]}" -type f -exec chmod -- "$_arg_file_chmod" {} +
done
# ] <-- needed because of Argbash
