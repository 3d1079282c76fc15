#!/bin/sh
# Fails if a server's memory or disk is fuller than PERCENT: alarm.sh PERCENT DISK_BYTES HOST:PORT...
# When the memory is full, enrolments are refused; when the disk is, nothing is acknowledged any more. A rewrite of the
# append-only file needs room for the memory's content once more, so this counts as used.
set -eu
percent=$1 disk=$2 is_full=no
shift 2
for server; do
  info=$(${REDIS_CLI:-sh /config/cli.sh} -h "${server%:*}" -p "${server##*:}" info everything | tr -d '\r')
  fact() { echo "$info" | sed -n "s/^$1://p"; }
  memory=$(fact used_memory) most=$(fact maxmemory) file=$(fact aof_current_size)
  [ "$most" -gt 0 ] || { echo "$server has no maxmemory." >&2 && exit 1; }
  in_memory=$((100 * memory / most)) on_disk=$((100 * (file + memory) / disk))
  echo "$server: $in_memory % of its memory, $on_disk % of its disk"
  if [ $in_memory -ge "$percent" ] || [ $on_disk -ge "$percent" ]; then is_full=yes; fi
done
[ $is_full = no ] || { echo "A server is nearly full: add memory and disk, or servers." >&2 && exit 1; }
