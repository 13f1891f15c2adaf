# What the machine itself must have, and where its packages come from. The machine's own
# apt configuration is asked at run time: no host name is written down anywhere.

# command:package. What is missing is installed by `lab up`; nothing that starts a service.
LAB_TOOLS="unshare:util-linux mmdebstrap:mmdebstrap nft:nftables ip:iproute2 ssh:openssh-client
  busybox:busybox-static curl:curl jq:jq mkfs.ext4:e2fsprogs python3:python3 flock:util-linux"

apt_get() {
  DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

packages_missing() {
  local entry
  for entry in $LAB_TOOLS; do command -v "${entry%%:*}" >/dev/null || echo "${entry#*:}"; done | sort -u
}

packages_up() {    # fails when there was nothing to install
  local missing updated=""; mapfile -t missing < <(packages_missing)
  if (( ${#missing[@]} )); then
    say "installing ${missing[*]}"
    apt_get update || die "apt-get update failed"
    updated=yes
    apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null || die "apt-get install ${missing[*]} failed"
  fi
  apt_own >/dev/null   # here and not in a subshell, so that it is asked once
  if [[ -z $APT_OWN && -z $updated ]]; then
    apt_get update || die "apt-get update failed"
    apt_own >/dev/null
  fi
  [[ -n $APT_OWN ]] || die "apt has no Debian or Ubuntu package source: set one up under /etc/apt"
  (( ${#missing[@]} ))
}

# "ORIGIN URI RELEASE" of the distribution's own sources (third parties are left out).
apt_own() {
  if [[ -z ${APT_OWN:-} ]]; then
    # shellcheck disable=SC2016 # apt fills these in
    APT_OWN=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
      awk '$1 == "Debian" || $1 == "Ubuntu"' | sort -u)
  fi
  printf '%s' "${APT_OWN:+$APT_OWN$'\n'}"
}
apt_origin() { apt_own | awk 'NR == 1 {origin = $1} END {print origin}'; }

# The releases. Debian: nodes are trixie (engine 26.1); the engine alone may come from a later
# release; an older one (bookworm, 20.10) brings its own base. Ubuntu: the machine's release.
suites_settle() {
  if [[ -z $LAB_SUITE || -z $LAB_ENGINE_SUITE ]]; then
    local base=trixie
    apt_own >/dev/null   # here and not in a subshell, so that it is asked once
    if [[ $(apt_origin) == Ubuntu ]]; then
      base=$(apt_own | awk '$3 !~ /-/ {release = $3} END {print release}')
    elif [[ $LAB_ENGINE_SUITE == bookworm ]]; then
      base=bookworm
    fi
    : "${LAB_SUITE:=$base}"
    : "${LAB_ENGINE_SUITE:=$LAB_SUITE}"
  fi
  HOST_LAYER=$LAB_CACHE/$LAB_SUITE/host
  ENGINE_LAYER=$LAB_CACHE/$LAB_SUITE/engine-$LAB_ENGINE_SUITE
  DEBS=$LAB_CACHE/$LAB_SUITE/debs
}

apt_uris() {       # "URI SUITE" lines for suite $1
  apt_own | awk -v suite="$1" '
    $3 !~ /-/         { main = $2 }
    $3 ~ /-security$/ { security = $2 }
    $3 ~ /-updates$/  { updates = $2 }
    END {
      print main, suite
      if (suite ~ /^(sid|forky|testing|unstable)$/) exit   # these have no such pockets
      if (security != "") print security, suite "-security"
      if (updates != "") print updates, suite "-updates"
    }'
}

apt_sources() {    # a sources.list for the suites given
  local suite uri release keyring=/usr/share/keyrings/debian-archive-keyring.gpg components=main
  if [[ $(apt_origin) == Ubuntu ]]; then
    keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg; components="main universe"
  fi
  for suite in "$@"; do
    apt_uris "$suite" | while read -r uri release; do
      echo "deb [signed-by=$keyring] $uri $release $components"
    done
  done
}

apt_hosts() {      # "ADDRESS NAME" of each package host (or proxy) this machine's apt uses
  local name
  { apt_uris "$LAB_SUITE" | awk '{print $1}'
    apt-config dump | sed -nE 's/^Acquire::https?::Proxy "(.+)";/\1/p'
  } | sed -E 's#^[a-z]+://([^/@]*@)?([^/:]+).*#\2#' | sort -u | while read -r name; do
    getent ahostsv4 "$name" | awk -v name="$name" '$2 == "STREAM" {print $1, name}' || true
  done
}

apt_write() {      # apt_write ROOT SUITE...: sources and proxy for a node
  local root=$1; shift
  mkdir -p "$root/etc/apt/apt.conf.d"
  apt_sources "$@" >"$root/etc/apt/sources.list"
  { apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-)' || true
    printf 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\nDPkg::Lock::Timeout "60";\n'
  } >"$root/etc/apt/apt.conf.d/90lab"
}
