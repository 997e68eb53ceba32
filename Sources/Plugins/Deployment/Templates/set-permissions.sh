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
