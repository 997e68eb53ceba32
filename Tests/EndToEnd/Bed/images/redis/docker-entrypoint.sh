#!/bin/sh
# Starts Redis as its own user.
set -eu
case ${1:-} in
  -*) set -- redis-server "$@" ;;
esac
if [ "${1:-}" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
  set -- "$@" --protected-mode no
fi
exec "$@"
