# Base layers, built once and kept under LAB_CACHE:
#   host      a small Debian with systemd and sshd (what `junk` is)
#   engine-*  what installing Docker adds on top (an overlayfs upper directory)
#   registry  the registry's program, unpacked and not installed: no service starts
# Nothing about this machine is stored in them; each node gets that when it boots.

HOST_PACKAGES=systemd-sysv,openssh-server,iproute2,ca-certificates,dbus,iputils-ping
REGISTRY_PROGRAM=registry/usr/bin/docker-registry
ENGINE_PACKAGES=(docker.io sudo iptables procps curl jq)

# Units that make no sense in a node, or would touch what belongs to the machine.
MASKED_UNITS="apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
  motd-news.timer console-getty.service getty@tty1.service getty.target dev-hugepages.mount dev-mqueue.mount
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount sys-kernel-config.mount
  systemd-udevd.service systemd-udev-trigger.service systemd-sysctl.service systemd-remount-fs.service
  systemd-binfmt.service systemd-modules-load.service systemd-resolved.service systemd-networkd.service
  systemd-timesyncd.service"

layers_up() {
  mkdir -p "$LAB_CACHE"
  { flock -w $((600 * LAB_PATIENCE)) 8 || die "another lab has been building layers for ten minutes"
    host_layer 8>&-; engine_layer 8>&-; registry_layer 8>&-
  } 8>"$LAB_CACHE/lock"
}

host_layer() {
  [[ ! -e $HOST_LAYER.done ]] || return 0
  say "building the $LAB_SUITE host layer"
  rm -rf --one-file-system "$HOST_LAYER"; mkdir -p "$HOST_LAYER" "$DEBS"
  apt_sources "$LAB_SUITE" | mmdebstrap --quiet --variant=minbase --mode=root --include="$HOST_PACKAGES" \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
    "$LAB_SUITE" "$HOST_LAYER" - || die "mmdebstrap could not build $LAB_SUITE"
  rm -rf "$HOST_LAYER"/etc/ssh/ssh_host_* "$HOST_LAYER"/etc/apt/sources.list "$HOST_LAYER"/etc/apt/sources.list.d/* \
    "$HOST_LAYER"/var/lib/apt/lists/* "$HOST_LAYER"/var/log/* "$HOST_LAYER"/etc/apt/apt.conf.d/99mmdebstrap
  : >"$HOST_LAYER/etc/machine-id"
  local unit
  for unit in $MASKED_UNITS; do ln -sf /dev/null "$HOST_LAYER/etc/systemd/system/$unit"; done
  touch "$HOST_LAYER.done"
}

engine_layer() {
  [[ ! -e $ENGINE_LAYER.done ]] || return 0
  say "building the Docker layer from $LAB_ENGINE_SUITE"
  local work="$ENGINE_LAYER.build" suites=("$LAB_SUITE")
  [[ $LAB_ENGINE_SUITE == "$LAB_SUITE" ]] || suites+=("$LAB_ENGINE_SUITE")
  rm -rf --one-file-system "$ENGINE_LAYER" "$work"
  mkdir -p "$work"/{upper/etc,work,root} "$DEBS"
  apt_write "$work/upper" "${suites[@]}"
  cp /etc/resolv.conf "$work/upper/etc/resolv.conf"
  printf '#!/bin/sh\nexit 101\n' | install -D -m755 /dev/stdin "$work/upper/usr/sbin/policy-rc.d"
  export HOST_LAYER DEBS LAB_SUITE LAB_ENGINE_SUITE LAB_USER
  # In its own mount namespace, so that an interrupted build leaves no mounts.
  unshare --mount --propagation private bash -euo pipefail -s -- "$work" "${ENGINE_PACKAGES[@]}" \
    >"$ENGINE_LAYER.log" 2>&1 <<'INNER' || { tail -20 "$ENGINE_LAYER.log" >&2; die "Docker could not be installed; see $ENGINE_LAYER.log"; }
    work=$1; shift; root=$work/root
    mount -t overlay overlay -o "lowerdir=$HOST_LAYER,upperdir=$work/upper,workdir=$work/work" "$root"
    mount -t proc proc "$root/proc"; mount -t tmpfs tmpfs "$root/run"; mount --bind /dev "$root/dev"
    mount --bind "$DEBS" "$root/var/cache/apt/archives"
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    install() { chroot "$root" apt-get -qq -o Dpkg::Use-Pty=0 install -y "${pin[@]}" "$@" </dev/null; }
    chroot "$root" apt-get -qq update </dev/null
    pin=(); [[ $LAB_ENGINE_SUITE == "$LAB_SUITE" ]] || pin=(-t "$LAB_ENGINE_SUITE")
    install "$@"
    [[ -x $root/usr/bin/docker ]] || install docker-cli   # its own package since trixie
    chroot "$root" useradd --create-home --shell /bin/bash --groups sudo,docker "$LAB_USER"
    echo "$LAB_USER ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/lab"
    chmod 440 "$root/etc/sudoers.d/lab"
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/log/*
INNER
  rm -rf "$work"/upper/{etc/resolv.conf,etc/apt/sources.list,etc/apt/apt.conf.d/90lab,usr/sbin/policy-rc.d,run}
  mv "$work/upper" "$ENGINE_LAYER"; rm -rf --one-file-system "$work"
  touch "$ENGINE_LAYER.done"
}

registry_layer() {
  [[ ! -x $LAB_CACHE/$REGISTRY_PROGRAM ]] || return 0
  say "fetching the registry"
  local work; work=$(mktemp -d)
  (cd "$work" && apt_get -o APT::Sandbox::User=root download docker-registry) || die "apt has no package docker-registry"
  rm -rf "$LAB_CACHE/registry"
  dpkg-deb -x "$work"/docker-registry_*.deb "$work/registry"
  mv "$work/registry" "$LAB_CACHE/registry"
  rm -rf "$work"
}
