#!/bin/sh
# Gives a command an outside of its own (outside.ts), in new mount and network namespaces. FOLDER holds `attempts`, the
# matrix's program, which knows how to set up a loopback device. usage: outside.sh FOLDER NODE COMMAND...
set -eu
folder=$1 node=$2
shift 2
"$folder/attempts" network 198.51.100.10
echo 'nameserver 127.0.0.1' > "$folder/resolv.conf"
mount --bind "$folder/resolv.conf" /etc/resolv.conf
"$node" "${0%/*}/outside.ts" "$folder" > "$folder/outside.log" 2>&1 < /dev/null &
outside=$!
trap 'kill $outside' EXIT
tries=0
until [ -e "$folder/ready" ]; do
  tries=$((tries + 1))
  [ $tries -le 300 ] && kill -0 $outside || { cat "$folder/outside.log" >&2; exit 99; }
  sleep 0.1
done
setpriv --inh-caps=-all --ambient-caps=-all -- "$@"
