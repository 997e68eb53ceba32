#!/usr/bin/env bash
#
# Clones a git repository and sets owner and modes of its files.
# The options are declared in git-clone.m4, which holds the same body.

_arg_branch=""
_arg_dir_chmod="0755"
_arg_file_chmod="0644"
_arg_chown="39000:100"
_arg_single_branch=off
_arg_force=off

print_help() {
  cat <<'HELP'
Clones a git repository and sets owner and modes of its files.

Usage: git-clone.sh [OPTION]... <repo-url> <dest-dir>

  <repo-url>            Address of the repository, without a password in it
  <dest-dir>            Folder in which the clone's folder is made
  -b, --branch VALUE    Branch or tag; the remote's default if empty
  --dir-chmod VALUE     Mode of folders (default: 0755)
  --file-chmod VALUE    Mode of files (default: 0644)
  --chown VALUE         Owner and group (default: 39000:100)
  --[no-]single-branch  Fetch that branch only (off by default)
  -f, --[no-]force      Delete a clone that is there and make it anew (off by default)
  -h, --help            Print this text

Environment:
  GIT_ACCESS_USER: User for a repository that is not public
  GIT_ACCESS_TOKEN: Token for a repository that is not public
HELP
}

die() {
  echo "git-clone: $1" >&2
  echo "Run it with --help to see its options." >&2
  exit 1
}

positionals=()
while (($# > 0)); do
  case "$1" in
    --branch | -b)
      (($# > 1)) || die "option $1 needs a value"
      _arg_branch="$2"
      shift
      ;;
    --branch=*) _arg_branch="${1#*=}" ;;
    --dir-chmod)
      (($# > 1)) || die "option $1 needs a value"
      _arg_dir_chmod="$2"
      shift
      ;;
    --dir-chmod=*) _arg_dir_chmod="${1#*=}" ;;
    --file-chmod)
      (($# > 1)) || die "option $1 needs a value"
      _arg_file_chmod="$2"
      shift
      ;;
    --file-chmod=*) _arg_file_chmod="${1#*=}" ;;
    --chown)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown="$2"
      shift
      ;;
    --chown=*) _arg_chown="${1#*=}" ;;
    --single-branch) _arg_single_branch=on ;;
    --no-single-branch) _arg_single_branch=off ;;
    --force | -f) _arg_force=on ;;
    --no-force) _arg_force=off ;;
    -h | --help)
      print_help
      exit 0
      ;;
    *) positionals+=("$1") ;;
  esac
  shift
done
((${#positionals[@]} == 2)) || die "needs the arguments repo-url, dest-dir, got: ${positionals[*]:-none}"
_arg_repo_url="${positionals[0]}"
_arg_dest_dir="${positionals[1]}"

# [ <-- needed because of Argbash
# shellcheck shell=bash disable=SC2154
set -euo pipefail

say() { printf '%s: %s\n' "${0##*/}" "$1"; }
fail() {
  say "$1" >&2
  exit 1
}

# Git puts the URL into process arguments, its log and the clone's configuration: no secret may be in it.
authority=${_arg_repo_url#*://}
authority=${authority%%/*}
if [[ $authority == *@* ]]; then
  user_information=${authority%%@*}
  if [[ $user_information == *:* ]]; then
    fail "the URL carries a password; give it in GIT_ACCESS_USER and GIT_ACCESS_TOKEN instead"
  elif [[ ${_arg_repo_url,,} == http*://* ]]; then
    # Some hosts take a token in the place of the user.
    fail "the URL carries a user; give it in GIT_ACCESS_USER and GIT_ACCESS_TOKEN instead"
  fi
fi

# The last part of the path; host:name.git, without a slash, is a URL too.
name=${_arg_repo_url}
while [[ $name == */ ]]; do name=${name%/}; done
name=${name##*/}
name=${name##*:}
name=${name%.git}
case $name in
  '' | . | ..) fail "cannot tell the name of the clone from $_arg_repo_url" ;;
esac

git_options=(-c advice.detachedHead=false)
if [[ ${GIT_ACCESS_TOKEN:+set} == set ]]; then
  export GIT_ACCESS_TOKEN GIT_ACCESS_USER="${GIT_ACCESS_USER:-git}"
  # The helper answers for this host only, also after a redirection. Git's shell expands the variables, not this one.
  # shellcheck disable=SC2016
  helper='!f() { test "$1" = get && printf "username=%s\npassword=%s\n" "$GIT_ACCESS_USER" "$GIT_ACCESS_TOKEN"; }; f'
  git_options+=(
    -c credential.helper=
    -c "credential.${_arg_repo_url%%://*}://$authority.helper=$helper"
  )
else
  say "GIT_ACCESS_TOKEN is not set: only public repositories can be cloned"
fi

clone_options=()
[[ -z $_arg_branch ]] || clone_options+=(--branch "$_arg_branch")
[[ $_arg_single_branch == off ]] || clone_options+=(--single-branch)

mkdir -p -- "$_arg_dest_dir"
clone=$_arg_dest_dir/$name
unfinished=$_arg_dest_dir/.$name.unfinished

if [[ -e $clone && $_arg_force == off ]]; then
  say "$clone is there already"
else
  # The name appears only when the clone is whole; until then an earlier one stays.
  trap 'rm -rf -- "$unfinished"' EXIT
  rm -rf -- "$unfinished"
  say "cloning $_arg_repo_url"
  # The modes set below are not changes of the files.
  GIT_TERMINAL_PROMPT=0 git "${git_options[@]}" clone --config core.fileMode=false "${clone_options[@]}" \
    -- "$_arg_repo_url" "$unfinished" || fail "cannot clone $_arg_repo_url"
  rm -rf -- "$clone"
  mv -T -- "$unfinished" "$clone"
fi

chown -R -- "$_arg_chown" "$_arg_dest_dir"
find "$_arg_dest_dir" -type d -exec chmod -- "$_arg_dir_chmod" {} +
find "$_arg_dest_dir" -type f -exec chmod -- "$_arg_file_chmod" {} +
# ] <-- needed because of Argbash
