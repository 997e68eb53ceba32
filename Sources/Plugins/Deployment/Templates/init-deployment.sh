#!/usr/bin/env bash
#
# Initialises the deployment with nothing but Bash and Docker, one step after the other. Where the program dioptra is
# installed and remembers this deployment, it hands over to it.

set -euo pipefail

readonly title="Initialise {{slug}}"
folder=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
readonly folder
read -r -a compose_command <<<"{{docker_compose_path}}"
readonly compose_command
readonly label=org.dioptrakit.deployment={{deployment_id}}

# What the files of this folder are made for.
{{#script_flags}}
readonly {{variable}}={{value}}
{{/script_flags}}
readonly volumes=(
{{#volumes}}
  {{name}}
{{/volumes}}
)

{{#overridable}}
{{variable}}={{value}}
{{/overridable}}
{{#skip_options}}
{{variable}}={{value}}
{{/skip_options}}

[[ -z ${DEBUG:-} ]] || set -x

print_help() {
  cat <<'HELP'
Initialises the Dioptra deployment in the folder of this script, which may be called from anywhere.

Usage: init-deployment.sh [OPTION]...

{{#overridable}}
  {{usage}} {{help}} (now: {{shown}})
{{/overridable}}
{{#skip_options}}
  {{usage}} Leave out: {{title}}
{{/skip_options}}
{{#script_flags}}
  {{usage}} {{help}}; has to agree with dioptra.yaml
{{/script_flags}}
  --check                   Only check that the deployment may be started here; changes nothing
  --python COMMAND          Accepted for scripts that pass it; nothing needs Python any more
  -h, --help                Print this text

DEBUG=1 shows every command of this script. DIOPTRA_STANDALONE=1 keeps it from handing over to 'dioptra init'.
HELP
}

say() { printf '%s: INFO: %s\n' "$title" "$1"; }

fail() {
  printf '%s: ERROR: %s\n' "$title" "$1" >&2
  exit 1
}

# --- Options ----------------------------------------------------------------------------------------------------------

value_of() {
  (($# > 1)) || fail "the option $1 needs a value; see --help"
}

given=()
only_checks=no
while (($# > 0)); do
  given+=("$1")
  case $1 in
{{#overridable}}
    --{{option}})
      value_of "$@"
      {{variable}}=$2
      given+=("$2")
      shift
      ;;
{{/overridable}}
{{#skip_options}}
    --{{option}}) {{variable}}=yes ;;
{{/skip_options}}
{{#script_flags}}
    --{{option}})
{{#is_switch}}
      [[ ${{variable}} == true ]] \
        || fail "this folder is {{otherwise}}; run: dioptra config set {{name}}=true && dioptra init"
{{/is_switch}}
{{^is_switch}}
      value_of "$@"
      [[ $2 =~ ^({{words}})$ ]] || fail "there is no {{kind}} '$2'; see --help"
      [[ $2 == "${{variable}}" ]] \
        || fail "this folder uses '${{variable}}'; run: dioptra config set {{name}}=$2 && dioptra init"
      given+=("$2")
      shift
{{/is_switch}}
      ;;
{{/script_flags}}
    --check) only_checks=yes ;;
    --python)
      value_of "$@"
      unset 'given[-1]'
      shift
      ;;
    -h | --help)
      print_help
      exit 0
      ;;
    *) fail "there is no option '$1'; see --help" ;;
  esac
  shift
done

# What dioptra remembers stays true only if it does the work.
if [[ $only_checks == no && ${DIOPTRA_STANDALONE:-} != 1 && -f $folder/.dioptra/state.db ]] && command -v dioptra >/dev/null; then
  say "handing over to: dioptra init $folder"
  dioptra init "$folder" --no-input "${given[@]}" </dev/null || exit 1
  exit 0
fi

# --- What steps are made of -------------------------------------------------------------------------------------------

# Seconds until the current step has failed.
deadline=0

# Nothing reads the terminal, so that a container never waits for somebody.
compose() {
  timeout --foreground "$deadline" "${compose_command[@]}" -f "$folder/docker-compose.init.yml" "$@" </dev/null
}

step() {
  say "$1"
  deadline=$2
  local status=0
  "${@:3}" || status=$?
  case $status in
    0) ;;
    124) fail "not done after $deadline seconds: $1" ;;
    *) fail "failed: $1" ;;
  esac
}

pull_images() {
  local file image images=""
  for file in docker-compose.yml docker-compose.init.yml; do
    images+=$("${compose_command[@]}" -f "$folder/$file" config --images)$'\n' || return
  done
  while IFS= read -r image; do
    [[ -n $image ]] || continue
    docker image inspect "$image" >/dev/null 2>&1 </dev/null \
      || timeout --foreground "$deadline" docker pull "$image" </dev/null || return
  done < <(sort -u <<<"$images")
  check_data
}

# With the images there, the data in the volumes can be asked what they are.
check_data() {
{{#data_formats}}
  check_format {{volume}} {{file}} {{expected}} {{program}} {{image}} || return
{{/data_formats}}
}

# check_format VOLUME FILE EXPECTED PROGRAM IMAGE
check_format() {
  docker volume inspect "$1" >/dev/null 2>&1 </dev/null || return 0
  local found
  found=$(docker run --rm --network none --pull never --label "$label" --volume "$1:/data:ro" --entrypoint cat "$5" \
    "/data/$2" 2>/dev/null </dev/null) || return 0
  [[ $found == "$3" ]] || fail "the data in the volume $1 are of $4 $found, which $4 $3 cannot use"
}

run_once() {
  compose run --rm --no-deps -T "$@"
}

# start_service SERVICE PROBE...: waits until the probe, run inside the service, succeeds.
start_service() {
  local service=$1 end=$((SECONDS + deadline))
  compose up -d --no-deps "$service" || return
  until compose exec -T "$service" "${@:2}" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      compose logs --no-color --tail 20 "$service" >&2 || true
      return 124
    fi
    sleep 1
  done
}

execute_in() {
  compose exec -T "$@"
}

stop_services() {
  deadline=120
  compose down
}

# --- What must be true before anything is touched ---------------------------------------------------------------------

check_files() {
  local file
  for file in {{secret_files}}; do
    [[ -f $folder/$file ]] || fail "$file is missing; run 'dioptra init', which brings back the same passwords"
  done
{{#script_flags}}
{{#has_files}}
  if [[ ${{variable}} == true ]]; then
    for file in {{files}}; do
      [[ -f $folder/$file ]] || fail "$file is missing, but the {{purpose}}; put it there"
    done
  fi
{{/has_files}}
{{/script_flags}}
}

# Another deployment's data would be damaged.
check_owners() {
  local volume all ours
  all=$(docker volume ls --quiet) || fail "cannot see which volumes there are"
  ours=$(docker volume ls --quiet --filter "label=$label") || fail "cannot see which volumes are this deployment's"
  for volume in "${volumes[@]}"; do
    [[ $'\n'$all$'\n' != *$'\n'$volume$'\n'* || $'\n'$ours$'\n' == *$'\n'$volume$'\n'* ]] \
      || fail "the volume $volume belongs to something else; if nobody needs its data: docker volume rm $volume"
  done
}

# The same of volumes that say whose they are: those of an adopted deployment do not.
check_labels() {
  local volume labelled ours
  labelled=$(docker volume ls --quiet --filter "label=${label%%=*}") || fail "cannot see which volumes there are"
  ours=$(docker volume ls --quiet --filter "label=$label") || fail "cannot see which volumes are this deployment's"
  for volume in "${volumes[@]}"; do
    [[ $'\n'$labelled$'\n' != *$'\n'$volume$'\n'* || $'\n'$ours$'\n' == *$'\n'$volume$'\n'* ]] \
      || fail "the volume $volume belongs to another deployment"
  done
}

# Two database servers on one volume destroy the data.
check_running() {
  local volume users=""
  for volume in "${volumes[@]}"; do
    users+=$(docker ps --quiet --filter "volume=$volume") || fail "cannot see which containers use $volume"
  done
  [[ -z $users ]] || fail "the deployment is running; stop it first: cd $folder && ${compose_command[*]} down"
}

# The folder of a container's Compose file; nothing for a container without one.
readonly home_of='{''{index .Config.Labels "com.docker.compose.project.working_dir"}''}'

# Containers of another folder on our volumes, such as those of a copy of this one, or in our Compose project.
check_strangers() {
  local volume filters=(--filter "label=com.docker.compose.project={{slug}}") ids id home
  ids=$(docker ps --all --quiet "${filters[@]}") || fail "cannot see which containers there are"
  for volume in "${volumes[@]}"; do
    ids+=$'\n'$(docker ps --quiet --filter "volume=$volume") || fail "cannot see which containers use $volume"
  done
  while IFS= read -r id; do
    [[ -n $id ]] || continue
    home=$(docker inspect --format "$home_of" "$id" </dev/null) || continue
    [[ -z $home || $home -ef $folder || ! -e $home ]] \
      || fail "a container of the folder $home uses this deployment's volumes or its name; stop that one: docker stop $id"
  done < <(sort -u <<<"$ids")
}

command -v docker >/dev/null || fail "docker is not installed; see https://docs.docker.com/engine/install/"
docker info >/dev/null 2>&1 || fail "the Docker engine does not answer; start it, or check that you may use it"
if [[ $only_checks == yes ]]; then
  check_labels
  check_strangers
  exit 0
fi
check_files

# Containers that an interrupted run left behind; they carry our label.
leftovers=$(docker ps --all --quiet --filter "label=$label") || fail "cannot see what an interrupted run left behind"
if [[ -n $leftovers ]]; then
  mapfile -t leftovers <<<"$leftovers"
  docker rm --force "${leftovers[@]}" >/dev/null || fail "cannot remove what an interrupted run left behind"
fi
check_owners
check_strangers
check_running

finish() {
  local status=$?
  ((status == 0)) || stop_services >/dev/null 2>&1 || true
  # Whatever went wrong: the reference knows success and 1.
  ((status == 0)) || exit 1
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# --- The steps --------------------------------------------------------------------------------------------------------

{{#init_steps}}
{{#is_optional}}
[[ ${{skip_variable}} == yes ]] || {{call}}
{{/is_optional}}
{{^is_optional}}
{{call}}
{{/is_optional}}
{{/init_steps}}

say "done; start the deployment with: cd $folder && ${compose_command[*]} up -d"
