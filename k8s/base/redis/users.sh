#!/bin/sh
# Writes the users of Redis, with hashes of their passwords: users.sh SECRETS FOLDER
# `biofusion` has the commands and keys that a store needs, `ray` those of the head of a Ray cluster (components/ray);
# replication and operators use `admin`. Nobody can log in as `default`, which keeps its rights all the same: Redis loads its
# append-only file as that user, and leaves out every transaction that holds a command which it may not run.
set -eu
umask 077
password() { head -n 1 "$secrets/$1" 2> /dev/null | tr -d '\n'; }
hash() { password "$1" | sha256sum | cut -d ' ' -f 1; }
secrets=$1 folder=$2
for each in password admin-password; do
  [ -n "$(password $each)" ] || { echo "The Secret has no key $each, or its first line is empty." >&2 && exit 1; }
done
services=$(hash password) operators=$(hash admin-password)
store="+@read +@write +@scripting +@connection -@dangerous +info +config|get +bgrewriteaof +wait +waitaof +cluster|slots +acl|dryrun"
cat > "$folder/users.acl" <<END
user default off resetpass ~* &* +@all
user admin on #$operators ~* &* +@all
user biofusion on #$services ~{biofusion* -@all $store
user ray on #$services ~RAY* ~DUMMY -@all +@read +@write +@connection -@dangerous +info +cluster|info
END
cat > "$folder/replication.conf" <<END
masteruser admin
masterauth $(password admin-password)
END
