# shellcheck shell=bash disable=SC2154
# Builds what is missing or out of date, several images at the same time.

# shellcheck source-path=SCRIPTDIR
source "$bed/lib/debian.sh"

build_images() {
  read_recipes
  find_current
  local image todo=()
  for image in "${images[@]}"; do
    [[ -n ${current[$image]} ]] || todo+=("$image")
  done
  ((${#todo[@]} > 0)) || return 0
  collect_machine_settings "$cache/machine"
  build_in_parallel "${todo[@]}"
  remove_superseded
}

# An image starts when those it is built from are there.
build_in_parallel() {
  local jobs=${DIOPTRA_BED_JOBS:-3} waiting=("$@") image index process status
  declare -A running=() started=()
  trap 'end_builds; exit 1' INT TERM HUP
  while ((${#waiting[@]} + ${#running[@]} > 0)); do
    for index in "${!waiting[@]}"; do
      image=${waiting[index]}
      if ((${#running[@]} < jobs)) && bases_are_current "$image"; then
        build "$image" "${recipe_digest[$image]}" >"$cache/logs/$image.log" 2>&1 </dev/null {lock}>&- &
        running[$!]=$image
        started[$image]=$SECONDS
        unset 'waiting[index]'
      fi
    done
    status=0
    wait -n -p process "${!running[@]}" || status=$?
    image=${running[$process]}
    unset "running[$process]"
    if ((status != 0)); then
      end_builds
      fail_with_log "$image was not built" "$cache/logs/$image.log"
    fi
    current["$image"]=yes
    say "$(printf '%-16s %4d s' "$image" $((SECONDS - started[$image])))"
  done
  trap - INT TERM HUP
}

# Ends the builds that are running, each a shell and its programs.
end_builds() {
  local process
  for process in "${!running[@]}"; do
    pkill --parent "$process" || true
    kill "$process" 2>/dev/null || true
    wait "$process" || true
  done
}

bases_are_current() {
  local base
  for base in ${bases_of[$1]}; do
    [[ -n ${current[$base]} ]] || return 1
  done
}

build() {
  local image=$1 digest=$2 tag options=()
  set -o pipefail
  if [[ $image == debian-* ]]; then
    build_debian "$image" "$digest"
  else
    while IFS= read -r tag; do options+=(--tag "$tag"); done < <(tags_of "$image")
    for variable in {http,https,no}_proxy {HTTP,HTTPS,NO}_PROXY; do
      [[ -z ${!variable:-} ]] || options+=(--build-arg "$variable")
    done
    build_context "$image" |
      DOCKER_BUILDKIT=0 docker build --force-rm --label "$label=$digest" "${options[@]}" -
  fi
}

# The image's folder, and the machine's settings in the folder `machine`.
build_context() {
  tar --create --exclude=__pycache__ --owner=0 --group=0 --numeric-owner --mode='u+rw,go-w,a+rX' \
    -C "$bed/images/$1" . -C "$cache" machine
}

# Images that were replaced, and those that have no recipe any more.
remove_superseded() {
  local tag known=()
  for image in "${images[@]}"; do
    while IFS= read -r tag; do
      [[ $tag == *:* ]] || tag+=:latest
      known+=("$tag")
    done < <(tags_of "$image")
  done
  while IFS= read -r tag; do
    [[ " ${known[*]} " == *" $tag "* ]] || docker image rm "$tag" >/dev/null
  done < <(docker image ls --filter "label=$label" --format '{{.Repository}}:{{.Tag}}' | grep -v '<none>')
  docker image prune --force >/dev/null
}
