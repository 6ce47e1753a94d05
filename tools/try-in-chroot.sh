#!/usr/bin/env bash
# Tries the two commands where nothing is installed: a Debian 12 with apt and this machine's Node, and no more.
# In it `npm test` and `npm start` each run in a fresh clone of the last commit. Needs root and debootstrap, and
# about ten minutes; not part of `npm test`.
#
#   tools/try-in-chroot.sh [--keep] [folder]     default folder: /var/tmp/mediaswitch-chroot
set -euo pipefail
cd "$(dirname "$0")/.."
readonly repository=$PWD

keep=
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
readonly chroot=${1:-/var/tmp/mediaswitch-chroot}
readonly release=bookworm
readonly test_seconds=2400
readonly start_seconds=900

say() { printf '\n--- %s\n' "$*"; }
fail() {
  printf 'try-in-chroot: %s\n' "$*" >&2
  exit 1
}
[ "$(id -u)" -eq 0 ] || fail "run this as root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
[ ! -e "$chroot" ] || fail "$chroot is there already; remove it first"

switch_pid=
clean_up() {
  [ -z "$switch_pid" ] || kill "$switch_pid" 2>/dev/null || true
  if mountpoint -q "$chroot/proc"; then umount "$chroot/proc"; fi
  if [ -z "$keep" ]; then rm -rf --one-file-system "$chroot"; else echo "kept: $chroot"; fi
}
trap clean_up EXIT

# The mirror and what apt needs to reach it are this machine's.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 2>/dev/null |
  awk -v release="$release" '$2 == release { print $1; exit }')
readonly mirror=${mirror:-http://deb.debian.org/debian}

say "Debian 12 from $mirror"
timeout 900 debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$release" "$chroot" "$mirror" |
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

# A login's bare environment, and what is needed to reach the network from here.
environment=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb)
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY NODE_EXTRA_CA_CERTS SSL_CERT_FILE; do
  [ -z "${!name:-}" ] || environment+=("$name=${!name}")
done
inside() { env -i "${environment[@]}" chroot "$chroot" "$@"; }

for tool in g++ cmake make python3 git sipp baresip; do
  inside sh -c "command -v $tool" >/dev/null && fail "$tool is in the chroot: that is not a bare machine"
done

say "npm test in a fresh clone"
git clone --quiet "file://$repository" "$chroot/root/tested"
inside env CI=true timeout "$test_seconds" sh -c 'cd /root/tested && exec npm test' </dev/null

say "npm start in a fresh clone"
git clone --quiet "file://$repository" "$chroot/root/started"
readonly log=$chroot/root/start.log
readonly told='^Register two phones at '
env -i "${environment[@]}" chroot "$chroot" sh -c 'cd /root/started && exec npm start' </dev/null >"$log" 2>&1 &
switch_pid=$!
for ((second = 0; second < start_seconds; second++)); do
  grep -q "$told" "$log" && break
  kill -0 "$switch_pid" 2>/dev/null || break
  sleep 1
done
cat "$log"
grep -q "$told" "$log" || fail "npm start did not tell how to register a phone"
kill -TERM "$switch_pid"
code=0
wait "$switch_pid" || code=$?
switch_pid=
[ "$code" -eq 0 ] || fail "npm start ended with $code after SIGTERM"

say "both commands work on a bare Debian 12"
