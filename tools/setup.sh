#!/usr/bin/env bash
# Makes a fresh clone ready: system packages, npm packages, native addon, TypeScript. Does only what is missing
# or out of date, so it can run before every start and every test; npm does that (prestart, pretest).
#
#   tools/setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-}
case $purpose in
run | test) ;;
*)
  echo "usage: tools/setup.sh run|test" >&2
  exit 2
  ;;
esac

readonly STEPS=4
step() { printf '[%d/%d] %s (%d s)\n' "$1" "$STEPS" "$2" "$SECONDS"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# --- what the system has to have: one Debian package a line, and how to tell that it is there

check_compiler() { has c++ || has g++; }
check_generator() { has ninja || has make; }
has_header() { compgen -G "/usr/include/$1" || compgen -G "/usr/include/*-linux-*/$1" || compgen -G "/usr/local/include/$1"; } >/dev/null
check_boost() { [ -e "${BOOST_ROOT:-/nowhere}/include/boost/asio.hpp" ] || has_header boost/asio.hpp; }
check_fuzzer() { compgen -G "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer*.a" >/dev/null; }
check_kamailio() { has kamailio || [ -x /usr/sbin/kamailio ]; }
check_chromium() { has chromium || has chromium-headless-shell; }
is_debian() { grep -qs '^ID=debian$' /etc/os-release; }
check_clang_format() { has clang-format-14 || has clang-format; }

missing_packages() {
  check_compiler || echo g++
  has cmake || echo cmake
  check_generator || echo ninja-build
  has pkg-config || echo pkg-config
  check_boost || echo libboost-dev
  has_header spandsp.h || echo libspandsp-dev
  [ "$purpose" = test ] || return 0
  has ninja || echo ninja-build
  has_header doctest/doctest.h || echo doctest-dev
  check_clang_format || echo clang-format-14
  has clang++-14 || has clang++ || echo clang-14
  check_fuzzer || echo libclang-rt-14-dev
  has sipp || echo sip-tester
  has baresip || echo baresip-core
  has espeak-ng || echo espeak-ng
  has sox || echo sox
  has ffmpeg || echo ffmpeg
  check_kamailio || echo kamailio
  has sipsak || echo sipsak
  # Tests do without these two elsewhere. The browser is its smallest package (some 100 MB to fetch), which has no window.
  ! is_debian || has linphonec || echo linphone-cli
  ! is_debian || check_chromium || echo chromium-headless-shell
  # Recordings; packaged by Debian alone, and tests do without them elsewhere.
  ! has apt-get || [ -d /usr/share/asterisk/sounds/en_US_f_Allison ] || echo asterisk-core-sounds-en-g722
}

other_systems() {
  cat >&2 <<TEXT
setup: this is not Debian or Ubuntu, so please install what is missing here: $*
  Fedora:  sudo dnf install gcc-c++ cmake ninja-build pkgconf-pkg-config boost-devel spandsp-devel
           for tests also: doctest-devel clang clang-tools-extra compiler-rt sipp baresip espeak-ng sox ffmpeg kamailio sipsak
TEXT
  exit 1
}

# Sets `as_root` to what has to stand before a command that changes the system; asks first where that is sudo.
ask_for_root() {
  as_root=()
  [ "$(id -u)" -eq 0 ] && return
  if ! has sudo || ! [ -t 0 ]; then
    echo "setup: system packages are missing; as root, run:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends $*" >&2
    exit 1
  fi
  local reply
  read -r -p "      Install them with sudo apt-get? [y/N] " reply
  case $reply in
  [yY] | [yY][eE][sS]) as_root=(sudo) ;;
  *) fail "stopped; nothing was installed" ;;
  esac
}

apt_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}

install_system_packages() {
  local packages
  mapfile -t packages < <(missing_packages | sort -u)
  if [ ${#packages[@]} -eq 0 ]; then
    step 1 "system packages: all there"
    return
  fi
  step 1 "system packages: ${packages[*]}"
  has apt-get || other_systems "${packages[*]}"
  ask_for_root "${packages[@]}"
  # Package lists may be absent (containers) or older than the mirror: then the first try fails, and only then
  # are they fetched.
  if ! apt_install "${packages[@]}"; then
    echo "      fetching package lists"
    "${as_root[@]}" apt-get update
    apt_install "${packages[@]}"
  fi
  mapfile -t packages < <(missing_packages)
  [ ${#packages[@]} -eq 0 ] || fail "still missing after apt-get: ${packages[*]}"
}

# --- what is made inside the clone

# Is `stamp` there, and nothing under the other paths newer?
is_current() {
  local stamp=$1 path
  shift
  [ -e "$stamp" ] || return 1
  for path in "$@"; do
    [ -e "$path" ] || continue
    [ -z "$(find "$path" -newer "$stamp" -print -quit)" ] || return 1
  done
}

# Downloads wait for the network while the system's packages are unpacked. Scripts of packages are not run: the addon is
# built in a step of its own, and no other package needs its script.
install_npm_packages() {
  if is_current node_modules/.package-lock.json package-lock.json; then
    step 2 "npm packages: current"
    return
  fi
  npm ci --ignore-scripts --include=dev --no-fund --no-audit
  node tools/stage-ilbc.mjs
  touch node_modules/.package-lock.json
  step 2 "npm packages: installed"
}

# Tests compare it with the package's, which is linked of the same objects where spandsp's archive is there.
build_native() {
  step 3 "native addon"
  node tools/build-native.mjs
  if [ "$purpose" = test ] && compgen -G "/usr/lib/*/libspandsp.a" >/dev/null; then
    node tools/build-native.mjs --portable
  fi
}

build_typescript() {
  local stamp=dist/.current
  if is_current "$stamp" ts web tsconfig.json tools/build-page.mjs package-lock.json; then
    step 4 "TypeScript: current"
    return
  fi
  npm run --silent build:ts
  touch "$stamp"
  step 4 "TypeScript: built"
}

# Starts a function that goes on beside what follows; `join_beside` waits for it, prints what it said and stops where it
# failed.
start_beside() {
  beside_log=$(mktemp)
  # A process group of its own, so that all of it ends when this does.
  set -m
  (
    set -e
    "$@"
  ) </dev/null >"$beside_log" 2>&1 &
  beside=$!
  set +m
}

join_beside() {
  local status=0
  wait "$beside" || status=$?
  beside=
  cat "$beside_log"
  rm -f "$beside_log"
  [ "$status" -eq 0 ] || exit "$status"
}

beside=
drop_beside() {
  [ -n "$beside" ] || return 0
  kill -- "-$beside" 2>/dev/null || true
  rm -f "$beside_log"
}
trap drop_beside EXIT

has node || fail "Node.js is missing: https://nodejs.org (version 20.19 or later)"
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  fail "Node.js $(node --version) is too old: 20.19 or later is needed"

start_beside install_npm_packages
install_system_packages
join_beside
start_beside build_typescript
build_native
join_beside
