# What sessions have at hand. Sourced; the session's folder is the current one.
# shellcheck shell=bash
umask 022
unset "${!COMPOSE_@}" "${!DOCKER_@}" SUDO_USER SUDO_UID

# The program, on a host without Docker unless an engine was started.
dioptra() {
  if [[ -n ${ENGINE:-} ]]; then
    PATH=$RIGS/bin:/usr/bin:/bin "$DIOPTRA" "$@"
  else
    PATH=/nowhere "$DIOPTRA" "$@"
  fi
}

# engine: from now on a stand-in for Docker's command line answers, which keeps volumes and containers in $ENGINE/state.json
# and writes each call into $ENGINE/calls. `docker compose config` is the real one.
engine() {
  export ENGINE=$HOME/engine
  mkdir -p "$ENGINE"
  type -P docker >"$ENGINE/real"
  : >"$ENGINE/calls"
}

# volume NAME [DEPLOYMENT]: there is a volume, labelled for a deployment.
volume() { PATH=/usr/bin:/bin "$RIGS/bin/docker" stand-in volume "$@"; }

# container NAME PROJECT FOLDER SERVICE [VOLUME]...: there is a running container.
container() { PATH=/usr/bin:/bin "$RIGS/bin/docker" stand-in container "$@"; }

# The id of the deployment in a folder.
id_of() { sqlite3 "$1/.dioptra/state.db" "SELECT value FROM deployment WHERE name = 'id'"; }

# as_other COMMAND...: runs a program as another ordinary user of the host. The program may read the session's folder.
as_other() { setpriv --reuid 4711 --regid 4711 --clear-groups -- env HOME=/nonexistent PATH="$PATH" "$@"; }

# volumes_of FOLDER: all volumes of a deployment are there, as if it had been initialised.
volumes_of() {
  local slug id volume
  slug=$(sed -n 's/^project_slug: //p' "$1/dioptra.yaml") id=$(id_of "$1")
  for volume in $(sed -n '/^volumes:/,$s/^  \([a-z-]*\):$/\1/p' "$1/docker-compose.init.yml"); do
    volume "${slug}_$volume" "$id"
  done
}

# called WORDS: whether Docker was called with such words since the engine was started.
called() { grep -q -- "$1" "$ENGINE/calls"; }
