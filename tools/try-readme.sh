#!/usr/bin/env bash
# Executes the blocks of README.md word for word where nothing is installed: a Debian 12 with apt and this machine's Node. The
# package: installed, the demo within 60 s. A fresh clone: within 3 minutes baresip is registered and answered by the script
# that the README shows; then the recording is found and a failed call explained. Needs root, debootstrap and about five minutes;
# not part of `npm test`.
#
#   tools/try-readme.sh [--keep]
set -euo pipefail
cd "$(dirname "$0")/.."
readonly repository=$PWD
# shellcheck source=tools/bare-debian.sh
. tools/bare-debian.sh

keep=
[ "${1:-}" = --keep ] && keep=yes
work=$(mktemp -d /var/tmp/mediaswitch-readme.XXXXXX)
chroot=$work/debian
started=()
clean_up() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  if [ -n "$keep" ]; then
    if mountpoint -q "$chroot/proc"; then umount "$chroot/proc"; fi
    echo "kept: $work"
  else
    remove_bare_debian
    rm -rf "$work"
  fi
}
trap clean_up EXIT

readonly demo_seconds=60
readonly phone_seconds=180

block() { node tools/readme-block.mjs "$@"; }
since() { echo $(($(date +%s) - $1)); }

say "npm pack"
npm pack --silent --pack-destination "$work" | tail -1
tarball=$(ls "$work"/mediaswitch-*.tgz)
make_bare_debian "$chroot"

say "the package, from a registry that has it"
node tools/local-registry.mjs "$tarball" "$(npm config get registry)" >"$work/registry.url" &
started+=($!)
for ((attempt = 0; attempt < 300; attempt++)); do
  [ -s "$work/registry.url" ] && break
  sleep 0.1
done
url=$(cat "$work/registry.url")
[ -n "$url" ] || fail "the registry did not start"
mapfile -t lines < <(block package)
[ "${#lines[@]}" -eq 2 ] || fail "the block of the package is not two lines: one that installs, one that runs"
inside mkdir /root/package
echo "\$ ${lines[0]}"
inside env npm_config_registry="$url" no_proxy=127.0.0.1 NO_PROXY=127.0.0.1 sh -c "cd /root/package && ${lines[0]}"
echo "\$ ${lines[1]}"
begun=$(date +%s)
inside timeout "$demo_seconds" sh -c "cd /root/package && ${lines[1]}" </dev/null || fail "the demo ended with $? (124: not within $demo_seconds s)"
echo "the demo took $(since "$begun") s"

say "a phone: baresip"
inside sh -c 'apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends baresip-core >/dev/null 2>&1'
# There is no sound card here: it hears and says nothing of its own.
inside sh -c 'mkdir -p /root/.baresip && printf "%s\n" "audio_source aufile,/root/said.wav" "audio_player aufile,/root/heard.wav" \
  "module_path /usr/lib/baresip/modules" "module stdio.so" "module g711.so" "module aufile.so" "module_tmp account.so" "module_app menu.so" >/root/.baresip/config'
node tools/readme-block.mjs first ts >"$work/my-script.ts"

say "a fresh clone, the script that the README shows, a phone"
begun=$(date +%s)
git clone --quiet "file://$repository" "$chroot/root/clone"
cp "$work/my-script.ts" "$chroot/root/clone/"
# Each line with the seconds since the clone; what tools of others say is kept for the case of a failure.
inside sh -c 'cd /root/clone && npm run --silent setup' </dev/null 2>&1 | while IFS= read -r line; do
  echo "$(since "$begun") s: $line"
done >"$work/setup.log" || {
  cat "$work/setup.log"
  fail "the set-up failed"
}
grep -E '^[0-9]+ s: (\[|mediaswitch: )' "$work/setup.log"
echo "set up after $(since "$begun") s"
inside node /root/clone/dist/cli.js tone '300*0.5:2000' /root/said.wav
echo "\$ $(block script)"
env -i "${environment[@]}" chroot "$chroot" sh -c "cd /root/clone && exec $(block script)" </dev/null >"$work/switch.log" 2>&1 &
switch_pid=$!
started+=("$switch_pid")
for ((attempt = 0; attempt < 120; attempt++)); do
  grep -q 'mediaswitch is running' "$work/switch.log" 2>/dev/null && break
  kill -0 "$switch_pid" 2>/dev/null || break
  sleep 0.25
done
block phone
inside env LOGNAME=root sh -c "$(block phone)" </dev/null >"$work/phone.log" 2>&1 || true
grep -qi 'established' "$work/phone.log" || {
  cat "$work/switch.log" "$work/phone.log"
  fail "baresip's call was not answered"
}
taken=$(since "$begun")
grep -E '200 OK .*\[1 binding\]' "$work/phone.log" || fail "baresip did not register"
grep -i 'established' "$work/phone.log"
[ "$taken" -le "$phone_seconds" ] || fail "that took $taken s, more than $phone_seconds"
echo "answered within $taken s of the clone"

say "the recording, and why a call failed"
mapfile -t lines < <(block look)
[ "${#lines[@]}" -eq 3 ] || fail "the block that looks is not three lines: a recording, a call that fails, its trace"
for line in "${lines[@]}"; do
  echo "\$ $line"
  # A call that fails says so by its exit code.
  inside sh -c "cd /root/clone && $line" </dev/null 2>&1 | tee "$work/look.log" || true
done
grep -q '1002' "$work/look.log" || fail "the trace does not tell of the call"
grep -qi 'registered' "$work/look.log" || fail "the trace does not say why the call failed"
inside test -s /root/clone/600.wav || fail "there is no recording"
kill -TERM "$switch_pid"
wait "$switch_pid" || fail "the switch ended with $? after SIGTERM"
say "the README's blocks work on a bare Debian 12"
