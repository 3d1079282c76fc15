#!/bin/sh
# Copies what each primary holds into FOLDER, and keeps the newest KEPT copies of it: backup.sh FOLDER KEPT HOST:PORT...
# A copy is an RDB file, of one moment of its server. It appears under its name when it is complete.
set -eu
folder=$1 kept=$2
shift 2
ask() { # ask HOST:PORT WORDS...
  asked=$1
  shift
  ${REDIS_CLI:-sh /config/cli.sh} -h "${asked%:*}" -p "${asked##*:}" "$@"
}
now=$(date -u +%Y%m%dT%H%M%SZ) done=0
rm -f "$folder"/*.part
for server; do
  ask "$server" info replication | tr -d '\r' | grep -q '^role:master$' || continue
  name=$(echo "$server" | tr -c 'A-Za-z0-9.\n' _)
  ask "$server" --rdb "$folder/$name.$now.part"
  [ "$(head -c 5 "$folder/$name.$now.part")" = REDIS ] || { echo "$server sent no RDB file." >&2 && exit 1; }
  mv "$folder/$name.$now.part" "$folder/$name.$now.rdb"
  ls "$folder/$name".*.rdb | sort -r | tail -n "+$((kept + 1))" | while read -r old; do rm "$old"; done
  done=$((done + 1))
done
[ $done -gt 0 ] || { echo "None of these servers is a primary." >&2 && exit 1; }
echo "$done primaries are copied."
