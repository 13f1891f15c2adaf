# The swarm: one manager initialises it, the others join.

swarm_state() { node_docker "$1" info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null || echo unknown; }
in_swarm()    { [[ $(swarm_state "$1") == active ]]; }

swarm_manager() {  # a manager that is up, in the swarm and answers for it
  local node
  for node in $(node_names manager); do
    node_pid "$node" >/dev/null || continue
    if timeout 10 "$LAB_HOME/lab" docker "$node" node ls -q >/dev/null 2>&1; then
      echo "$node"; return
    fi
  done
  return 1
}

swarm_up() {
  local leader managers; managers=$(node_names manager)
  [[ $managers ]] || return 0
  if ! leader=$(swarm_manager); then
    leader=${managers%% *}
    ! in_swarm "$leader" || die "$leader is in a swarm that has no leader: lab down, then lab up"
    node_docker "$leader" swarm init --advertise-addr "$(node_address "$leader")" >/dev/null
  fi
  LEADER_ADDRESS=$(node_address "$leader"):2377
  # Managers one after another: each changes the raft's members.
  JOIN_TOKEN=$(node_docker "$leader" swarm join-token -q manager)
  local node; for node in $managers; do swarm_join "$node"; done
  JOIN_TOKEN=$(node_docker "$leader" swarm join-token -q worker)
  local workers; read -ra workers <<<"$(node_names worker)"
  (( ${#workers[@]} == 0 )) || all swarm_join "${workers[@]}" || die "a worker could not join"
  retry 60 swarm_healthy || die "the swarm has nodes that are not Ready after 60 s (lab status)"
}
swarm_join() {
  ! in_swarm "$1" || return 0
  retry 30 swarm_join_once "$1" || die "$1 could not join the swarm: $(swarm_join_once "$1" 2>&1)"
}
swarm_join_once() {
  in_swarm "$1" || node_docker "$1" swarm join --token "$JOIN_TOKEN" --advertise-addr "$(node_address "$1")" "$LEADER_ADDRESS"
}

swarm_healthy() {  # every node of the table is Ready, every manager reachable
  local manager lines
  manager=$(swarm_manager) || return 1
  lines=$(timeout 10 "$LAB_HOME/lab" docker "$manager" node ls --format '{{.Status}} {{.ManagerStatus}}') || return 1
  (( $(grep -c '^Ready' <<<"$lines") == $(node_names manager worker | wc -w) )) || return 1
  (( $(grep -cE 'Leader|Reachable' <<<"$lines") == $(node_names manager | wc -w) ))
}

deploy() {         # deploy STACK [NAME]: stacks/STACK.yml
  local manager file=$LAB_HOME/stacks/${1:-}.yml
  [[ -e $file ]] || die "deploy STACK [NAME]; stacks: $(cd "$LAB_HOME/stacks" && echo *.yml | sed 's/\.yml//g')"
  manager=$(swarm_manager) || die "no manager answers"
  LAB_REGISTRY=$LAB_REGISTRY node_docker "$manager" stack deploy --detach=true --compose-file "$file" "${2:-$1}"
}

clean() {          # takes everything out of the swarm that runs in it; nodes and labels stay, and every node takes tasks
  local manager kind ids node
  manager=$(swarm_manager) || die "no manager answers"
  for node in $(node_names manager worker); do
    [[ $(node_docker "$manager" node inspect --format '{{.Spec.Availability}}' "$node") == active ]] ||
      node_docker "$manager" node update --availability active "$node" >/dev/null
  done
  for kind in service config secret; do
    ids=$(node_docker "$manager" "$kind" ls -q)
    # shellcheck disable=SC2086 # one word per id
    [[ -z $ids ]] || node_docker "$manager" "$kind" rm $ids >/dev/null
  done
  retry 120 no_networks_left "$manager" || die "networks are still in use after 120 s"
}
no_networks_left() {
  local ids
  ids=$(node_docker "$1" network ls --filter driver=overlay --filter type=custom --format '{{.ID}} {{.Name}}' |
    awk '$2 != "ingress" {print $1}')
  [[ $ids ]] || return 0
  # A network that the swarm has forgotten stays on the node until its last container is gone, and a stack
  # deployed meanwhile takes it for one that is there: so the next look must find none.
  # shellcheck disable=SC2086
  node_docker "$1" network rm $ids
  return 1
}
