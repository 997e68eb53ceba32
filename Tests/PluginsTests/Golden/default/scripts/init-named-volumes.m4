#!/usr/bin/env bash
#
# Fills the deployment's volumes from its folder.
# `init-scripts.sh` makes init-named-volumes.sh from this file; change both, or change this one and run it.
#
# m4_ignore(
echo "this is a template: run init-named-volumes.sh, or process this file with argbash" >&2
exit 11 #)
# ARG_OPTIONAL_SINGLE([scripts-dir],[],[Folder of the other scripts],[/scripts])
# ARG_OPTIONAL_SINGLE([config-dir],[],[The deployment's config/],[/config])
# ARG_OPTIONAL_SINGLE([secrets-dir],[],[The deployment's secrets/],[/secrets])
# ARG_OPTIONAL_SINGLE([ssl-dir],[],[The deployment's ssl/],[/ssl])
# ARG_OPTIONAL_SINGLE([chown-nginx],[],[Owner of NGINX's files],[39000:100])
# ARG_OPTIONAL_SINGLE([chown-minio],[],[Owner of MinIO's files],[root:root])
# ARG_OPTIONAL_SINGLE([chown-mc],[],[Owner of the MinIO client's files],[root:root])
# ARG_OPTIONAL_SINGLE([chown-postgres],[],[Owner of PostgreSQL's files],[999:999])
# ARG_OPTIONAL_SINGLE([chown-dbadmin],[],[Owner of pgAdmin's files],[5050:5050])
# ARG_OPTIONAL_SINGLE([chown-redis],[],[Owner of Redis's files],[999:999])
# ARG_OPTIONAL_SINGLE([nginx-conf-d-dir],[],[Where the volume nginx-conf-d is mounted],[/volumes/nginx-conf-d])
# ARG_OPTIONAL_SINGLE([nginx-etc-ssl-dir],[],[Where the volume nginx-etc-ssl is mounted],[/volumes/nginx-etc-ssl])
# ARG_OPTIONAL_SINGLE([minio-data-dir],[],[Where the volume minio-data is mounted],[/volumes/minio-data])
# ARG_OPTIONAL_SINGLE([minio-certs-dir],[],[Where the volume minio-certs is mounted],[/volumes/minio-certs])
# ARG_OPTIONAL_SINGLE([mc-ca-certificates-dir],[],[Where the volume mc-ca-certificates is mounted],[/volumes/mc-ca-certificates])
# ARG_OPTIONAL_SINGLE([postgres-etc-postgresql-dir],[],[Where the volume postgres-etc-postgresql is mounted],[/volumes/postgres-etc-postgresql])
# ARG_OPTIONAL_SINGLE([postgres-initdb-d-dir],[],[Where the volume postgres-docker-entrypoint-initdb-d is mounted],[/volumes/postgres-docker-entrypoint-initdb-d])
# ARG_OPTIONAL_SINGLE([postgres-var-certs-dir],[],[Where the volume postgres-var-certs is mounted],[/volumes/postgres-var-certs])
# ARG_OPTIONAL_SINGLE([dbadmin-data-dir],[],[Where the volume dbadmin-data is mounted],[/volumes/dbadmin-data])
# ARG_OPTIONAL_SINGLE([dbadmin-certs-dir],[],[Where the volume dbadmin-ca-certificates is mounted],[/volumes/dbadmin-ca-certificates])
# ARG_OPTIONAL_SINGLE([redis-data-dir],[],[Where the volume redis-data is mounted],[/volumes/redis-data])
# ARG_OPTIONAL_BOOLEAN([enable-nginx-ssl],[],[Act as with enable_nginx_ssl: true in dioptra.yaml])
# ARG_OPTIONAL_BOOLEAN([enable-postgres-ssl],[],[Act as with enable_postgres_ssl: true in dioptra.yaml])
# ARG_DEFAULTS_POS
# ARGBASH_SET_INDENT([  ])
# ARG_HELP([Fills the deployment's volumes from its folder.\n])
# ARGBASH_GO()

# [ <-- needed because of Argbash
set -euo pipefail

# The volume that the functions below work on, and the owner of its files.
volume=
owner=

fail() {
  echo "init-named-volumes: $1" >&2
  exit 1
}

tool() {
  /bin/bash "${_arg_scripts_dir}/$1.sh" "${@:2}"
}

begin() {
  echo "volume $1"
  volume=$2
  owner=$3
  [[ -d $volume ]] || fail "the volume $1 is not mounted at $volume"
}

when() {
  [[ $1 == "$2" ]]
}

# Names that begin with a dot are not ours.
clear_volume() {
  find "$volume" -mindepth 1 -maxdepth 1 ! -name '.*' -exec rm -rf -- {} +
}

set_folder() {
  tool set-permissions --dir-chmod "$2" --chown "$owner" "$volume/$1"
}

make_folder() {
  mkdir -p "$volume/$1"
  set_folder "$1" "$2"
}

copy_file() {
  [[ -f $1 ]] || fail "$1 is missing"
  tool file-copy --chmod "$3" --chown "$owner" "$1" "$volume/$2"
}

copy_matching() {
  tool globbed-copy --chmod "$3" --chown "$owner" "$1" "$volume" "$2"
}

# The value of a NAME=value line, without a newline behind it.
write_value() {
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line == "$1="* ]] || continue
    (umask 077 && printf '%s' "${line#*=}" >"$volume/$3")
    chmod "$4" "$volume/$3"
    chown "$owner" "$volume/$3"
    return
  done <"$2"
  fail "$2 has no line for $1"
}

mirror_authorities() {
  tool copy-extra-ca-certificates --ca-directory "${_arg_ssl_dir}/ca-certificates" --output "$volume/$1" \
    --chmod 0644 --chown "$owner" --mirror
}

remove_files() {
  (cd "$volume" && rm -f -- "$@")
}

begin nginx-conf-d "${_arg_nginx_conf_d_dir}" "${_arg_chown_nginx}"
clear_volume
set_folder . 0755
when "${_arg_enable_nginx_ssl}" off && copy_matching "${_arg_config_dir}/nginx" 'http_*.conf' 0644
when "${_arg_enable_nginx_ssl}" on && copy_matching "${_arg_config_dir}/nginx" 'https_*.conf' 0644
copy_matching "${_arg_config_dir}/nginx" 'stream_*.conf' 0644

begin nginx-etc-ssl "${_arg_nginx_etc_ssl_dir}" "${_arg_chown_nginx}"
when "${_arg_enable_nginx_ssl}" on && copy_file "${_arg_ssl_dir}/nginx/server.crt" server.crt 0644
when "${_arg_enable_nginx_ssl}" on && copy_file "${_arg_ssl_dir}/nginx/server.key" server.key 0600
when "${_arg_enable_nginx_ssl}" off && remove_files server.crt server.key

begin minio-data "${_arg_minio_data_dir}" "${_arg_chown_minio}"
set_folder . 0700

begin minio-certs "${_arg_minio_certs_dir}" "${_arg_chown_minio}"
set_folder . 0755
make_folder CAs 0755
mirror_authorities CAs

begin mc-ca-certificates "${_arg_mc_ca_certificates_dir}" "${_arg_chown_mc}"
set_folder . 0755
mirror_authorities .

begin postgres-etc-postgresql "${_arg_postgres_etc_postgresql_dir}" "${_arg_chown_postgres}"
set_folder . 0700
write_value POSTGRES_PASSWORD "${_arg_secrets_dir}/postgres-passwd.env" postgres-passwd 0600

begin postgres-docker-entrypoint-initdb-d "${_arg_postgres_initdb_d_dir}" "${_arg_chown_postgres}"
set_folder . 0755
copy_file "${_arg_config_dir}/db/init-db.sh" init-db.sh 0755

begin postgres-var-certs "${_arg_postgres_var_certs_dir}" "${_arg_chown_postgres}"
when "${_arg_enable_postgres_ssl}" on && copy_file "${_arg_ssl_dir}/db/server.crt" server.crt 0644
when "${_arg_enable_postgres_ssl}" on && copy_file "${_arg_ssl_dir}/db/server.key" server.key 0600

begin dbadmin-data "${_arg_dbadmin_data_dir}" "${_arg_chown_dbadmin}"
set_folder . 0700

begin dbadmin-ca-certificates "${_arg_dbadmin_certs_dir}" "${_arg_chown_dbadmin}"
set_folder . 0755
copy_file "${_arg_nginx_etc_ssl_dir}/certs/ca-certificates.crt" cacert.pem 0644

begin redis-data "${_arg_redis_data_dir}" "${_arg_chown_redis}"
set_folder . 0700

echo "the volumes are filled"
# ] <-- needed because of Argbash
