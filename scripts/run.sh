#!/bin/sh
# Sets up what a purpose needs, then runs a TypeScript program with the project's own Node.
# Usage: run.sh PURPOSE FILE [ARG...]
set -eu
cd "$(dirname "$0")/.."
purpose=$1
shift
sh scripts/setup.sh "$purpose"
. scripts/environment.sh
exec node "$@"
