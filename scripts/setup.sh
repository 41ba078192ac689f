#!/bin/sh
# Makes a checkout ready to run: Debian packages, npm packages, the native launcher, the bundled program.
# Usage: setup.sh [demo|test|bench]: also asks for what those need.
#
# Each step is skipped while the content of its inputs is what it was when the step last succeeded. A stamp is written
# after the step, so an interrupted step is done again; two set-ups at once take turns.
set -eu
cd "$(dirname "$0")/.."
purpose=${1-setup}

say() { echo "setup: $*" >&2; }
fail() {
  echo "setup: $1" >&2
  echo "  $2" >&2
  exit 1
}

# --- Debian packages ---------------------------------------------------------------------------------------------

present() {
  case $1 in
  /*) for file in $1; do [ -e "$file" ] && return 0; done; return 1 ;;
  *) command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] ;;
  esac
}

missing_packages() {
  while read -r package shown_by needed_for; do
    case $package in '' | '#'*) continue ;; esac
    case ,$needed_for, in *,setup,* | *,"$purpose",*) ;; *) continue ;; esac
    present "$shown_by" || printf ' %s' "$package"
  done <scripts/debian-packages.txt
}

install_packages() {
  command_line="apt-get install -y --no-install-recommends$1"
  if [ "$(id -u)" != 0 ]; then
    fail "missing on this machine:$1" "run: sudo $command_line    (or your distribution's packages of that purpose)"
  fi
  command -v apt-get >/dev/null 2>&1 ||
    fail "missing on this machine:$1" "install your distribution's packages of that purpose, then run this again"
  say "installing:$1"
  # A service that a package brings (sshd) must not start only because the demo uses its program.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  # shellcheck disable=SC2086
  { DEBIAN_FRONTEND=noninteractive $command_line || { apt-get update && DEBIAN_FRONTEND=noninteractive $command_line; }; } \
    >&2 </dev/null || fail "apt-get could not install:$1" "run: apt-get update && $command_line"
}

# --- stamps ------------------------------------------------------------------------------------------------------

# Prints one hash over the names and contents of files.
digest() { sha256sum "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }
dependencies_digest() { digest package-lock.json; }
native_digest() { find native -path native/build -prune -o -type f -print | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum; }
program_digest() {
  { find src -name '*.ts' ! -name '*.test.ts' -print; find rules claims -type f; echo scripts/build.ts; echo scripts/rules.ts; echo scripts/proofs.ts; echo scripts/sources.ts; echo scripts/setup.sh; echo package-lock.json; echo package.json; } |
    LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum
}
fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
stamp() {
  printf '%s\n' "$2" >"$1.$$"
  mv -f "$1.$$" "$1"
}

# --- steps -------------------------------------------------------------------------------------------------------

# `npm ci` would refuse a lock file that does not name the packages of every other platform, which a registry that
# lacks some of them cannot fill in; `npm install --no-save` takes exactly the locked versions too and leaves the file alone.
# Without a stamp the folder is the rest of an install that was interrupted, or somebody else's: it is made anew.
install_dependencies() {
  say "installing npm packages"
  [ -f node_modules/.ringfence-stamp ] || rm -rf node_modules
  rm -f node_modules/.ringfence-stamp
  npm install --no-save --include=dev --include=optional --no-audit --no-fund --no-update-notifier --loglevel=error >&2 </dev/null ||
    fail "npm could not install the packages" "see its messages above; which registry it asks: npm config get registry"
  stamp node_modules/.ringfence-stamp "$(dependencies_digest)"
}

check_node() {
  version=$(node -p 'process.versions.node' 2>/dev/null) || version=none
  [ "${version%%.*}" -ge 24 ] 2>/dev/null ||
    fail "Node 24 or newer is needed, found: $version" "run: npm ci --include=optional, or install Node 24"
}

build_native() {
  say "building the native launcher"
  make -s -C native >&2 || fail "the native launcher did not build" "see the compiler's messages above"
  case $(uname -m) in x86_64) machine=x64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
  mkdir -p "dist/native/linux-$machine"
  cp native/build/ringfence-cell "dist/native/linux-$machine/.ringfence-cell.$$"
  mv -f "dist/native/linux-$machine/.ringfence-cell.$$" "dist/native/linux-$machine/ringfence-cell"
}

build_program() {
  say "building the program"
  node --disable-warning=ExperimentalWarning scripts/build.ts >&2 || fail "the program did not build" "see the messages above"
  node dist/cli.js man >"dist/.ringfence.1.$$" && mv -f "dist/.ringfence.1.$$" dist/ringfence.1 ||
    fail "the program was built but does not start" "run: node dist/cli.js man"
  node scripts/proofs.ts >&2 || fail "a filter is not what its policy says" "see the message above: the compiler of filters is wrong"
}

all_steps() {
  if ! fresh node_modules/.ringfence-stamp "$(dependencies_digest)"; then install_dependencies; fi
  . scripts/environment.sh
  if [ ! -d dist ]; then mkdir -p dist; fi
  if ! fresh dist/.native-stamp "$(native_digest)"; then
    inputs=$(native_digest)
    build_native
    stamp dist/.native-stamp "$inputs"
  fi
  if ! fresh dist/.program-stamp "$(program_digest)"; then
    inputs=$(program_digest)
    check_node
    build_program
    stamp dist/.program-stamp "$inputs"
  fi
}

needed=$(missing_packages)
[ -z "$needed" ] || install_packages "$needed"
# The lock is on this very file, so that it leaves nothing behind. It is not inherited by what outlives the set-up.
exec 9<"scripts/setup.sh"
flock 9 || fail "could not take the set-up's lock" "is another set-up stuck? flock is in Debian's util-linux"
all_steps 9<&-
