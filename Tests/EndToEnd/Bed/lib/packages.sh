# shellcheck shell=bash disable=SC2034,SC2154
# The programs that the bed runs.

# Programs and the packages that hold them.
declare -rA package_of=(
  [dockerd]=docker.io [iptables]=iptables [ip]=iproute2 [mmdebstrap]=mmdebstrap
  [flock]=util-linux [setsid]=util-linux [unshare]=util-linux [pgrep]=procps
)

install_missing_packages() {
  local program missing=()
  if ! docker compose version >/dev/null 2>&1; then
    "$bed/../../../.ci/prepare" test || fail "cannot install Docker's command line and Compose"
  fi
  for program in "${!package_of[@]}"; do
    command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
  done
  [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || missing+=(debian-archive-keyring)
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# The engine is started by hand: an installed one must not start by itself, neither now nor at boot.
install_packages() {
  local log=$cache/logs/packages.log
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-remove "$@")
  command -v apt-get >/dev/null || fail "install by hand, since there is no apt: $*"
  say "installing $*"
  # The lists may be missing, or older than what the mirror still has.
  without_services "${install[@]}" >"$log" 2>&1 </dev/null ||
    { apt-get update && without_services "${install[@]}"; } >>"$log" 2>&1 </dev/null ||
    fail_with_log "cannot install $*" "$log"
  if [[ " $* " == *" docker.io "* && -d /run/systemd/system ]]; then
    systemctl disable --quiet docker.socket docker containerd || true
  fi
}

# Runs a command during which package scripts may start no service.
without_services() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  "$@"
)

# Ends the script with the last lines of a log.
fail_with_log() {
  tail -n 25 -- "$2" >&2 || true
  fail "$1" "the whole log is $2"
}
