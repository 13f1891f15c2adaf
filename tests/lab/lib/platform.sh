# The images of the shipped platform, under their own names: the real server wherever Debian packages it, a stand-in
# for the rest (tests/lab/images says which). The machine's registry serves them to the nodes as a mirror of the
# default one and, at port 80 of the bridge, in place of all the others.

PARTS_EDITION=5    # raise it with every change to what goes into a part, its script apart
SERVERS_LAYER() { echo "$LAB_CACHE/$LAB_SUITE/servers"; }
SERVER_PACKAGES=postgresql,redis-server,caddy,prometheus,prometheus-alertmanager,prometheus-node-exporter,dnsmasq-base,util-linux

# Unpacked and not installed: nothing of it runs on this machine.
servers_layer() {
  local layer; layer=$(SERVERS_LAYER)
  [[ ! -e $layer.done ]] || return 0
  say "fetching the servers of the platform"
  rm -rf --one-file-system "$layer"; mkdir -p "$layer"
  apt_sources "$LAB_SUITE" | mmdebstrap --quiet --variant=extract --mode=root --include="$SERVER_PACKAGES" \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
    "$LAB_SUITE" "$layer" - || die "mmdebstrap could not unpack the servers"
  rm -rf "$layer"/var/{lib/apt/lists,cache}
  touch "$layer.done"
}

platform_images() { sed 's/#.*//' "$LAB_HOME/images" | awk 'NF'; }
platform_hosts()  { platform_images | awk '{print $1}' | awk -F/ '$1 ~ /\./ {print $1}' | sort -u; }

# TREE FILE...: the files, and the libraries that their programs want
with_libraries() {
  local tree=$1 layer file loader name; shift; layer=$(SERVERS_LAYER)
  loader=$(echo "$layer"/usr/lib/*-linux-gnu/ld-linux-*.so.*)
  for file in "$@"; do
    mkdir -p "$tree$(dirname "$file")"
    cp -aL "$layer$file" "$tree$file"
    find "$tree$file" -type f -exec sh -c 'head -c4 "$1" | grep -q ELF' _ {} \; -print | while read -r name; do
      "$loader" --library-path "$(dirname "$loader")" --list "$name" 2>/dev/null | awk '$3 ~ /^\// {print $3}' || true
    done
  done | sort -u | while read -r name; do
    mkdir -p "$tree/usr/lib/lab"; cp -L "$name" "$tree/usr/lib/lab/"
  done
  mkdir -p "$tree/lib64" "$tree/etc"
  cp -L "$loader" "$tree/lib64/"
  [[ $(uname -m) == x86_64 ]] || { mkdir -p "$tree/lib"; cp -L "$loader" "$tree/lib/"; }
}

base_tree() {      # busybox with everything that it can, as what most images bring along
  local tree=$1 applet
  mkdir -p "$tree"/{bin,usr/bin,tmp,etc,proc,sys,dev,run,var/lib,app/extra}
  cp "$(command -v busybox)" "$tree/bin/busybox"
  for applet in $(busybox --list | grep -vx busybox); do ln -sf busybox "$tree/bin/$applet"; done
  printf 'root:x:0:0:root:/:/bin/sh\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\nredis:x:999:1000::/data:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$tree/etc/passwd"
  printf 'root:x:0:\npostgres:x:70:\nredis:x:1000:\nnogroup:x:65534:\ndip:x:30:\n' >"$tree/etc/group"
  ln -s ../run "$tree/var/run"
  chmod 755 "$tree"; chmod 1777 "$tree/tmp" "$tree/run"
}

part_tree() {      # part_tree PART TREE
  local tree=$2 tool
  base_tree "$tree"
  case $1 in
    stand)
      install -m755 "$LAB_HOME/image/stand" "$LAB_HOME/image/tool" "$tree/bin/"
      for tool in ak cloudflared curl dig mongosh npm woodpecker-agent woodpecker-server; do ln -sf tool "$tree/bin/$tool"; done
      ln -sf stand "$tree/bin/npm"
      ln -s ../../bin/tool "$tree/app/extra/healthcheck" ;;
    op) install -m755 "$LAB_HOME/image/op" "$tree/bin/" ;;
    postgres)
      with_libraries "$tree" /usr/lib/postgresql/17/bin /usr/lib/postgresql/17/lib /usr/share/postgresql/17 /usr/bin/setpriv /usr/share/zoneinfo
      rm -rf "$tree"/usr/lib/postgresql/17/lib/{bitcode,llvmjit*} "$tree"/usr/share/zoneinfo/{right,posix}
      install -m755 "$LAB_HOME/image/postgres" "$tree/bin/start" ;;
    redis)
      with_libraries "$tree" /usr/bin/redis-check-rdb /usr/bin/redis-cli /usr/bin/setpriv
      ln -s redis-check-rdb "$tree/usr/bin/redis-server"
      install -m755 "$LAB_HOME/image/redis" "$tree/bin/start" ;;
    caddy)
      with_libraries "$tree" /usr/bin/caddy
      install -m755 "$LAB_HOME/image/caddy" "$tree/bin/start" ;;
    prometheus | alertmanager | node-exporter)
      with_libraries "$tree" "/usr/bin/$(program "$1")"
      # Debian keeps the templates of its messages apart from the program.
      [[ $1 != alertmanager ]] || { mkdir -p "$tree/usr/share/prometheus"; cp -a "$(SERVERS_LAYER)/usr/share/prometheus/alertmanager" "$tree/usr/share/prometheus/"; } ;;
    dnsmasq)
      with_libraries "$tree" /usr/sbin/dnsmasq; mkdir -p "$tree/var/lib/tftpboot" "$tree/var/lib/misc" ;;
    *) die "tests/lab/images: nothing is known of $1" ;;
  esac
}
program() { case $1 in prometheus) echo prometheus ;; *) echo "prometheus-$1" ;; esac; }

part_start() {     # what a container of this part begins with, as JSON
  case $1 in
    stand) echo '["/bin/stand"]' ;;
    op)    echo '[]' ;;
    prometheus | alertmanager | node-exporter) echo "[\"/usr/bin/$(program "$1")\"]" ;;
    dnsmasq) echo '["/usr/sbin/dnsmasq"]' ;;
    *)     echo '["/bin/start"]' ;;
  esac
}

part_layer() {     # the layer of a part, made once for all labs: prints its tar
  local scripts tar tree
  scripts=$(cat "$LAB_HOME/image/$1" "$LAB_HOME/image/tool" 2>/dev/null | sha256sum | cut -c1-8)
  tar=$LAB_CACHE/$LAB_SUITE/part-$1-$PARTS_EDITION-$scripts.tar
  if [[ ! -e $tar.gz ]]; then
    tree=$(mktemp -d)
    part_tree "$1" "$tree"
    tar -C "$tree" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$tar" .
    gzip -1 -n <"$tar" >"$tar.gz.part"; mv "$tar.gz.part" "$tar.gz"; rm -rf --one-file-system "$tree"
  fi
  echo "$tar"
}

# TAG of every image that the shipped stacks name: "IMAGE TAG"
platform_tags() {
  grep -rhoE '^ *image: *[^ ]+' "$LAB_HOME"/../../stacks --include=compose.yaml | awk '{print $2}' | sort -u | sed -E 's/:([^:]+)$/ \1/'
}

platform() {       # puts the images of the shipped platform into the registry
  local image tag part rest user stand name row
  { flock -w 600 8 || die "another lab has been unpacking servers for ten minutes"; servers_layer 8>&-; } 8>"$LAB_CACHE/lock"
  while read -r image tag; do
    row=$(platform_images | awk -v image="$image" '$1 == image')
    [[ $row ]] || die "tests/lab/images says nothing of $image"
    read -r _ part rest <<<"$row"
    user='' stand=$rest
    if [[ ${rest%% *} =~ ^[0-9]+:[0-9]+$ ]]; then user=${rest%% *}; stand=${rest#"$user"}; fi
    name=$image
    case $image in */*/* | *.*/*) name=${image#*/} ;; */*) ;; *) name=library/$image ;; esac
    image_put "$name" "$tag" "$(part_layer "$part")" "$(jq -cn --arg user "$user" --arg stand "${stand# }" --argjson start "$(part_start "$part")" '
      { Env: ["PATH=/bin:/usr/bin:/usr/sbin:/usr/lib/postgresql/17/bin", "LD_LIBRARY_PATH=/usr/lib/lab", "STAND=" + $stand],
        Entrypoint: $start, WorkingDir: "/app", User: $user }')"
  done < <(platform_tags)
}
