#!/bin/sh
# Formats the TypeScript and JSON files, and mends what the linter can mend safely.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
. scripts/environment.sh
exec biome check --write .
