#!/usr/bin/env bash
#
# Puts extra certificate authorities into a trust store.
# The options are declared in copy-extra-ca-certificates.m4, which holds the same body.

_arg_ca_directory="/ca-certificates"
_arg_output=""
_arg_chmod="0644"
_arg_chown="root:root"
_arg_update=off
_arg_mirror=off

print_help() {
  cat <<'HELP'
Puts extra certificate authorities into a trust store.

Usage: copy-extra-ca-certificates.sh [OPTION]...

  --ca-directory VALUE  Where *.crt files are looked for, sub-folders too (default: /ca-certificates)
  --output VALUE        Folder that they go to; the distribution's own if empty
  --chmod VALUE         Mode of the copies (default: 0644)
  --chown VALUE         Owner and group of the copies (default: root:root)
  --[no-]update         Build the distribution's bundle anew afterwards (off by default)
  --[no-]mirror         Remove certificates that the source does not have (off by default)
  -h, --help            Print this text
HELP
}

die() {
  echo "copy-extra-ca-certificates: $1" >&2
  echo "Run it with --help to see its options." >&2
  exit 1
}

positionals=()
while (($# > 0)); do
  case "$1" in
    --ca-directory)
      (($# > 1)) || die "option $1 needs a value"
      _arg_ca_directory="$2"
      shift
      ;;
    --ca-directory=*) _arg_ca_directory="${1#*=}" ;;
    --output)
      (($# > 1)) || die "option $1 needs a value"
      _arg_output="$2"
      shift
      ;;
    --output=*) _arg_output="${1#*=}" ;;
    --chmod)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chmod="$2"
      shift
      ;;
    --chmod=*) _arg_chmod="${1#*=}" ;;
    --chown)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown="$2"
      shift
      ;;
    --chown=*) _arg_chown="${1#*=}" ;;
    --update) _arg_update=on ;;
    --no-update) _arg_update=off ;;
    --mirror) _arg_mirror=on ;;
    --no-mirror) _arg_mirror=off ;;
    -h | --help)
      print_help
      exit 0
      ;;
    *) positionals+=("$1") ;;
  esac
  shift
done
((${#positionals[@]} == 0)) || die "takes no arguments, got: ${positionals[*]:-none}"

# [ <-- needed because of Argbash
# shellcheck shell=bash disable=SC2154
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

[[ $(uname -s) == Linux ]] || fail "only Linux is supported"

distribution_id() (
  file=${OS_RELEASE_FILE:-/etc/os-release}
  # shellcheck source=/dev/null
  [[ ! -r $file ]] || source "$file"
  printf '%s' "${ID:-unknown}"
)
distribution=$(distribution_id)

case $distribution in
  ubuntu | debian)
    trust_folder=/usr/local/share/ca-certificates
    # --fresh starts from the certificates of the image, so that its newer ones come in and removed ones go.
    rebuild=(/usr/sbin/update-ca-certificates --fresh)
    ;;
  rhel | centos | rocky)
    trust_folder=/etc/pki/ca-trust/source/anchors
    rebuild=(/bin/update-ca-trust)
    ;;
  *)
    trust_folder=
    rebuild=()
    ;;
esac

if [[ $_arg_update == on && ${#rebuild[@]} -eq 0 ]]; then
  fail "--update is not supported on '$distribution'"
fi
if [[ -n $_arg_output ]]; then
  trust_folder=${_arg_output%/}
elif [[ -z $trust_folder ]]; then
  fail "the folder for certificates of '$distribution' is not known; name it with --output"
fi

certificates=()
if [[ -d $_arg_ca_directory ]]; then
  list=$(mktemp)
  # An incomplete list must not pass for the whole: --mirror would remove what is missing from it.
  find -L "$_arg_ca_directory" -type f -name '*.crt' -print0 | sort -z >"$list" \
    || fail "cannot read all of $_arg_ca_directory"
  mapfile -d '' -t certificates <"$list"
  rm -f -- "$list"
else
  say "there is no folder $_arg_ca_directory"
fi

if ((${#certificates[@]} == 0)); then
  say "no extra CA certificates"
  [[ $_arg_mirror == on ]] || exit 0
fi
[[ -d $trust_folder ]] || fail "there is no folder $trust_folder to copy to"

# Sub-folders are flattened; the source of each file is kept by its place in the target.
declare -A sources=()
for certificate in "${certificates[@]}"; do
  target=$trust_folder/${certificate##*/}
  if [[ -n ${sources[$target]:-} ]]; then
    say "${sources[$target]} and $certificate have the same name; only the second is used"
  fi
  sources[$target]=$certificate
done

removed=0
if [[ $_arg_mirror == on ]]; then
  while IFS= read -r -d '' installed; do
    if [[ -z ${sources[$installed]:-} ]]; then
      rm -f -- "$installed"
      say "removed $installed"
      removed=1
    fi
  done < <(find "$trust_folder" ! -type d -name '*.crt' -print0)
fi

for target in "${!sources[@]}"; do
  cp -- "${sources[$target]}" "$target"
done
((${#sources[@]} == 0)) || say "copied ${#sources[@]} to $trust_folder"

find "$trust_folder" -type f -name '*.crt' -exec chmod -- "$_arg_chmod" {} +
find "$trust_folder" -type f -name '*.crt' -exec chown -- "$_arg_chown" {} +

# Whether the bundle is what the image's own certificates make, which takes far less time to see than to make.
is_bundle_of_image() {
  local list=/etc/ca-certificates.conf bundle=/etc/ssl/certs/ca-certificates.crt files=() line
  [[ -r $list && -r $bundle ]] || return
  while IFS= read -r line; do
    [[ -z $line || $line == [#!]* ]] || files+=("/usr/share/ca-certificates/$line")
  done <"$list"
  ((${#files[@]} > 0)) && awk 1 "${files[@]}" 2>/dev/null | cmp -s - "$bundle"
}

if [[ $_arg_update == on ]]; then
  if ((${#certificates[@]} == 0 && removed == 0)) && is_bundle_of_image; then
    say "the bundle is that of the image already"
    exit 0
  fi
  "${rebuild[@]}" || fail "cannot rebuild the bundle of trusted certificates"
fi
# ] <-- needed because of Argbash
