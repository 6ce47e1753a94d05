#!/usr/bin/env bash
# Tries the two commands where nothing is installed: a Debian 12 with apt and this machine's Node, and no more.
# In it `npm test` and `npm start` each run in a fresh clone of the last commit. Needs root and debootstrap, and
# about ten minutes; not part of `npm test`.
#
#   tools/try-in-chroot.sh [--keep] [folder]     default folder: /var/tmp/mediaswitch-chroot
set -euo pipefail
cd "$(dirname "$0")/.."
readonly repository=$PWD
# shellcheck source=tools/bare-debian.sh
. tools/bare-debian.sh

keep=
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
chroot=${1:-/var/tmp/mediaswitch-chroot}
readonly test_seconds=2400
readonly start_seconds=900

switch_pid=
clean_up() {
  [ -z "$switch_pid" ] || kill "$switch_pid" 2>/dev/null || true
  if [ -z "$keep" ]; then
    remove_bare_debian
  else
    if mountpoint -q "$chroot/proc"; then umount "$chroot/proc"; fi
    echo "kept: $chroot"
  fi
}
# It is not ours to remove before we made it.
[ ! -e "$chroot" ] || fail "$chroot is there already; remove it first"
trap clean_up EXIT
make_bare_debian "$chroot"

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
