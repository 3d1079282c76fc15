#!/bin/sh
# Forms a Redis cluster, or mends it: form.sh HOST:PORT...
# The first three nodes get the slots, if nobody has them. Each node without slots becomes a replica of the primary with
# the fewest: the other three at first, and later one whose volume was lost. Nothing else is changed, so this can be
# repeated at any time, also after it was interrupted.
set -eu
primaries=3 slots=16384

ask() { # ask HOST:PORT COMMAND...
  asked=$1
  shift
  ${REDIS_CLI:-sh /config/cli.sh} -h "${asked%:*}" -p "${asked##*:}" "$@"
}
fact() { # fact HOST:PORT NAME: one of its facts about the cluster
  ask "$1" cluster info | tr -d '\r' | sed -n "s/^$2://p"
}
known() { # known HOST:PORT: how many nodes it is connected to, and itself
  ask "$1" cluster nodes | awk '$8 == "connected" && $3 !~ /fail|handshake|noaddr/' | grep -c .
}
meet() { # meet HOST:PORT HOST:PORT: introduce the second to the first
  bus=$(ask "$2" cluster nodes | awk '$3 ~ /myself/ { split($2, part, /[@,]/); print part[2] }')
  ask "$1" cluster meet "$(getent hosts "${2%:*}" | awk '{ print $1; exit }')" "${2##*:}" "$bus"
}
idle() { # idle HOST:PORT: lines of an address without slots, and the id of the primary that it is to follow
  ask "$1" cluster nodes | awk -v asked="$1" '
    $3 ~ /fail|handshake|noaddr/ { next }
    $3 ~ /slave/ { followers[$4]++ }
    $3 ~ /master/ && NF > 8 { primary[++primaries] = $1 }
    $3 ~ /master/ && NF <= 8 { sub(/@.*/, "", $2); idle[++idles] = $3 ~ /myself/ ? asked : $2 }
    END {
      for (i = 1; i <= idles; i++) {
        least = 1
        for (p = 2; p <= primaries; p++) if (followers[primary[p]] + 0 < followers[primary[least]] + 0) least = p
        followers[primary[least]]++
        print idle[i], primary[least]
      }
    }'
}

for node; do
  until ask "$node" ping > /dev/null 2>&1; do sleep 1; done
done
first=$1
for node; do
  [ "$node" = "$first" ] || meet "$first" "$node"
done
for node; do
  until [ "$(known "$node")" -ge $# ]; do sleep 1; done
done
formed=no
for node; do
  [ "$(fact "$node" cluster_slots_assigned)" -lt $slots ] || formed=yes
done
if [ $formed = no ]; then
  number=0
  for node; do
    [ $number -lt $primaries ] || break
    ranges="$((slots * number / primaries)) $((slots * (number + 1) / primaries - 1))"
    said=$(ask "$node" cluster addslotsrange $ranges 2>&1) || case $said in
      *busy*) ;; # assigned before this was interrupted
      *) echo "$node: $said" >&2 && exit 1 ;;
    esac
    number=$((number + 1))
  done
fi
for node; do
  until [ "$(fact "$node" cluster_slots_assigned)" -eq $slots ]; do sleep 1; done
done
while plan=$(idle "$first") && [ -n "$plan" ]; do
  echo "$plan" | while read -r node primary; do ask "$node" cluster replicate "$primary" < /dev/null; done
  sleep 1
done
for node; do # until every replica follows, its primary takes no write
  until ask "$node" info replication | grep -Eq 'master_link_status:up|min_slaves_good_slaves:[1-9]'; do sleep 1; done
done
ask "$first" cluster nodes
