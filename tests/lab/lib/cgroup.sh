# A node's control groups, on cgroup v1 (one hierarchy per controller) and v2 (one for all).

if [[ $(stat -fc %T /sys/fs/cgroup) == cgroup2fs ]]; then : "${LAB_CGROUP2:=/sys/fs/cgroup}"; fi
: "${LAB_CGROUP2:=}"     # where the unified hierarchy is when it is the one to use

cgroup_roots() {         # with a slash at the end
  if [[ $LAB_CGROUP2 ]]; then echo "$LAB_CGROUP2/"; return; fi
  local root
  for root in /sys/fs/cgroup/*/; do [[ ! -e $root/cgroup.procs ]] || echo "$root"; done
}

cgroup_enter() {         # cgroup_enter NODE: moves this very shell into the node's groups
  local root level path levels
  IFS=/ read -ra levels <<<"$LAB_CGROUP/$1"
  for root in $(cgroup_roots); do
    path=${root%/}
    for level in "${levels[@]}"; do
      if [[ $LAB_CGROUP2 ]]; then      # hand every controller down
        sed 's/[^ ]*/+&/g' "$path/cgroup.controllers" >"$path/cgroup.subtree_control" 2>/dev/null || true
      fi
      mkdir -p "$path/$level"
      if [[ -z $LAB_CGROUP2 && -e $path/$level/cpuset.cpus ]]; then   # v1 cpusets start empty
        cat "$path/cpuset.cpus" >"$path/$level/cpuset.cpus"; cat "$path/cpuset.mems" >"$path/$level/cpuset.mems"
      fi
      path=$path/$level
    done
    echo "$BASHPID" >"$path/cgroup.procs"
  done
}

cgroup_pids() {          # host pids of all processes of a node
  local root=/sys/fs/cgroup/pids; [[ -z $LAB_CGROUP2 ]] || root=$LAB_CGROUP2
  find "$root/$LAB_CGROUP/$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

cgroup_memory() {        # bytes in use by a node
  cat "/sys/fs/cgroup/memory/$LAB_CGROUP/$1/memory.usage_in_bytes" 2>/dev/null ||
    cat "$LAB_CGROUP2/$LAB_CGROUP/$1/memory.current" 2>/dev/null || echo 0
}

cgroup_remove() {        # cgroup_remove [NODE]: the node's groups, or the lab's when they are empty
  local root
  for root in $(cgroup_roots); do
    if [[ $# -gt 0 ]]; then
      [[ ! -d $root$LAB_CGROUP/$1 ]] || find "$root$LAB_CGROUP/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
    else
      rmdir "$root$LAB_CGROUP" "$root${LAB_CGROUP%/*}" 2>/dev/null || true
    fi
  done
}
