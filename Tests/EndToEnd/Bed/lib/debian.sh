# shellcheck shell=bash disable=SC2154
# Images of nothing but Debian, one for each suite.

# Makes the image that has the given digest.
build_debian() {
  local image=$1 digest=$2 suite=${1#debian-} archive=$cache/$1.tar mirror
  mirror=$(debian_mirror)
  # shellcheck disable=SC2016 # mmdebstrap's shell expands it.
  mmdebstrap --variant=minbase --include=ca-certificates --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook="copy-in '$bed/lib/install-packages' /usr/local/sbin" \
    --customize-hook='chmod 0755 "$1/usr/local/sbin/install-packages"' \
    "$suite" "$archive" ${mirror:+"$mirror"} || return
  docker import --change "LABEL $label=$digest" --change 'CMD ["/bin/bash"]' "$archive" "$name/$image" || return
  rm -f -- "$archive"
}

# The machine's own mirror of Debian. Where it has none, as on Ubuntu, mmdebstrap knows one.
debian_mirror() {
  # shellcheck disable=SC2016 # apt fills the placeholder.
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
    'Component: main' | head -n 1
}
