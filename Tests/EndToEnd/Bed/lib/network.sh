# shellcheck shell=bash disable=SC2034,SC2154
# The network of the engine's containers. It is set up here and not by the engine, which would replace the packet filter
# rules of another engine of the machine and leave its own behind.

readonly subnet=10.211.0.0/16
# The bridge of containers without a network of their own, such as those that build images.
readonly bridge=$name
readonly bridge_address=10.211.0.1/24
# Where Compose's networks come from.
readonly address_pool=10.211.128.0/17

set_up_network() {
  tear_down_network
  cp /proc/sys/net/ipv4/ip_forward "$runtime/ip_forward"
  echo 1 >/proc/sys/net/ipv4/ip_forward
  ip link add "$bridge" type bridge
  ip addr add "$bridge_address" dev "$bridge"
  ip link set "$bridge" up
  change_rules -I
}

# Also removes what an engine that was killed left behind.
tear_down_network() {
  local link
  while change_rules -D 2>/dev/null; do :; done
  while read -r _ link _; do
    ip link delete "$link"
  done < <(ip -oneline -4 addr show to "$subnet")
  if ip link show "$bridge" >/dev/null 2>&1; then ip link delete "$bridge"; fi
  if [[ -s $runtime/ip_forward ]]; then
    cat "$runtime/ip_forward" >/proc/sys/net/ipv4/ip_forward
    rm -f "$runtime/ip_forward"
  fi
}

# With -I inserts the rules, with -D deletes them and fails when there are none.
change_rules() {
  local comment=(-m comment --comment "$name")
  iptables -w -t nat "$1" POSTROUTING -s "$subnet" ! -d "$subnet" "${comment[@]}" -j MASQUERADE &&
    iptables -w "$1" FORWARD -s "$subnet" "${comment[@]}" -j ACCEPT &&
    iptables -w "$1" FORWARD -d "$subnet" "${comment[@]}" -j ACCEPT
}

# The largest packet that the way out takes; containers must not send larger ones.
mtu() {
  local device
  device=$(ip route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }')
  cat "/sys/class/net/$device/mtu" 2>/dev/null || echo 1500
}
