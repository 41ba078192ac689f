#!/bin/sh
# Turns fresh namespaces into the scratch host: loopback addresses, resolver, accounts, cron folder. Then drops to the
# wanted user and runs the driver. Stays as the namespace's first process so that orphans are reaped.
# usage: prepare.sh ROOT UID|- COMMAND...   (in new mount, network, pid, ipc and uts namespaces)
set -eu
root=$1 user=$2
shift 2
mount --make-rshared /
"$root/attempts" network $MATRIX_ADDRESSES
set_net() { echo "$2" > "/proc/sys/net/ipv4/$1"; }
set_net ip_unprivileged_port_start 0
set_net ping_group_range '0 2147483647' 2> /dev/null || set_net ping_group_range "$(id -g) $(id -g)" || true
set_net tcp_fastopen 3
# Process numbers of the host are far from those of a cell, so that one is not taken for the other.
echo 20000 > /proc/sys/kernel/ns_last_pid 2> /dev/null || true
mkdir -p "$root/etc"
echo 'nameserver 127.0.0.1' > "$root/etc/resolv.conf"
mount --bind "$root/etc/resolv.conf" /etc/resolv.conf
# A covered secret, for the bare form of the attempts that uncover. Its owner is set before it is covered: behind, that would be /dev/null's.
echo "rf${MATRIX_NONCE}secretZ" > "$root/covered"
[ "$user" = - ] || chown -R "$user:$user" "$root"
mount --bind /dev/null "$root/covered"
hostname rf-matrix-host 2> /dev/null || echo rf-matrix-host > /proc/sys/kernel/hostname 2> /dev/null || true
if [ -d /etc/cron.d ] && [ "$(id -u)" = 0 ]; then
  mkdir -p "$root/etc/cron.d"
  mount --bind "$root/etc/cron.d" /etc/cron.d
fi
if [ "$user" = - ]; then
  setpriv --inh-caps=-all --ambient-caps=-all -- "$@" || exit $?
else
  grep -v "^matrix:" /etc/passwd > "$root/etc/passwd"
  echo "matrix:x:$user:$user::$root/home:/bin/sh" >> "$root/etc/passwd"
  mount --bind "$root/etc/passwd" /etc/passwd
  mkdir -p "$root/home/project/.matrix"
  cp "$root/attempts" "$root/home/project/.matrix/setuid"
  chown -R "$user:$user" "$root/home" "$root/etc"
  chown 0:0 "$root/home/project/.matrix/setuid"
  chmod 4755 "$root/home/project/.matrix/setuid"
  setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all -- "$@" || exit $?
fi
