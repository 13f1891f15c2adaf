# Settings, messages, bounded waiting and the table of nodes. Sourced, never run.

# A lab is known by its name: it begins links, the bridge, the nft tables, the cgroup
# and the state directory, so two labs side by side differ in LAB_NAME and LAB_NET only.
# The first `lab up` fixes the other settings: later commands need the name alone.
: "${LAB_NAME:=lab}"                  # at most 5 letters and digits (interface names stop at 15)
: "${LAB_ROOT:=/var/lib/quarterdeck-lab}"
LAB_STATE=$LAB_ROOT/$LAB_NAME
LAB_FIXED="LAB_NET LAB_NODES LAB_SUITE LAB_ENGINE_SUITE LAB_USER LAB_CACHE LAB_DATA_SIZE LAB_CGROUP2"
# shellcheck source=/dev/null
if [[ $LAB_NAME =~ ^[a-z0-9]{1,5}$ && -e $LAB_STATE/settings ]]; then . "$LAB_STATE/settings"; fi

: "${LAB_NET:=10.77.0}"               # first three octets of the lab's /24
: "${LAB_ENGINE_SUITE:=}"             # distribution release the Docker Engine comes from
: "${LAB_SUITE:=}"                    # release of the nodes' root filesystem
: "${LAB_USER:=captain}"              # account with sudo and docker on the swarm nodes
LAB_EDITION=1                         # raise it with every change to what goes into a layer
: "${LAB_CACHE:=/var/cache/quarterdeck-lab/$LAB_EDITION}"
: "${LAB_DATA_SIZE:=768M}"            # Docker's data disk: SIZE for all nodes, "NODE=SIZE ...", or "none"
: "${LAB_PATIENCE:=1}"                # multiplies every time limit; raise it on a loaded machine

# name:role:last octet. Roles: manager, worker, bare (sshd only, outside the swarm).
: "${LAB_NODES:=barbary:manager:10 ching:manager:11 angre:manager:12 lorcha:worker:20 dhow:worker:21 junk:bare:30}"

LAB_BRIDGE=${LAB_NAME}br0
LAB_GATEWAY=$LAB_NET.1
LAB_REGISTRY=$LAB_GATEWAY:5000
LAB_TABLE=quarterdeck_$LAB_NAME
LAB_CGROUP=quarterdeck-lab/$LAB_NAME

say()  { printf '%s\n' "$*" >&2; }
die()  { printf 'lab: %s\n' "$*" >&2; exit 1; }

# retry SECONDS COMMAND...: runs COMMAND until it succeeds or the time is over.
retry() {
  local deadline=$((SECONDS + $1 * LAB_PATIENCE)); shift
  until "$@" >/dev/null 2>&1; do
    (( SECONDS < deadline )) || return 1
    sleep 0.1
  done
}

# all FUNCTION NODE...: FUNCTION for every node at once; fails when one of them fails.
# (A bare `wait` would also wait for the registry and the nodes themselves.)
all() {
  local verb=$1 node pid failed=0 pids=(); shift
  for node in "$@"; do "$verb" "$node" & pids+=($!); done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  return "$failed"
}

# command_line PID: nothing when there is no such process (any more)
command_line() { { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null || true; }

# ---- the table of nodes -------------------------------------------------------

node_field() {   # node_field NODE role|address
  local entry name role octet
  for entry in $LAB_NODES; do
    IFS=: read -r name role octet <<<"$entry"
    [[ $name == "$1" ]] || continue
    case $2 in role) echo "$role" ;; address) echo "$LAB_NET.$octet" ;; esac
    return
  done
  die "no such node: '$1' (nodes: $(node_names))"
}
node_role()    { node_field "$1" role; }
node_address() { node_field "$1" address; }
node_link()    { echo "$LAB_NAME-$1"; }       # the node's cable: its end on the bridge
node_dir()     { echo "$LAB_STATE/nodes/$1"; }
known()        { node_role "${1:-}" >/dev/null; }

node_names() {   # node_names [ROLE...]: one line, spaces between
  local entry name role octet wanted=" $* " out=()
  for entry in $LAB_NODES; do
    IFS=: read -r name role octet <<<"$entry"
    if [[ $# -eq 0 || $wanted == *" $role "* ]]; then out+=("$name"); fi
  done
  echo "${out[*]}"
}
node_data_size() {   # size of the node's data disk; nothing: it has none of its own
  local entry
  [[ $LAB_DATA_SIZE != none && $(node_role "$1") != bare ]] || return 0
  for entry in $LAB_DATA_SIZE; do
    case $entry in
      *=*) if [[ ${entry%%=*} == "$1" ]]; then echo "${entry#*=}"; return; fi ;;
      *)   echo "$entry"; return ;;
    esac
  done
}

settings_write() {
  local name
  for name in $LAB_FIXED; do printf '%s=%q\n' "$name" "${!name}"; done >"$LAB_STATE/settings.new"
  mv "$LAB_STATE/settings.new" "$LAB_STATE/settings"
}

settings_check() {
  [[ $LAB_NAME =~ ^[a-z0-9]{1,5}$ ]] || die "LAB_NAME must be 1 to 5 small letters and digits"
  [[ $LAB_NET =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "LAB_NET must be three octets, as 10.77.0"
  local entry
  for entry in $LAB_NODES; do
    [[ $entry =~ ^[a-z][a-z0-9]{0,7}:(manager|worker|bare):[0-9]+$ ]] ||
      die "LAB_NODES: '$entry' is not name:manager|worker|bare:octet (a name has at most 8 letters)"
  done
}
