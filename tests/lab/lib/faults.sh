# Faults. Each one can be undone; `lab heal` undoes all of them, and so does `lab down`.

engine() {         # engine NODE kill|crash|stop|start|hang|resume
  local node=${1:-} calm=/run/systemd/system/docker.service.d
  known "$node"
  case ${2:-} in
    kill)   # for good: neither systemd nor its socket may bring it back before `start`
            node_exec "$node" sh -c "mkdir -p $calm && printf '[Service]\nRestart=no\n' >$calm/lab.conf && systemctl daemon-reload
              systemctl kill --kill-who=main -s KILL docker.service; systemctl -q stop docker.socket" ;;
    crash)  node_exec "$node" systemctl kill --kill-who=main -s KILL docker.service ;;   # systemd restarts it
    stop)   node_exec "$node" systemctl -q stop docker.socket docker.service ;;
    start)  node_exec "$node" sh -c "systemctl kill --kill-who=main -s CONT docker.service 2>/dev/null
              rm -rf $calm; systemctl daemon-reload; systemctl reset-failed docker.service docker.socket 2>/dev/null
              systemctl start docker.socket docker.service"
            retry 60 engine_answers "$node" || die "the engine of $node does not answer after 60 s" ;;
    hang)   node_exec "$node" systemctl kill --kill-who=main -s STOP docker.service ;;
    resume) node_exec "$node" systemctl kill --kill-who=main -s CONT docker.service ;;
    *)      die "engine NODE kill|crash|stop|start|hang|resume" ;;
  esac
}

link() {           # link NODE down|up
  known "${1:-}"
  [[ ${2:-} == up || ${2:-} == down ]] || die "link NODE down|up"
  ip link set "$(node_link "$1")" "$2"
}

# The relay stands between the cable and the bridge (few kernels have netem): see relay.
delay() {          # delay NODE MS [LOSS%]
  local node=${1:-} ms=${2:-} loss=${3:-0} link end
  known "$node"; link=$(node_link "$node")
  [[ $ms =~ ^[0-9]+$ && $loss =~ ^[0-9]+$ ]] || die "delay NODE MS [LOSS%]"
  delay_off "$node"
  (( ms > 0 || loss > 0 )) || return 0
  ip link add "$link.b" type veth peer name "$link.a"
  ip link set "$link" nomaster
  # Ends without an address of their own must not answer ARP for the bridge's.
  for end in "$link" "$link.a"; do
    echo 8 >"/proc/sys/net/ipv4/conf/$end/arp_ignore"
    [[ ! -e /proc/sys/net/ipv6/conf/$end ]] || echo 1 >"/proc/sys/net/ipv6/conf/$end/disable_ipv6"
  done
  ip link set "$link.a" up
  setsid python3 "$LAB_HOME/relay" "$link" "$link.a" "$ms" "$loss" >"$LAB_STATE/delay.$node.log" 2>&1 </dev/null &
  echo $! >"$LAB_STATE/delay.$node.pid"
  ip link set "$link.b" master "$LAB_BRIDGE" up
  retry 20 grep -q ready "$LAB_STATE/delay.$node.log" || die "the relay did not start: $(cat "$LAB_STATE/delay.$node.log")"
}
delay_off() {
  local link pid pidfile=$LAB_STATE/delay.$1.pid; link=$(node_link "$1")
  if pid=$(cat "$pidfile" 2>/dev/null) && [[ $(command_line "$pid") == *"relay $link "* ]]; then
    kill "$pid"; retry 5 test ! -d "/proc/$pid" || kill -KILL "$pid"
  fi
  rm -f "$LAB_STATE/delay.$1".*
  ip link delete "$link.b" 2>/dev/null || true
  ! ip link show "$link" >/dev/null 2>&1 || ip link set "$link" master "$LAB_BRIDGE" 2>/dev/null || true
}

# partition NODE...: the nodes named talk among themselves only (no NODE: heal). The bridge
# drops what crosses the cut; this machine still reaches every node.
node_ports() { local link; link=$(node_link "$1"); printf '"%s", "%s.b"' "$link" "$link"; }   # plain, delayed
partition() {
  local node inside="" outside=""
  for node in "$@"; do known "$node"; done
  nft delete table bridge "$LAB_TABLE" 2>/dev/null || true
  [[ $# -gt 0 ]] || return 0
  for node in $(node_names); do
    if [[ " $* " == *" $node "* ]]; then inside+="${inside:+, }$(node_ports "$node")"
    else outside+="${outside:+, }$(node_ports "$node")"; fi
  done
  [[ $outside ]] || die "a partition must leave a node on the other side"
  nft -f - <<NFT
table bridge $LAB_TABLE {
  chain forward {
    type filter hook forward priority filter;
    iifname { $inside } oifname { $outside } drop
    iifname { $outside } oifname { $inside } drop
  }
}
NFT
}

disk() {           # disk NODE fill|free
  local filler=/var/lib/docker/.lab-filler
  known "${1:-}"
  [[ -e $(node_dir "$1")/data.img ]] || die "$1 has no data disk of its own (LAB_DATA_SIZE)"
  case ${2:-} in
    fill) node_exec "$1" sh -c "fallocate -l \$(df -B1 --output=avail /var/lib/docker | tail -1) $filler 2>/dev/null
            dd if=/dev/zero of=$filler.rest bs=4k 2>/dev/null; df -h /var/lib/docker | tail -1" ;;
    free) node_exec "$1" sh -c "rm -f $filler $filler.rest; df -h /var/lib/docker | tail -1" ;;
    *)    die "disk NODE fill|free" ;;
  esac
}

heal() {           # undoes every fault and waits until the swarm is whole
  local node names
  partition; registry start
  nft flush set ip "$LAB_TABLE" denied
  read -ra names <<<"$(node_names)"
  for node in "${names[@]}"; do delay_off "$node"; done
  all heal_node "${names[@]}" || die "not every node could be healed"
  retry 90 swarm_healthy || die "the swarm is not whole after 90 s (lab status)"
}
heal_node() {
  node_boot "$1"
  link "$1" up
  [[ ! -e $(node_dir "$1")/data.img ]] || disk "$1" free >/dev/null
  # A node that has just booted may not have its service manager's socket yet.
  if [[ $(node_role "$1") != bare ]]; then retry 30 heal_engine "$1" || die "the engine of $1 does not start"; fi
  node_await "$1"
  ssh_as_it_was "$1"
}
ssh_as_it_was() {  # without the settings that a test gave to sshd and could not take back
  ! node_exec "$1" test -e /etc/ssh/sshd_config.d/0.conf ||
    node_exec "$1" sh -c 'rm -f /etc/ssh/sshd_config.d/0.conf; systemctl reset-failed ssh; systemctl restart ssh'
}
heal_engine() { engine_answers "$1" || (engine "$1" start); }
