# shellcheck shell=bash disable=SC2034,SC2154
# What images there are, what each is built from, and what tells that one is out of date.
#
# An image is a folder in images/: its Dockerfile and the files that it copies. It is tagged dioptrakit-bed/FOLDER, and
# with the names in the file `tags` if there is one. What it is built from is what its Dockerfile says. Images named
# dioptrakit-bed/debian-SUITE are made by debootstrapping.

readonly label=org.dioptrakit.bed.recipe

declare -A recipe_digest=() bases_of=()
# All images, each after those it is built from.
images=()

read_recipes() {
  local dockerfile
  images=()
  for dockerfile in "$bed"/images/*/Dockerfile; do
    read_recipe "$(basename -- "$(dirname -- "$dockerfile")")"
  done
}

read_recipe() {
  local image=$1 base
  [[ -z ${recipe_digest[$image]:-} ]] || return 0
  bases_of[$image]=
  if [[ $image != debian-* ]]; then
    bases_of[$image]=$(
      sed -nE "s#^(FROM |COPY --from=)$name/([a-z0-9-]+).*#\2#p" "$bed/images/$image/Dockerfile" | sort -u | xargs
    )
    for base in ${bases_of[$image]}; do read_recipe "$base"; done
  fi
  recipe_digest[$image]=$(digest_of "$image")
  images+=("$image")
}

digest_of() {
  local image=$1 base
  {
    echo "$image"
    for base in ${bases_of[$image]}; do echo "${recipe_digest[$base]}"; done
    if [[ $image == debian-* ]]; then
      cat "$bed/lib/debian.sh" "$bed/lib/install-packages"
    else
      # Names, whether they are programs, and content; not the rest of the modes, which the umask decides.
      cd "$bed/images/$image" || exit
      find . -type f ! -path '*/__pycache__/*' -print0 | sort -z | while IFS= read -r -d '' file; do
        if [[ -x $file ]]; then echo "program $file"; else echo "file $file"; fi
        sha256sum <"$file"
      done
    fi
  } | sha256sum | cut -c 1-32
}

# Prints the names of an image, one a line.
tags_of() {
  echo "$name/$1"
  if [[ -f $bed/images/$1/tags ]]; then cat "$bed/images/$1/tags"; fi
}

# Fills `current` with the names in the engine that belong to today's recipes.
declare -A current=()
find_current() {
  local image names tag digest
  current=()
  declare -A digest_of_tag=()
  mapfile -t names < <(docker image ls --filter "label=$label" --format '{{.Repository}}:{{.Tag}}' | grep -v '<none>')
  if ((${#names[@]} > 0)); then
    while read -r digest names; do
      for tag in $names; do digest_of_tag[$tag]=$digest; done
    done < <(docker image inspect --format "{{index .Config.Labels \"$label\"}} {{join .RepoTags \" \"}}" "${names[@]}")
  fi
  for image in "${images[@]}"; do
    current[$image]=yes
    while IFS= read -r tag; do
      [[ $tag == *:* ]] || tag+=:latest
      [[ ${digest_of_tag[$tag]:-} == "${recipe_digest[$image]}" ]] || current[$image]=
    done < <(tags_of "$image")
  done
}
