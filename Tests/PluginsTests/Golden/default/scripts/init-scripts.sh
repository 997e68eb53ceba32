#!/usr/bin/env bash
# Turns argbash templates into scripts, for those who edit the templates.
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

output=/scripts
templates=()
scripts=()

while (($# > 0)); do
  case $1 in
    -h | --help)
      cat <<HELP
Usage: ${0##*/} [-o FOLDER] FILE...

Processes each template (.m4) with argbash into FOLDER/<name>.sh and copies each script (.sh) as it is. Without argbash,
the processed script that stands beside a template is copied instead.

Options:
  -o, --output FOLDER  where the scripts go (default: /scripts)
  -h, --help           show this help
HELP
      exit 0
      ;;
    -o | --output)
      (($# > 1)) || fail "$1 needs a folder"
      output=$2
      shift
      ;;
    --output=*) output=${1#*=} ;;
    *.m4) templates+=("$1") ;;
    *.sh) scripts+=("$1") ;;
    *) fail "$1 is neither a template (.m4) nor a script (.sh)" ;;
  esac
  shift
done

for file in "${templates[@]}" "${scripts[@]}"; do
  [[ -f $file ]] || fail "there is no file $file"
done

argbash=$(command -v argbash || command -v /usr/local/bin/argbash || true)
mkdir -p -- "$output"

# An output folder may be the one that the scripts come from.
copy() {
  [[ $1 -ef $2 ]] || cp -- "$1" "$2"
}

for template in "${templates[@]}"; do
  name=${template##*/}
  name=${name%.m4}
  twin=${template%.m4}.sh
  if [[ -n $argbash ]]; then
    "$argbash" "$template" -o "$output/$name.sh"
  elif [[ -f $twin ]]; then
    say "argbash is not installed: taking $twin as it is"
    copy "$twin" "$output/$name.sh"
  else
    fail "argbash is not installed, and there is no $twin to take instead of $template"
  fi
done

for script in "${scripts[@]}"; do
  copy "$script" "$output/${script##*/}"
done

chmod -R 0755 -- "$output"
# Only root can give files away; anyone else keeps them.
if ((EUID == 0)); then
  chown -R root:root -- "$output"
fi
