# A private registry on the bridge, and the test images. An image here is busybox and one
# script; it is put together and uploaded with tar and curl alone, so no engine is needed
# and its digest is the same in every lab on this machine.

# TAG:MODE:HEALTH (see image/serve for the modes; HEALTH: check, patient or none)
LAB_IMAGES="v1:healthy:check v2:healthy:check slow:slow:patient sick:sick:check crash:crash:check
  chatty:chatty:none tty:tty:none once:once:none fail:fail:none"
LAB_APPLETS="sh sleep date echo cat wget httpd nc ping nslookup hostname ls env kill dd seq printf head tail ps top id"

# Two listeners over one store: port 5000 is the lab's own registry, port 80 stands for those on the internet.
REGISTRY_PORTS="5000 80"

registry_pid() {   # registry_pid PORT
  local pid
  pid=$(cat "$LAB_STATE/registry/$1.pid" 2>/dev/null) || return 1
  [[ $(command_line "$pid") == *"$LAB_STATE/registry/$1.yml"* ]] || return 1
  echo "$pid"
}

registry_up() {
  local dir=$LAB_STATE/registry port
  mkdir -p "$dir/data"
  for port in $REGISTRY_PORTS; do
    ! registry_pid "$port" >/dev/null || continue
    cat >"$dir/$port.yml" <<YML
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $dir/data }, delete: { enabled: true } }
http: { addr: "$LAB_GATEWAY:$port" }
YML
    # OTEL_*: newer releases otherwise look for a collector.
    OTEL_TRACES_EXPORTER=none setsid "$LAB_CACHE/$REGISTRY_PROGRAM" serve "$dir/$port.yml" >"$dir/$port.log" 2>&1 </dev/null &
    echo $! >"$dir/$port.pid"
  done
  for port in $REGISTRY_PORTS; do
    retry 15 curl -fsS "http://$LAB_GATEWAY:$port/v2/" || die "the registry did not start: $(tail -5 "$dir/$port.log")"
  done
}

registry_down() {
  local pid port
  for port in $REGISTRY_PORTS; do
    if pid=$(registry_pid "$port"); then
      kill "$pid"
      retry 10 test ! -d "/proc/$pid" || kill -KILL "$pid"
    fi
    rm -f "$LAB_STATE/registry/$port.pid"
  done
}

registry() {       # registry start|stop|deny NODE|allow NODE
  local address
  case ${1:-} in
    start) registry_up ;;
    stop)  registry_down ;;
    deny|allow)
      known "${2:-}"; address=$(node_address "$2")
      nft delete element ip "$LAB_TABLE" denied "{ $address }" 2>/dev/null || true
      if [[ $1 == deny ]]; then nft add element ip "$LAB_TABLE" denied "{ $address }"; fi ;;
    *) die "registry start|stop|deny NODE|allow NODE" ;;
  esac
}

blob_push() {      # blob_push NAME FILE: uploads it and prints its digest
  local digest location
  digest=sha256:$(sha256sum "$2" | cut -d' ' -f1)
  if ! curl -fsSI -o /dev/null "http://$LAB_REGISTRY/v2/$1/blobs/$digest" 2>/dev/null; then
    location=$(curl -fsS -X POST -D - -o /dev/null "http://$LAB_REGISTRY/v2/$1/blobs/uploads/" |
      sed -nE 's/^[Ll]ocation: ([^\r]*)\r?$/\1/p')
    curl -fsS -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$2" "$location&digest=$digest" >/dev/null
  fi
  echo "$digest"
}

layer_file() {     # the images' one layer, made once per lab: the same bytes each time
  local tar=$LAB_STATE/registry/layer.tar tree applet
  if [[ ! -e $tar.gz ]]; then
    tree=$(mktemp -d); mkdir -p "$tree"/{bin,www,tmp,etc,proc,sys,dev}
    cp "$(command -v busybox)" "$tree/bin/busybox"
    for applet in $LAB_APPLETS; do ln -s busybox "$tree/bin/$applet"; done
    install -m755 "$LAB_HOME/image/serve" "$tree/bin/serve"
    echo 'root:x:0:0:root:/:/bin/sh' >"$tree/etc/passwd"
    chmod 755 "$tree"; chmod 1777 "$tree/tmp"
    tar -C "$tree" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$tar" .
    gzip -n <"$tar" >"$tar.gz.part"; mv "$tar.gz.part" "$tar.gz"; rm -rf "$tree"
  fi
  echo "$tar"
}

image_push() {     # image_push NAME TAG [MODE [HEALTH]]
  local mode=${3:-healthy} health=${4:-check}
  image_put "$1" "$2" "$(layer_file)" "$(jq -cn --arg version "$2" --arg mode "$mode" --arg health "$health" '
    { Env: ["PATH=/bin", "VERSION=" + $version, "MODE=" + $mode], Cmd: ["/bin/serve"],
      ExposedPorts: { "8080/tcp": {} }, Labels: { "org.opencontainers.image.version": $version } }
    + if $health == "none" then {} else { Healthcheck: {
        Test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/health"],
        Interval: 2000000000, Timeout: 10000000000, Retries: (if $mode == "sick" then 2 else 5 end),
        StartPeriod: (if $health == "patient" then 60000000000 else 0 end) } } end')"
}

image_put() {      # image_put NAME TAG TAR CONFIG: one layer (TAR, and TAR.gz beside it) and what a container of it is told
  local name=$1 tag=$2 tar=$3 config layer_digest config_digest machine
  case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
  config=$(mktemp)
  jq -cn --arg machine "$machine" --argjson config "$4" --arg layer "sha256:$(sha256sum "$tar" | cut -d' ' -f1)" '
    { architecture: $machine, os: "linux", created: "2024-01-01T00:00:00Z", config: $config,
      rootfs: { type: "layers", diff_ids: [$layer] },
      history: [{ created: "2024-01-01T00:00:00Z", created_by: "lab image" }] }' >"$config"
  layer_digest=$(blob_push "$name" "$tar.gz"); config_digest=$(blob_push "$name" "$config")
  jq -cn --arg config "$config_digest" --argjson size "$(stat -c %s "$config")" \
    --arg layer "$layer_digest" --argjson layer_size "$(stat -c %s "$tar.gz")" '
    { schemaVersion: 2, mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: { mediaType: "application/vnd.docker.container.image.v1+json", size: $size, digest: $config },
      layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", size: $layer_size, digest: $layer }] }' |
    curl -fsS -X PUT -H 'Content-Type: application/vnd.docker.distribution.manifest.v2+json' --data-binary @- \
      "http://$LAB_REGISTRY/v2/$name/manifests/$tag" >/dev/null || die "the registry refused $name:$tag"
  rm -f "$config"
}

images_up() {
  local entry tag mode health present
  present=$(curl -fsS "http://$LAB_REGISTRY/v2/demo/tags/list" 2>/dev/null | jq -r '.tags[]?' || true)
  for entry in $LAB_IMAGES; do
    IFS=: read -r tag mode health <<<"$entry"
    grep -qx "$tag" <<<"$present" || image_push demo "$tag" "$mode" "$health"
  done
}
