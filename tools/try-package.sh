#!/usr/bin/env bash
# Tries the npm package where nothing is installed: a Debian 12 with this machine's Node, and no compiler. It is installed with
# and without its install script and answers a call each time; then once more with its prebuilt addon taken out, after
# what the source build needs has been installed. Needs root, debootstrap, sipp, and about ten minutes; not part of
# `npm test`.
#
#   tools/try-package.sh [--keep] [tarball]     without a tarball it makes one
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/bare-debian.sh
. tools/bare-debian.sh

keep=
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
work=$(mktemp -d /var/tmp/mediaswitch-package.XXXXXX)
chroot=$work/debian
switch_pid=
clean_up() {
  [ -z "$switch_pid" ] || kill "$switch_pid" 2>/dev/null || true
  if [ -n "$keep" ]; then
    if mountpoint -q "$chroot/proc"; then umount "$chroot/proc"; fi
    echo "kept: $work"
  else
    remove_bare_debian
    rm -rf "$work"
  fi
}
trap clean_up EXIT

command -v sipp >/dev/null || fail "sipp is missing: apt-get install sip-tester"
tarball=${1:-}
if [ -z "$tarball" ]; then
  say "npm pack"
  npm pack --silent --pack-destination "$work" | tail -1
  tarball=$(ls "$work"/mediaswitch-*.tgz)
fi
say "$(basename "$tarball"): $(stat -c %s "$tarball") octets, $(tar -tzf "$tarball" | wc -l) files"

make_bare_debian "$chroot"
cp "$tarball" "$chroot/root/mediaswitch.tgz"
cp tools/try-installed.mjs "$chroot/root/"

# Installs a tarball in a fresh folder, and has it answer a call. The rest are npm's options.
try_install() {
  local folder=$1 package=$2
  shift 2
  inside mkdir "/root/$folder"
  inside sh -c "cd /root/$folder && npm init --yes >/dev/null 2>&1 && npm install --no-audit --no-fund $* /root/$package" 2>&1 |
    grep -v '^npm warn Unknown' || true
  inside sh -c "cd /root/$folder && npx mediaswitch --help" >"$work/help.txt"
  head -3 "$work/help.txt"
  inside node /root/try-installed.mjs "/root/$folder"
}

say "npm install, without its install script, no compiler"
try_install without-scripts mediaswitch.tgz --ignore-scripts

say "npm install, no compiler"
try_install with-scripts mediaswitch.tgz
[ ! -e "$chroot/root/with-scripts/node_modules/mediaswitch/build" ] || fail "it was built although the prebuilt addon loads"

say "the package's example answer.ts, called by sipp from outside"
readonly sip_port=35060
# Not by `inside`: of a function in the background $! is a shell's, which does not pass on signals.
env -i "${environment[@]}" chroot "$chroot" sh -c "cd /root/with-scripts && cp node_modules/mediaswitch/examples/answer.ts . &&
  exec node_modules/.bin/mediaswitch start answer.ts --sip-address 127.0.0.1 --sip-port $sip_port --media-address 127.0.0.1 \
    --trust 127.0.0.1/32 --ports 33000-33099 --sip-http-port 39000 --control-http-port 39001 --rtp-http-port 39002" \
  </dev/null >"$work/switch.log" 2>&1 &
switch_pid=$!
for ((attempt = 0; attempt < 60; attempt++)); do
  grep -q 'mediaswitch is running' "$work/switch.log" && break
  sleep 0.5
done
(cd "$work" && timeout 60 sipp -sn uac -i 127.0.0.1 -m 3 -r 1 -d 1000 "127.0.0.1:$sip_port" -nostdin >sipp.log 2>&1) || {
  cat "$work/switch.log"
  tail -40 "$work/sipp.log"
  fail "sipp's calls were not answered"
}
grep -E 'Successful call|Failed call' "$work/sipp.log" | tail -2
kill -TERM "$switch_pid"
wait "$switch_pid" || fail "the switch ended with $? after SIGTERM"
switch_pid=

say "the same package without its prebuilt addon, no compiler: the install says what is missing"
mkdir "$work/unpacked"
tar -xzf "$tarball" -C "$work/unpacked"
rm -r "$work/unpacked/package/prebuilds"
tar -czf "$chroot/root/source-only.tgz" -C "$work/unpacked" package
inside mkdir /root/refused
if inside sh -c 'cd /root/refused && npm init --yes >/dev/null 2>&1 && npm install /root/source-only.tgz' >"$work/refused.log" 2>&1; then
  fail "npm install succeeded without an addon and without a compiler"
fi
grep -o 'mediaswitch: the native addon.*' "$work/refused.log" | head -1 || fail "it did not say what is missing"

say "the same with a compiler: built from the package's sources"
inside sh -c 'apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
  g++ cmake make pkg-config libboost-dev libspandsp-dev >/dev/null 2>&1'
try_install from-source source-only.tgz
[ -e "$chroot/root/from-source/node_modules/mediaswitch/build/Release/mediaswitch.node" ] || fail "nothing was built"

say "the package works on a bare Debian 12"
