# Nodes: identity, boot, power, and running things inside them.

keys_up() {
  mkdir -p "$LAB_STATE"; chmod 700 "$LAB_STATE"
  [[ -e $LAB_STATE/id_ed25519 ]] ||
    ssh-keygen -q -t ed25519 -N '' -C "quarterdeck-lab $LAB_NAME" -f "$LAB_STATE/id_ed25519"
}

node_prepare() {   # the node's writable layer: identity, keys, configuration
  local node=$1 dir role upper size
  dir=$(node_dir "$node"); role=$(node_role "$node"); upper=$dir/upper
  [[ ! -e $dir/prepared ]] || return 0
  mkdir -p "$dir"/{upper,work,root,docker,containerd} "$upper"/etc/ssh/sshd_config.d "$upper/root"
  echo "$node" >"$upper/etc/hostname"
  tr -d - </proc/sys/kernel/random/uuid >"$upper/etc/machine-id"
  # Nothing listens on port 53 of the gateway: lookups of unknown names fail at once.
  printf 'nameserver %s\noptions timeout:1 attempts:1\n' "$LAB_GATEWAY" >"$upper/etc/resolv.conf"
  { echo '127.0.0.1 localhost'
    local other; for other in $(node_names); do echo "$(node_address "$other") $other"; done
    echo "$LAB_GATEWAY registry.lab" "$(platform_hosts | paste -sd' ')"
    apt_hosts
  } >"$upper/etc/hosts"
  apt_write "$upper" "$LAB_SUITE"
  ssh-keygen -q -t ed25519 -N '' -C "root@$node" -f "$upper/etc/ssh/ssh_host_ed25519_key"
  cat >"$upper/etc/ssh/sshd_config.d/lab.conf" <<'SSHD'
HostKey /etc/ssh/ssh_host_ed25519_key
AllowStreamLocalForwarding yes
UseDNS no
MaxSessions 64
MaxStartups 100
SSHD
  install -D -m600 "$LAB_STATE/id_ed25519.pub" "$upper/root/.ssh/authorized_keys"
  chmod 700 "$upper/root" "$upper/root/.ssh"
  [[ $role == bare ]] || node_prepare_engine "$upper"
  size=$(node_data_size "$node")
  if [[ $size ]]; then truncate -s "$size" "$dir/data.img"; mkfs.ext4 -q -F -m 0 "$dir/data.img"; fi
  touch "$dir/prepared"
}

node_prepare_engine() {   # what only a swarm node has: the account and the engine's settings
  local upper=$1 home=$1/home/$LAB_USER options='"native.cgroupdriver=cgroupfs"'
  if [[ $LAB_CGROUP2 ]]; then options='"native.cgroupdriver=systemd"'; fi
  install -D -m600 "$LAB_STATE/id_ed25519.pub" "$home/.ssh/authorized_keys"
  chown -R 1000:1000 "$home"; chmod 700 "$home/.ssh"; chmod 750 "$home"
  mkdir -p "$upper/etc/docker"
  # One folder for all nodes, where the platform expects what its storage exports.
  mkdir -p "$LAB_STATE/share"/{apps01/appdata,data01/data/media,data01/data/downloads,data01/backups/postgres}
  cat >"$upper/etc/docker/daemon.json" <<JSON
{ "insecure-registries": ["$LAB_REGISTRY"$(platform_hosts | sed 's/.*/, "&"/' | tr -d '\n')],
  "registry-mirrors": ["http://$LAB_REGISTRY"], "storage-driver": "overlay2",
  "log-driver": "json-file", "exec-opts": [$options] }
JSON
}

node_boot() {
  local node=$1 dir layers=$HOST_LAYER data_disk="" pid
  known "$node"
  dir=$(node_dir "$node")
  ! node_pid "$node" >/dev/null || return 0
  node_prepare "$node"
  rm -f "$dir/pid"
  [[ $(node_role "$node") == bare ]] || layers=$ENGINE_LAYER:$HOST_LAYER
  [[ ! -e $dir/data.img ]] || data_disk=$dir/data.img
  ( cgroup_enter "$node"
    exec setsid env -i PATH="$PATH" NODE="$node" DIR="$dir" ADDRESS="$(node_address "$node")" \
      GATEWAY="$LAB_GATEWAY" LAYERS="$layers" DEBS="$DEBS" DATA_DISK="$data_disk" CGROUP2="$LAB_CGROUP2" SHARE="$LAB_STATE/share" \
      LAB_NODE_ID="$LAB_NAME/$node" \
      unshare --net --mount --uts --ipc --pid --cgroup --fork --propagation private "$LAB_HOME/node-init"
  ) >"$dir/boot.log" 2>&1 </dev/null &
  retry 20 test -s "$dir/pid" || die "$node did not start: $(cat "$dir/boot.log")"
  pid=$(cat "$dir/pid")
  plug "$node" "$pid"
  ln -sfn "/proc/$pid/root/run/docker.sock" "$dir/docker.sock"
}

node_answers() {   # sshd answers, and the engine too where there is one
  local node=$1
  timeout 2 bash -c "exec 3<>/dev/tcp/$(node_address "$node")/22 && read -r -t 1 line <&3 && [[ \$line == SSH-* ]]" \
    2>/dev/null || return 1
  [[ $(node_role "$node") == bare ]] || engine_answers "$node"
}
engine_answers() { timeout 5 curl -fsS --unix-socket "$(node_dir "$1")/docker.sock" http://docker/_ping >/dev/null; }
node_await()     { retry 90 node_answers "$1" || die "$1 does not answer after 90 s (lab exec $1 journalctl -b)"; }

node_off() {       # like pulling the plug: pid 1 dies, the kernel ends everything in the node
  local node=$1 pid
  known "$node"
  if pid=$(node_pid "$node"); then
    kill -KILL "$pid"
    retry 15 test ! -d "/proc/$pid" || die "$node does not die"
  fi
  rm -f "$(node_dir "$node")"/{pid,docker.sock}
  retry 15 node_empty "$node" || true
  cgroup_remove "$node"
}
node_empty() { [[ -z $(cgroup_pids "$1") ]]; }

node_wipe() {      # a fresh machine under the same name, with new host keys
  known "$1"
  delay_off "$1"; node_off "$1"
  rm -rf --one-file-system "$(node_dir "$1")"
  node_boot "$1"; node_await "$1"; ssh_config_write
}

# ---- inside a node --------------------------------------------------------------

node_pid() {       # host pid of the node's init; fails when the node is off
  local pid
  pid=$(cat "$(node_dir "$1")/pid" 2>/dev/null) || return 1
  [[ -n $pid && -d /proc/$pid/root/etc ]] || return 1
  grep -qzxF "LAB_NODE_ID=$LAB_NAME/$1" "/proc/$pid/environ" 2>/dev/null || return 1
  echo "$pid"
}

node_exec() {      # node_exec NODE COMMAND...: as root, in all the node's namespaces
  local node=$1 pid; shift
  known "$node"
  pid=$(node_pid "$node") || die "$node is off"
  nsenter --target "$pid" --all -- /usr/bin/env -i \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 "$@"
}

node_socket() {    # the path of the node's engine socket, as seen from this machine
  local pid
  known "$1"
  [[ $(node_role "$1") != bare ]] || die "$1 has no engine"
  pid=$(node_pid "$1") || die "$1 is off"
  echo "/proc/$pid/root/run/docker.sock"
}

# The docker command of this machine or, where there is none, the nodes' own: it needs only
# the C library of its layer.
docker_cli() {
  if command -v docker >/dev/null; then docker "$@"; return; fi
  local loaders=("$HOST_LAYER"/usr/lib/*-linux-gnu/ld-linux-*.so.*)
  "${loaders[0]}" --library-path "$(dirname "${loaders[0]}")" "$ENGINE_LAYER/usr/bin/docker" "$@"
}
node_docker() {    # node_docker NODE ARGS...
  local node=$1 socket; shift
  socket=$(node_socket "$node") || exit 1
  DOCKER_HOST="unix://$socket" docker_cli "$@"
}

ssh_config_write() {
  local node login
  : >"$LAB_STATE/known_hosts"
  { for node in $(node_names); do
      login=$LAB_USER; [[ $(node_role "$node") != bare ]] || login=root
      printf 'Host %s %s\n  HostName %s\n  User %s\n' "$node" "$(node_address "$node")" "$(node_address "$node")" "$login"
      echo "$node,$(node_address "$node") $(cut -d' ' -f1,2 "$(node_dir "$node")/upper/etc/ssh/ssh_host_ed25519_key.pub")" \
        >>"$LAB_STATE/known_hosts"
    done
    printf 'Host *\n  IdentityFile %s\n  IdentitiesOnly yes\n  UserKnownHostsFile %s\n  StrictHostKeyChecking yes\n' \
      "$LAB_STATE/id_ed25519" "$LAB_STATE/known_hosts"
  } >"$LAB_STATE/ssh_config"
}
