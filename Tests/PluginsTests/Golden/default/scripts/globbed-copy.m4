#!/usr/bin/env bash
#
# Copies the files of a folder whose names match a pattern, and sets owner and mode.
# `init-scripts.sh` makes globbed-copy.sh from this file; change both, or change this one and run it.
#
# m4_ignore(
echo "this is a template: run globbed-copy.sh, or process this file with argbash" >&2
exit 11 #)
# ARG_POSITIONAL_SINGLE([source-dir],[Folder to copy from])
# ARG_POSITIONAL_SINGLE([dest-dir],[Folder to copy to])
# ARG_POSITIONAL_SINGLE([glob-pattern],[Shell pattern of the names, in quotes])
# ARG_OPTIONAL_SINGLE([chmod],[],[Mode of the copied files],[0644])
# ARG_OPTIONAL_SINGLE([chown],[],[Owner and group],[39000:100])
# ARG_DEFAULTS_POS
# ARGBASH_SET_INDENT([  ])
# ARG_HELP([Copies the files of a folder whose names match a pattern, and sets owner and mode.\n])
# ARGBASH_GO()

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
