# shellcheck shell=bash disable=SC2034,SC2154
# The engine: a Docker daemon with folders, socket, containerd and bridge of its own.

readonly data=$cache/engine
readonly engine_log=$cache/logs/engine.log
readonly engine_settings=$runtime/daemon.json
readonly pid_file=$runtime/docker.pid

# Prints the engine's process id, if there is such a process.
engine_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
  # The number may have gone to another program since.
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -Fxq -- "--config-file=$engine_settings" || return 1
  echo "$pid"
}

is_running() {
  engine_pid >/dev/null && docker info >/dev/null 2>&1
}

start_engine() {
  local root
  if is_running; then
    root=$(docker info --format '{{.DockerRootDir}}')
    [[ $root == "$data" ]] || fail "the engine is running with another cache, $(dirname -- "$root")"
    return
  fi
  local start=$SECONDS
  launch_engine
  # What an engine that was killed left behind.
  clear_engine
  say "engine $(docker info --format '{{.ServerVersion}}') is up after $((SECONDS - start)) s"
}

launch_engine() {
  local pid
  if pid=$(engine_pid); then end_process "$pid"; fi
  end_leftovers
  # Networks are gone with the engine, and so are those that it could not remove.
  rm -rf -- "$data/network"
  mkdir -p -- "$runtime" "$data"
  chmod 0700 "$runtime"
  set_up_network
  write_engine_settings

  # A mount namespace of its own: no mount of a container outlives the engine, and the engine does not find the socket
  # of the machine's containerd, so that it starts one.
  setsid unshare --mount --propagation slave bash -c '
    if [[ -d /run/containerd ]]; then mount -t tmpfs tmpfs /run/containerd; fi
    exec dockerd "$@"
  ' dockerd "--config-file=$engine_settings" </dev/null >"$engine_log" 2>&1 {lock}>&- &
  pid=$!
  disown "$pid"
  until docker info >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || fail_with_log "the engine did not start" "$engine_log"
    sleep 0.5
  done
}

write_engine_settings() {
  cat >"$engine_settings" <<JSON
{
  "hosts": ["$DOCKER_HOST"],
  "pidfile": "$pid_file",
  "data-root": "$data",
  "exec-root": "$runtime/exec",
  "bridge": "$bridge",
  "mtu": $(mtu),
  "iptables": false,
  "ip-forward": false,
  "ip-masq": false,
  "userland-proxy": true,
  "default-address-pools": [{"base": "$address_pool", "size": 24}],
  "log-opts": {"max-size": "20m"}
}
JSON
}

# Removes everything but images.
clear_engine() {
  local ids
  mapfile -t ids < <(docker ps --all --quiet)
  ((${#ids[@]} == 0)) || docker rm --force --volumes "${ids[@]}" >/dev/null
  mapfile -t ids < <(docker volume ls --quiet)
  ((${#ids[@]} == 0)) || docker volume rm --force "${ids[@]}" >/dev/null
  mapfile -t ids < <(docker network ls --quiet --filter type=custom)
  # A test that was killed can leave a network with an endpoint of no container; the next start of the engine forgets it.
  ((${#ids[@]} == 0)) || docker network rm "${ids[@]}" >/dev/null || say "a network stays until the engine starts again"
}

stop_engine() {
  local pid
  [[ -d $runtime ]] || return 0
  # Only the engine itself can clear up after one that was killed.
  is_running || launch_engine
  clear_engine
  pid=$(engine_pid)
  end_process "$pid"
  tear_down_network
  rm -rf -- "$runtime"
}

# Ends what an engine that was killed left running: its containerd, the keepers of its containers, and those themselves.
end_leftovers() {
  local processes process children
  mapfile -t processes < <(pgrep --full -- "$runtime/exec/containerd/")
  for process in "${processes[@]}"; do
    mapfile -t children < <(pgrep --parent "$process")
    kill -KILL "$process" "${children[@]}" 2>/dev/null || true
  done
  rm -rf -- "$runtime/exec" "$pid_file" "$socket"
}

# Asks a process to end, and after 30 seconds insists.
end_process() {
  local pid=$1 tries
  kill "$pid" 2>/dev/null || return 0
  for ((tries = 0; tries < 150; tries++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  kill -KILL "$pid" 2>/dev/null || true
}
