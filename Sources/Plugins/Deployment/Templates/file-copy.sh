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
