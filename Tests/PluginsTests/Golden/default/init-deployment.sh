#!/usr/bin/env bash
#
# Initialises the deployment with nothing but Bash and Docker, one step after the other. Where the program dioptra is
# installed and remembers this deployment, it hands over to it.

set -euo pipefail

readonly title="Initialise dioptra-deployment"
folder=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
readonly folder
read -r -a compose_command <<<"docker compose"
readonly compose_command
readonly label=org.dioptrakit.deployment=0123456789abcdef

# What the files of this folder are made for.
readonly nginx_ssl=false
readonly postgres_ssl=false
readonly worker_ssl_service=tfcpu
readonly volumes=(
  dioptra-deployment_nginx-ca-certificates
  dioptra-deployment_nginx-conf-d
  dioptra-deployment_nginx-etc-ssl
  dioptra-deployment_minio-certs
  dioptra-deployment_minio-data
  dioptra-deployment_postgres-data
  dioptra-deployment_postgres-docker-entrypoint-initdb-d
  dioptra-deployment_postgres-etc-postgresql
  dioptra-deployment_postgres-var-certs
  dioptra-deployment_dbadmin-ca-certificates
  dioptra-deployment_dbadmin-data
  dioptra-deployment_redis-data
  dioptra-deployment_mlflow-tracking-ca-certificates
  dioptra-deployment_mlflow-tracking-etc-ssl
  dioptra-deployment_restapi-ca-certificates
  dioptra-deployment_restapi-etc-ssl
  dioptra-deployment_nginx-frontend
  dioptra-deployment_worker-ca-certificates
  dioptra-deployment_worker-etc-ssl
)

branch=1.1.0
skip_minio_setup=no

[[ -z ${DEBUG:-} ]] || set -x

print_help() {
  cat <<'HELP'
Initialises the Dioptra deployment in the folder of this script, which may be called from anywhere.

Usage: init-deployment.sh [OPTION]...

  --branch VALUE            Branch or tag of Dioptra's repository that the front end is built from. (now: 1.1.0)
  --skip-minio-setup        Leave out: Set up the object store's bucket, accounts and policies
  --enable-nginx-ssl        Serve HTTPS; has to agree with dioptra.yaml
  --enable-postgres-ssl     Encrypt connections to the database; has to agree with dioptra.yaml
  --worker-ssl-service KIND Image that fills the workers' trust store; has to agree with dioptra.yaml
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
    --branch)
      value_of "$@"
      branch=$2
      given+=("$2")
      shift
      ;;
    --skip-minio-setup) skip_minio_setup=yes ;;
    --enable-nginx-ssl)
      [[ $nginx_ssl == true ]] \
        || fail "this folder is made for HTTP; run: dioptra config set enable_nginx_ssl=true && dioptra init"
      ;;
    --enable-postgres-ssl)
      [[ $postgres_ssl == true ]] \
        || fail "this folder is made without TLS; run: dioptra config set enable_postgres_ssl=true && dioptra init"
      ;;
    --worker-ssl-service)
      value_of "$@"
      [[ $2 =~ ^(tfcpu|pytorchcpu|tfgpu|pytorchgpu)$ ]] || fail "there is no kind of worker '$2'; see --help"
      [[ $2 == "$worker_ssl_service" ]] \
        || fail "this folder uses '$worker_ssl_service'; run: dioptra config set worker_ssl_service=$2 && dioptra init"
      given+=("$2")
      shift
      ;;
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
  check_format dioptra-deployment_postgres-data PG_VERSION 17 PostgreSQL postgres:17 || return
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
  for file in .env secrets/postgres-passwd.env secrets/dioptra-deployment-minio-accounts.env; do
    [[ -f $folder/$file ]] || fail "$file is missing; run 'dioptra init', which brings back the same passwords"
  done
  if [[ $nginx_ssl == true ]]; then
    for file in ssl/nginx/server.crt ssl/nginx/server.key; do
      [[ -f $folder/$file ]] || fail "$file is missing, but the deployment serves HTTPS; put it there"
    done
  fi
  if [[ $postgres_ssl == true ]]; then
    for file in ssl/db/server.crt ssl/db/server.key; do
      [[ -f $folder/$file ]] || fail "$file is missing, but the database encrypts connections; put it there"
    done
  fi
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
  local volume filters=(--filter "label=com.docker.compose.project=dioptra-deployment") ids id home
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

step 'Fetch images' 3600 pull_images
step 'Fill the trust store of nginx' 120 run_once nginx-ssl /scripts/copy-extra-ca-certificates.sh --ca-directory /ssl/ca-certificates --mirror --update
step 'Fill the volumes' 120 run_once named-volumes /scripts/init-named-volumes.sh
step 'Fill the trust store of mlflow-tracking' 120 run_once mlflow-tracking-ssl /scripts/copy-extra-ca-certificates.sh --ca-directory /ssl/ca-certificates --mirror --update
step 'Fill the trust store of restapi' 120 run_once restapi-ssl /scripts/copy-extra-ca-certificates.sh --ca-directory /ssl/ca-certificates --mirror --update
step 'Fill the trust store of workers' 120 run_once tfcpu-ssl /scripts/copy-extra-ca-certificates.sh --ca-directory /ssl/ca-certificates --mirror --update
step 'Start the object store' 180 start_service minio curl -f http://localhost:9000/minio/health/live
[[ $skip_minio_setup == yes ]] || step "Set up the object store's bucket, accounts and policies" 180 run_once mc /scripts/init-minio.sh
step 'Start PostgreSQL' 300 start_service db pg_isready -q -h 127.0.0.1 -U postgres
step "Set PostgreSQL's access rules" 60 execute_in db /bin/bash /scripts/manage-postgres-ssl.sh --username postgres --dbname postgres --no-ssl
step "Prepare the REST API's database" 600 start_service restapi curl -f http://localhost:5000/health
step "Fetch the front end's sources" 900 run_once frontend-source /scripts/git-clone.sh --branch "$branch" --single-branch --force --chown root:root https://github.com/usnistgov/dioptra.git /repo
step 'Build the front end' 1800 run_once frontend-build /scripts/init-frontend.sh --output /frontend
step "Register the workers' account" 120 run_once init-dioptra-worker /scripts/init-worker-account.sh
step 'Stop the services of initialisation' 120 stop_services

say "done; start the deployment with: cd $folder && ${compose_command[*]} up -d"
