#!/usr/bin/env bash
#
# Clones a git repository and sets owner and modes of its files.
# `init-scripts.sh` makes git-clone.sh from this file; change both, or change this one and run it.
#
# m4_ignore(
echo "this is a template: run git-clone.sh, or process this file with argbash" >&2
exit 11 #)
# ARG_POSITIONAL_SINGLE([repo-url],[Address of the repository, without a password in it])
# ARG_POSITIONAL_SINGLE([dest-dir],[Folder in which the clone's folder is made])
# ARG_OPTIONAL_SINGLE([branch],[b],[Branch or tag; the remote's default if empty],[])
# ARG_OPTIONAL_BOOLEAN([single-branch],[],[Fetch that branch only])
# ARG_OPTIONAL_BOOLEAN([force],[f],[Delete a clone that is there and make it anew])
# ARG_OPTIONAL_SINGLE([dir-chmod],[],[Mode of folders],[0755])
# ARG_OPTIONAL_SINGLE([file-chmod],[],[Mode of files],[0644])
# ARG_OPTIONAL_SINGLE([chown],[],[Owner and group],[39000:100])
# ARG_USE_ENV([GIT_ACCESS_USER],[],[User for a repository that is not public])
# ARG_USE_ENV([GIT_ACCESS_TOKEN],[],[Token for a repository that is not public])
# ARG_DEFAULTS_POS
# ARGBASH_SET_INDENT([  ])
# ARG_HELP([Clones a git repository and sets owner and modes of its files.\n])
# ARGBASH_GO()

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
