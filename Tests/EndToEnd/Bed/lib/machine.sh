# shellcheck shell=bash disable=SC2154
# What this machine needs to reach PyPI, for build stages: it is in no finished image and in no digest.

# Fills a folder with the machine's extra certificate authorities and pip.conf.
collect_machine_settings() {
  local folder=$1 file
  rm -rf -- "$folder"
  mkdir -p -- "$folder/certificates"
  for file in /usr/local/share/ca-certificates/*.crt; do
    [[ ! -f $file ]] || cp -L -- "$file" "$folder/certificates/"
  done
  pip_settings >"$folder/pip.conf"
}

# Paths of the machine mean nothing in an image, so only these settings are passed on. The environment wins.
pip_settings() {
  local setting variable file key value
  declare -A values=()
  for file in /etc/xdg/pip/pip.conf /etc/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf"; do
    [[ -r $file ]] || continue
    while IFS='=' read -r key value; do
      key=${key//[[:space:]]/}
      values[${key:--}]=$value
    done < <(grep -E '^[a-z-]+[[:space:]]*=' "$file")
  done
  echo '[global]'
  for setting in index-url extra-index-url trusted-host proxy timeout; do
    variable=PIP_${setting^^}
    variable=${variable//-/_}
    [[ $setting != timeout ]] || variable=PIP_DEFAULT_TIMEOUT
    value=${!variable:-${values[$setting]:-}}
    [[ -z $value ]] || echo "$setting = $value"
  done
}
