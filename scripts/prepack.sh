#!/bin/sh
# Before the package is packed: a complete build, without the chunks of earlier ones.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
. scripts/environment.sh
node scripts/proofs.ts all
for chunk in dist/chunks/*; do
  grep -qF "\"chunks/${chunk##*/}\"" dist/.chunks.json || rm -f "$chunk"
done
