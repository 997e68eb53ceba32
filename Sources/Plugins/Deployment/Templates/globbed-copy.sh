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
