#!/usr/bin/env bash
#
# A Docker engine of its own on a machine apart: no route, no image, and a registry of its own if one is asked for. When
# it is killed, everything that it started is.
#
#   apart.sh FOLDER [REGISTRY_SETTINGS [DISK]]
#
# The engine listens on FOLDER/docker.sock, and FOLDER/etc is its /etc/docker. The registry (registry.py) writes its port
# to FOLDER/port; with REGISTRY_ADDRESS it has that address. DISK is the size of the engine's disk, such as 64m.
set -euo pipefail

rigs=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
folder=$1
settings=${2:-}
disk=${3:-}
readonly rigs folder settings disk
readonly cgroups=dioptrakit-apart

# What an earlier one left, which was killed.
find /sys/fs/cgroup -depth -type d -path "*/$cgroups*" -exec rmdir {} + 2>/dev/null || true
mkdir -p -- "$folder/engine" "$folder/run" "$folder/etc" /etc/docker
cat >"$folder/engine.json" <<JSON
{
  "hosts": ["unix://$folder/docker.sock"],
  "data-root": "$folder/engine",
  "exec-root": "$folder/run",
  "pidfile": "$folder/run/docker.pid",
  "cgroup-parent": "$cgroups",
  "iptables": false,
  "ip-forward": false,
  "ip-masq": false
}
JSON

# shellcheck disable=SC2016 # The inner shell expands it.
exec unshare --net --pid --mount --mount-proc --fork --kill-child=KILL bash -c '
  ip link set lo up
  if [[ -n ${REGISTRY_ADDRESS:-} ]]; then ip address add "$REGISTRY_ADDRESS/32" dev lo; fi
  mount --bind "$2/etc" /etc/docker
  if [[ -d /run/containerd ]]; then mount -t tmpfs tmpfs /run/containerd; fi
  if [[ -n $4 ]]; then mount -t tmpfs -o "size=$4" tmpfs "$2/engine"; fi
  if [[ -n $3 ]]; then python3 "$1/registry.py" "$2/port" "$3" 2>"$2/registry.log" & fi
  dockerd "--config-file=$2/engine.json" 2>"$2/engine.log"
' bash "$rigs" "$folder" "$settings" "$disk"
