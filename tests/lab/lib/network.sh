# The lab's network: one bridge, one cable (veth) per node, and the nft table that lets nodes
# reach the machine's package hosts and nothing else.

network_up() {
  mkdir -p "$LAB_ROOT"
  if ! ip link show "$LAB_BRIDGE" >/dev/null 2>&1; then
    ip link add "$LAB_BRIDGE" type bridge
    ip address add "$LAB_GATEWAY/24" dev "$LAB_BRIDGE"
  fi
  ip link set "$LAB_BRIDGE" up
  [[ -e $LAB_ROOT/ip_forward.before ]] || cat /proc/sys/net/ipv4/ip_forward >"$LAB_ROOT/ip_forward.before"
  echo 1 >/proc/sys/net/ipv4/ip_forward
  ! nft list table ip "$LAB_TABLE" >/dev/null 2>&1 || return 0
  forward_rules -D
  if forward_drops; then forward_rules -I; fi
  local hosts
  hosts=$(apt_hosts | awk '{print $1}' | sort -u | paste -sd,)
  # Forwarding to anywhere else is refused at once: a lookup or a pull never hangs.
  nft -f - <<NFT
table ip $LAB_TABLE {
  set denied { type ipv4_addr; }
  chain outward {
    type nat hook postrouting priority srcnat;
    ip saddr $LAB_NET.0/24 oifname != "$LAB_BRIDGE" masquerade
  }
  chain forward {
    type filter hook forward priority filter;
    iifname "$LAB_BRIDGE" oifname "$LAB_BRIDGE" accept
    ct state established,related accept
    ip saddr $LAB_NET.0/24 ip daddr { ${hosts:-$LAB_GATEWAY} } accept
    ip saddr $LAB_NET.0/24 meta l4proto tcp reject with tcp reset
    ip saddr $LAB_NET.0/24 reject with icmp admin-prohibited
  }
  chain inward {
    type filter hook input priority filter;
    ip saddr @denied tcp dport { 80, 5000 } reject with tcp reset
  }
}
NFT
}

# A machine that runs Docker itself drops what it forwards, also what only crosses a bridge.
# An accept in our own table cannot undo that: it takes a rule in that chain.
forward_rules() {  # forward_rules -I|-D
  command -v iptables >/dev/null || return 0
  local direction
  for direction in -i -o; do
    iptables -w 10 "$1" FORWARD "$direction" "$LAB_BRIDGE" -j ACCEPT 2>/dev/null || true
  done
}
forward_drops() { command -v iptables >/dev/null && iptables -w 10 -S FORWARD 2>/dev/null | grep -x -- '-P FORWARD DROP' >/dev/null; }

other_labs() {     # whether another lab is up beside this one
  local settings
  for settings in "$LAB_ROOT"/*/settings; do
    if [[ -e $settings && $settings != "$LAB_STATE/settings" ]]; then return 0; fi
  done
  return 1
}

network_down() {
  forward_rules -D
  nft delete table ip "$LAB_TABLE" 2>/dev/null || true
  nft delete table bridge "$LAB_TABLE" 2>/dev/null || true
  ip link delete "$LAB_BRIDGE" 2>/dev/null || true
  if [[ -e $LAB_ROOT/ip_forward.before ]] && ! other_labs; then
    cat "$LAB_ROOT/ip_forward.before" >/proc/sys/net/ipv4/ip_forward
    rm -f "$LAB_ROOT/ip_forward.before"
  fi
}

plug() {   # plug NODE PID: a cable from the bridge to the node's eth0
  local link; link=$(node_link "$1")
  ip link delete "$link" 2>/dev/null || true
  ip link add "$link" type veth peer name eth0 netns "$2"
  ip link set "$link" master "$LAB_BRIDGE" up
}
