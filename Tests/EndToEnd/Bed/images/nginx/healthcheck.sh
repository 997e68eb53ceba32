#!/usr/bin/env bash
# Fetches URLs one after the other, without a look at certificates, and fails at the first that is not served.
set -euo pipefail

for url in "$@"; do
  status=$(curl --silent --insecure --output /dev/null --write-out '%{http_code}' "$url") || status=000
  case $status in
    200 | 301 | 401 | 403) ;;
    *)
      echo "$url: status $status"
      exit 1
      ;;
  esac
done
