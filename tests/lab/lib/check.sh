# Whether this machine can carry a lab: one line for each thing that is missing.

CHECK_MISSING=0
missing() { printf 'missing: %s\n' "$*"; CHECK_MISSING=1; }
note()    { printf 'note: %s\n' "$*"; }

# try WHAT COMMAND: COMMAND runs in a network and mount namespace of its own
try() { unshare --net --mount --propagation private sh -c "$2" >/dev/null 2>&1 || missing "$1"; }

check() {
  [[ $(uname -s) == Linux ]] || { missing "Linux"; return 1; }
  [[ $EUID -eq 0 ]] || { missing "root: run this as root"; return 1; }
  command -v apt-get >/dev/null || missing "apt: a Debian or Ubuntu machine is needed"
  check_kernel; check_cgroups; check_room
  local packages; packages=$(packages_missing | paste -sd' ')
  [[ -z $packages ]] || note "lab up will install: $packages"
  return "$CHECK_MISSING"
}

check_kernel() {
  unshare --net --mount --uts --ipc --pid --cgroup --fork true 2>/dev/null ||
    { missing "namespaces: unshare of net, mount, uts, ipc, pid and cgroup is refused"; return 0; }
  if command -v ip >/dev/null; then
    try "kernel: veth (CONFIG_VETH)" "ip link add name check0 type veth peer name check1"
    try "kernel: bridge (CONFIG_BRIDGE)" "ip link add name check0 type bridge"
    try "kernel: vxlan (CONFIG_VXLAN), the swarm's overlay networks" "ip link add name check0 type vxlan id 7 dstport 4789"
  fi
  if command -v nft >/dev/null; then
    try "kernel: nftables with nat (CONFIG_NFT_NAT, CONFIG_NFT_MASQ)" \
      "nft 'table ip t { chain c { type nat hook postrouting priority 100; masquerade; }; }'"
    try "kernel: nftables on bridges (CONFIG_NF_TABLES_BRIDGE)" \
      "nft 'table bridge t { chain c { type filter hook forward priority 0; drop; }; }'"
  fi
  [[ $LAB_DATA_SIZE == none || -e /dev/loop-control ]] ||
    missing "kernel: loop devices (CONFIG_BLK_DEV_LOOP); LAB_DATA_SIZE=none does without them"
  [[ -e /proc/net/ip_vs ]] || modprobe -q ip_vs 2>/dev/null ||
    note "no IPVS in this kernel: the routing mesh and virtual addresses carry no traffic (host-mode ports and dnsrr do)"
}

check_cgroups() {
  local controller
  if [[ $LAB_CGROUP2 ]]; then
    for controller in cpu memory pids; do
      grep -qw "$controller" "$LAB_CGROUP2/cgroup.controllers" || note "cgroup v2 has no controller $controller: no such limits"
    done
  else
    for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
      [[ -e /sys/fs/cgroup/$controller/cgroup.procs ]] || missing "cgroup v1: $controller is not mounted under /sys/fs/cgroup"
    done
  fi
}

check_room() {
  local place free
  for place in "$LAB_CACHE" "$LAB_ROOT"; do
    mkdir -p "$place/.check"/{lower,upper,work,root}
    try "overlayfs on the file system of $place (CONFIG_OVERLAY_FS)" \
      "cd $place/.check && mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work root"
    free=$(df -Pm "$place" | awk 'NR == 2 {print $4}')
    (( free >= 3000 )) || missing "room: $place has $free MB free, 3000 are needed"
    rm -rf "$place/.check"
  done
  rmdir "$LAB_ROOT" "$LAB_CACHE" "${LAB_CACHE%/*}" 2>/dev/null || true
  free=$(awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo)
  (( free >= 1500 )) || missing "memory: $free MB available, 1500 are needed"
  if ip -4 -o address show 2>/dev/null | awk '{print $2, $4}' | grep -v "^$LAB_BRIDGE " | grep " $LAB_NET\." >/dev/null; then
    missing "network: $LAB_NET.0/24 is in use by another interface; choose another LAB_NET"
  fi
}
