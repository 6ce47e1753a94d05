# shellcheck shell=bash
# A Debian 12 with apt and this machine's Node, and no more, in a folder. To be sourced, with `set -euo pipefail`.
# Needs root and debootstrap.
#
#   make_bare_debian <folder>     makes it; a call of remove_bare_debian undoes it
#   inside <command …>            runs a command in it, with a login's bare environment and what the network needs

say() { printf '\n--- %s\n' "$*"; }
fail() {
  printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
  exit 1
}

make_bare_debian() {
  chroot=$1
  local release=bookworm mirror npm_folder file key value name
  [ "$(id -u)" -eq 0 ] || fail "run this as root"
  command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
  [ ! -e "$chroot" ] || fail "$chroot is there already; remove it first"

  # The mirror and what apt needs to reach it are this machine's.
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 2>/dev/null |
    awk -v release="$release" '$2 == release { print $1; exit }')
  mirror=${mirror:-http://deb.debian.org/debian}

  say "Debian 12 from $mirror"
  timeout 1800 debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$release" "$chroot" "$mirror" |
    grep -E '^[EW]:' || true
  [ -x "$chroot/usr/bin/apt-get" ] || fail "debootstrap did not end well; see $chroot/debootstrap/debootstrap.log"
  apt-config dump | grep -E '^Acquire::(https?|Retries|ForceIPv[46])' >"$chroot/etc/apt/apt.conf.d/99host" || true
  if [ -e /etc/apt/sources.list.d/debian.sources ]; then
    rm -f "$chroot/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$chroot/etc/apt/sources.list.d/"
  elif [ -s /etc/apt/sources.list ]; then
    cp /etc/apt/sources.list "$chroot/etc/apt/sources.list"
  fi
  for file in /etc/resolv.conf /etc/hosts; do cp -L "$file" "$chroot$file"; done
  # Certificates of a proxy that this machine trusts.
  cp -L /etc/ssl/certs/ca-certificates.crt "$chroot/etc/ssl/certs/ca-certificates.crt"

  say "Node $(node --version), npm $(npm --version 2>/dev/null)"
  cp "$(readlink -f "$(command -v node)")" "$chroot/usr/local/bin/node"
  npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$chroot/usr/local/lib/node_modules"
  cp -a "$npm_folder" "$chroot/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$chroot/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$chroot/usr/local/bin/npx"
  for key in registry proxy https-proxy noproxy cafile; do
    value=$(npm config get "$key" --location=user 2>/dev/null)
    case $value in
    '' | null | undefined) continue ;;
    esac
    echo "$key=$value" >>"$chroot/root/.npmrc"
    if [ "$key" = cafile ] && [ ! -e "$chroot$value" ]; then install -D "$value" "$chroot$value"; fi
  done

  mount -t proc proc "$chroot/proc"

  environment=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb)
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY NODE_EXTRA_CA_CERTS SSL_CERT_FILE; do
    [ -z "${!name:-}" ] || environment+=("$name=${!name}")
  done

  for name in g++ cmake make python3 git sipp baresip; do
    inside sh -c "command -v $name" >/dev/null && fail "$name is in the chroot: that is not a bare machine"
  done
  return 0
}

inside() { env -i "${environment[@]}" chroot "$chroot" "$@"; }

remove_bare_debian() {
  if mountpoint -q "$chroot/proc"; then umount "$chroot/proc"; fi
  rm -rf --one-file-system "$chroot"
}
