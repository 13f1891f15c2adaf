# What a lab left behind, one line each; nothing but the cache may stay after `lab down`.

leftovers() {
  local found; found=$(leftovers_list)
  [[ -n $found ]] || return 0
  printf '%s\n' "$found"
  return 1
}

leftovers_list() {
  local pid line root
  for pid in /proc/[0-9]*; do
    pid=${pid#/proc/}; line=$(command_line "$pid")
    if grep -qzF "LAB_NODE_ID=$LAB_NAME/" "/proc/$pid/environ" 2>/dev/null || [[ $line == *@("$LAB_STATE"/|"relay $LAB_NAME-")* ]]; then
      echo "process: $pid $line"
    fi
  done
  awk -v state="$LAB_STATE/" 'index($5, state) == 1 {print "mount: " $5}' /proc/self/mountinfo
  ip -o link show 2>/dev/null | awk -F': ' '{print $2}' | sed 's/@.*//' | grep -E "^($LAB_NAME-|$LAB_BRIDGE$)" | sed 's/^/link: /' || true
  nft list tables 2>/dev/null | grep -E " $LAB_TABLE$" | sed 's/^/nft: /' || true
  if command -v iptables >/dev/null; then
    iptables -w 10 -S FORWARD 2>/dev/null | grep -w -- "$LAB_BRIDGE" | sed 's/^/iptables: /' || true
  fi
  for root in $(cgroup_roots); do [[ ! -d $root$LAB_CGROUP ]] || echo "cgroup: $root$LAB_CGROUP"; done
  losetup -l -n -O NAME,BACK-FILE 2>/dev/null | grep -F " $LAB_STATE/" | sed 's/^/loop: /' || true
  ip netns list 2>/dev/null | grep -E "^$LAB_NAME-" | sed 's/^/netns: /' || true
  [[ ! -e $LAB_STATE ]] || echo "files: $LAB_STATE"
  if [[ -e $LAB_ROOT/ip_forward.before ]] && ! other_labs; then
    echo "setting: net.ipv4.ip_forward was not restored"
  fi
}
