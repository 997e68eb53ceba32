set -euo pipefail

# The volume that the functions below work on, and the owner of its files.
volume=
owner=

fail() {
  echo "init-named-volumes: $1" >&2
  exit 1
}

tool() {
  /bin/bash "${_arg_scripts_dir}/$1.sh" "${@:2}"
}

begin() {
  echo "volume $1"
  volume=$2
  owner=$3
  [[ -d $volume ]] || fail "the volume $1 is not mounted at $volume"
}

when() {
  [[ $1 == "$2" ]]
}

# Names that begin with a dot are not ours.
clear_volume() {
  find "$volume" -mindepth 1 -maxdepth 1 ! -name '.*' -exec rm -rf -- {} +
}

set_folder() {
  tool set-permissions --dir-chmod "$2" --chown "$owner" "$volume/$1"
}

make_folder() {
  mkdir -p "$volume/$1"
  set_folder "$1" "$2"
}

copy_file() {
  [[ -f $1 ]] || fail "$1 is missing"
  tool file-copy --chmod "$3" --chown "$owner" "$1" "$volume/$2"
}

copy_matching() {
  tool globbed-copy --chmod "$3" --chown "$owner" "$1" "$volume" "$2"
}

# The value of a NAME=value line, without a newline behind it.
write_value() {
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line == "$1="* ]] || continue
    (umask 077 && printf '%s' "${line#*=}" >"$volume/$3")
    chmod "$4" "$volume/$3"
    chown "$owner" "$volume/$3"
    return
  done <"$2"
  fail "$2 has no line for $1"
}

mirror_authorities() {
  tool copy-extra-ca-certificates --ca-directory "${_arg_ssl_dir}/ca-certificates" --output "$volume/$1" \
    --chmod 0644 --chown "$owner" --mirror
}

remove_files() {
  (cd "$volume" && rm -f -- "$@")
}
{{#preparations}}

begin {{volume}} "{{directory}}" "{{owner}}"
{{#commands}}
{{command}}
{{/commands}}
{{/preparations}}

echo "the volumes are filled"
