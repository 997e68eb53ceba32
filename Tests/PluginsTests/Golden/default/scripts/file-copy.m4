#!/usr/bin/env bash
#
# Copies files, each to its destination, and sets owner and mode.
# `init-scripts.sh` makes file-copy.sh from this file; change both, or change this one and run it.
#
# m4_ignore(
echo "this is a template: run file-copy.sh, or process this file with argbash" >&2
exit 11 #)
# ARG_OPTIONAL_BOOLEAN([recursive],[r],[Copy folders with all they hold])
# ARG_OPTIONAL_SINGLE([chmod],[],[Mode of the copied files],[0644])
# ARG_OPTIONAL_SINGLE([chown],[],[Owner and group],[39000:100])
# ARG_POSITIONAL_INF([path],[Source and destination, in turn],[2])
# ARG_DEFAULTS_POS
# ARGBASH_SET_INDENT([  ])
# ARG_HELP([Copies files, each to its destination, and sets owner and mode.\n])
# ARGBASH_GO()

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
