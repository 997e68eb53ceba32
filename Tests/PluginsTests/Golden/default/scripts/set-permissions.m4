#!/usr/bin/env bash
#
# Sets owner and modes of files and folders.
# `init-scripts.sh` makes set-permissions.sh from this file; change both, or change this one and run it.
#
# m4_ignore(
echo "this is a template: run set-permissions.sh, or process this file with argbash" >&2
exit 11 #)
# ARG_OPTIONAL_BOOLEAN([recursive],[r],[Folders with all they hold])
# ARG_OPTIONAL_SINGLE([dir-chmod],[],[Mode of folders],[0755])
# ARG_OPTIONAL_SINGLE([file-chmod],[],[Mode of files],[0644])
# ARG_OPTIONAL_SINGLE([chown],[],[Owner and group],[39000:100])
# ARG_POSITIONAL_INF([path],[File or folder],[1])
# ARG_DEFAULTS_POS
# ARGBASH_SET_INDENT([  ])
# ARG_HELP([Sets owner and modes of files and folders.\n])
# ARGBASH_GO()

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
