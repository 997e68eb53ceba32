#!/usr/bin/env bash
# Builds the web front end from the cloned sources.
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

output=/frontend
source=${FRONTEND_SOURCE:-/repo/dioptra/src/frontend}
build=${BUILD_DIR:-/build}

while (($# > 0)); do
  case $1 in
    -h | --help)
      cat <<HELP
Usage: ${0##*/} [-o FOLDER]

Builds the web front end and puts it into FOLDER, in the place of the earlier one.

Options:
  -o, --output FOLDER  where the result goes (default: /frontend)
  -h, --help           show this help

Environment:
  FRONTEND_SOURCE  sources (default: /repo/dioptra/src/frontend)
  BUILD_DIR        folder to build in (default: /build)
HELP
      exit 0
      ;;
    -o | --output)
      (($# > 1)) || fail "$1 needs a folder"
      output=$2
      shift
      ;;
    --output=*) output=${1#*=} ;;
    *) fail "unexpected argument: $1" ;;
  esac
  shift
done

folders=(src public)
files=(
  index.html package.json package-lock.json
  tsconfig.json tsconfig.app.json tsconfig.node.json
  vite.config.ts env.d.ts
)

for name in "${folders[@]}"; do
  [[ -d $source/$name ]] || fail "there is no folder $source/$name"
done
for name in "${files[@]}"; do
  [[ -f $source/$name ]] || fail "there is no file $source/$name"
done

mkdir -p -- "$build"
for name in "${folders[@]}" "${files[@]}" dist; do
  rm -rf -- "${build:?}/$name"
done
for name in "${folders[@]}" "${files[@]}"; do
  cp -r -- "$source/$name" "$build/$name"
done

say "building the front end"
(cd -- "$build" && npm ci && npm run build) || fail "the build failed"
[[ -f $build/dist/index.html ]] || fail "the build left no $build/dist/index.html"

# Only now: until the build has succeeded, the earlier front end stays.
mkdir -p -- "$output"
rm -rf -- "${output:?}"/*
cp -r -- "$build/dist/." "$output"

chown -R root:root -- "$output"
find "$output" -type d -exec chmod 0755 {} +
find "$output" -type f -exec chmod 0644 {} +
say "the front end is in $output"
