#!/usr/bin/env bash
#
# Initialises a rendered folder the way the reference's script does: its seventeen Compose calls, one after the other,
# with this project's images and container scripts. What it takes is what ours is measured against.
#
#   reference-calls.sh FOLDER
set -euo pipefail

readonly folder=$1
additions=$(mktemp)
trap 'rm -f "$additions"' EXIT
scripts=(copy-extra-ca-certificates.m4 file-copy.m4 git-clone.m4 globbed-copy.m4 init-frontend.sh init-minio.sh
  init-named-volumes.m4 init-worker-account.sh manage-postgres-ssl.m4 set-permissions.m4)

# What the reference has and we have not: a container for the scripts, the clone in the step that fills the volumes.
cat >"$additions" <<YAML
services:
  argbash:
    image: ghcr.io/usnistgov/dioptra/nginx:1.1.0
    user: root
    entrypoint: [/bin/bash]
    volumes: ["$folder/scripts:/scripts-src:ro", "init-scripts:/scripts"]
  named-volumes:
    network_mode: bridge
    volumes: ["init-repos:/repo:rw"]
  minio: {restart: always}
  db: {restart: always}
  restapi: {restart: always}
volumes:
  init-scripts: {name: reference_init-scripts}
YAML

compose() {
  docker compose -f "$folder/docker-compose.init.yml" -f "$additions" "$@" </dev/null
}

run() { compose run --rm "$@"; }

certificates=(/scripts/copy-extra-ca-certificates.sh --ca-directory /ssl/ca-certificates --update)

run argbash /scripts-src/init-scripts.sh --output /scripts "${scripts[@]/#//scripts-src/}" || true
run nginx-ssl "${certificates[@]}"
run mlflow-tracking-ssl "${certificates[@]}"
run restapi-ssl "${certificates[@]}"
run tfcpu-ssl "${certificates[@]}"
run named-volumes -c "/scripts/init-named-volumes.sh \
  && /scripts/git-clone.sh --branch 1.1.0 --single-branch --force --chown root:root \
    https://github.com/usnistgov/dioptra.git /repo"
compose up -d minio
run mc /scripts/init-minio.sh
compose down
run frontend-build /scripts/init-frontend.sh --output /frontend
compose up -d db
run --entrypoint /usr/local/bin/wait-for-it.sh restapi db:5432 -t 0
compose exec -T db /bin/bash /scripts/manage-postgres-ssl.sh --no-ssl
compose up -d restapi
run --entrypoint /usr/local/bin/wait-for-it.sh restapi restapi:5000 -t 0
run init-dioptra-worker /scripts/init-worker-account.sh
compose down
