#!/bin/sh
# redis-cli as `admin`, by TLS if this pod has a certificate: cli.sh WORDS...
set -eu
tls=
if [ -e /secrets/tls/tls.crt ]; then
  tls="--tls --cacert /secrets/tls/ca.crt --cert /secrets/tls/tls.crt --key /secrets/tls/tls.key"
fi
REDISCLI_AUTH=$(head -n 1 /secrets/redis/admin-password) exec redis-cli $tls -e --user admin --no-auth-warning "$@"
