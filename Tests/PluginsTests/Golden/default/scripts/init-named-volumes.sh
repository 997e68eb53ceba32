#!/usr/bin/env bash
#
# Fills the deployment's volumes from its folder.
# The options are declared in init-named-volumes.m4, which holds the same body.

_arg_scripts_dir="/scripts"
_arg_config_dir="/config"
_arg_secrets_dir="/secrets"
_arg_ssl_dir="/ssl"
_arg_chown_nginx="39000:100"
_arg_chown_minio="root:root"
_arg_chown_mc="root:root"
_arg_chown_postgres="999:999"
_arg_chown_dbadmin="5050:5050"
_arg_chown_redis="999:999"
_arg_nginx_conf_d_dir="/volumes/nginx-conf-d"
_arg_nginx_etc_ssl_dir="/volumes/nginx-etc-ssl"
_arg_minio_data_dir="/volumes/minio-data"
_arg_minio_certs_dir="/volumes/minio-certs"
_arg_mc_ca_certificates_dir="/volumes/mc-ca-certificates"
_arg_postgres_etc_postgresql_dir="/volumes/postgres-etc-postgresql"
_arg_postgres_initdb_d_dir="/volumes/postgres-docker-entrypoint-initdb-d"
_arg_postgres_var_certs_dir="/volumes/postgres-var-certs"
_arg_dbadmin_data_dir="/volumes/dbadmin-data"
_arg_dbadmin_certs_dir="/volumes/dbadmin-ca-certificates"
_arg_redis_data_dir="/volumes/redis-data"
_arg_enable_nginx_ssl=off
_arg_enable_postgres_ssl=off

print_help() {
  cat <<'HELP'
Fills the deployment's volumes from its folder.

Usage: init-named-volumes.sh [OPTION]...

  --scripts-dir VALUE                  Folder of the other scripts (default: /scripts)
  --config-dir VALUE                   The deployment's config/ (default: /config)
  --secrets-dir VALUE                  The deployment's secrets/ (default: /secrets)
  --ssl-dir VALUE                      The deployment's ssl/ (default: /ssl)
  --chown-nginx VALUE                  Owner of NGINX's files (default: 39000:100)
  --chown-minio VALUE                  Owner of MinIO's files (default: root:root)
  --chown-mc VALUE                     Owner of the MinIO client's files (default: root:root)
  --chown-postgres VALUE               Owner of PostgreSQL's files (default: 999:999)
  --chown-dbadmin VALUE                Owner of pgAdmin's files (default: 5050:5050)
  --chown-redis VALUE                  Owner of Redis's files (default: 999:999)
  --nginx-conf-d-dir VALUE             Where the volume nginx-conf-d is mounted (default: /volumes/nginx-conf-d)
  --nginx-etc-ssl-dir VALUE            Where the volume nginx-etc-ssl is mounted (default: /volumes/nginx-etc-ssl)
  --minio-data-dir VALUE               Where the volume minio-data is mounted (default: /volumes/minio-data)
  --minio-certs-dir VALUE              Where the volume minio-certs is mounted (default: /volumes/minio-certs)
  --mc-ca-certificates-dir VALUE       Where the volume mc-ca-certificates is mounted (default: /volumes/mc-ca-certificates)
  --postgres-etc-postgresql-dir VALUE  Where the volume postgres-etc-postgresql is mounted (default: /volumes/postgres-etc-postgresql)
  --postgres-initdb-d-dir VALUE        Where the volume postgres-docker-entrypoint-initdb-d is mounted (default: /volumes/postgres-docker-entrypoint-initdb-d)
  --postgres-var-certs-dir VALUE       Where the volume postgres-var-certs is mounted (default: /volumes/postgres-var-certs)
  --dbadmin-data-dir VALUE             Where the volume dbadmin-data is mounted (default: /volumes/dbadmin-data)
  --dbadmin-certs-dir VALUE            Where the volume dbadmin-ca-certificates is mounted (default: /volumes/dbadmin-ca-certificates)
  --redis-data-dir VALUE               Where the volume redis-data is mounted (default: /volumes/redis-data)
  --[no-]enable-nginx-ssl              Act as with enable_nginx_ssl: true in dioptra.yaml (off by default)
  --[no-]enable-postgres-ssl           Act as with enable_postgres_ssl: true in dioptra.yaml (off by default)
  -h, --help                           Print this text
HELP
}

die() {
  echo "init-named-volumes: $1" >&2
  echo "Run it with --help to see its options." >&2
  exit 1
}

positionals=()
while (($# > 0)); do
  case "$1" in
    --scripts-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_scripts_dir="$2"
      shift
      ;;
    --scripts-dir=*) _arg_scripts_dir="${1#*=}" ;;
    --config-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_config_dir="$2"
      shift
      ;;
    --config-dir=*) _arg_config_dir="${1#*=}" ;;
    --secrets-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_secrets_dir="$2"
      shift
      ;;
    --secrets-dir=*) _arg_secrets_dir="${1#*=}" ;;
    --ssl-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_ssl_dir="$2"
      shift
      ;;
    --ssl-dir=*) _arg_ssl_dir="${1#*=}" ;;
    --chown-nginx)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown_nginx="$2"
      shift
      ;;
    --chown-nginx=*) _arg_chown_nginx="${1#*=}" ;;
    --chown-minio)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown_minio="$2"
      shift
      ;;
    --chown-minio=*) _arg_chown_minio="${1#*=}" ;;
    --chown-mc)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown_mc="$2"
      shift
      ;;
    --chown-mc=*) _arg_chown_mc="${1#*=}" ;;
    --chown-postgres)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown_postgres="$2"
      shift
      ;;
    --chown-postgres=*) _arg_chown_postgres="${1#*=}" ;;
    --chown-dbadmin)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown_dbadmin="$2"
      shift
      ;;
    --chown-dbadmin=*) _arg_chown_dbadmin="${1#*=}" ;;
    --chown-redis)
      (($# > 1)) || die "option $1 needs a value"
      _arg_chown_redis="$2"
      shift
      ;;
    --chown-redis=*) _arg_chown_redis="${1#*=}" ;;
    --nginx-conf-d-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_nginx_conf_d_dir="$2"
      shift
      ;;
    --nginx-conf-d-dir=*) _arg_nginx_conf_d_dir="${1#*=}" ;;
    --nginx-etc-ssl-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_nginx_etc_ssl_dir="$2"
      shift
      ;;
    --nginx-etc-ssl-dir=*) _arg_nginx_etc_ssl_dir="${1#*=}" ;;
    --minio-data-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_minio_data_dir="$2"
      shift
      ;;
    --minio-data-dir=*) _arg_minio_data_dir="${1#*=}" ;;
    --minio-certs-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_minio_certs_dir="$2"
      shift
      ;;
    --minio-certs-dir=*) _arg_minio_certs_dir="${1#*=}" ;;
    --mc-ca-certificates-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_mc_ca_certificates_dir="$2"
      shift
      ;;
    --mc-ca-certificates-dir=*) _arg_mc_ca_certificates_dir="${1#*=}" ;;
    --postgres-etc-postgresql-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_postgres_etc_postgresql_dir="$2"
      shift
      ;;
    --postgres-etc-postgresql-dir=*) _arg_postgres_etc_postgresql_dir="${1#*=}" ;;
    --postgres-initdb-d-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_postgres_initdb_d_dir="$2"
      shift
      ;;
    --postgres-initdb-d-dir=*) _arg_postgres_initdb_d_dir="${1#*=}" ;;
    --postgres-var-certs-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_postgres_var_certs_dir="$2"
      shift
      ;;
    --postgres-var-certs-dir=*) _arg_postgres_var_certs_dir="${1#*=}" ;;
    --dbadmin-data-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_dbadmin_data_dir="$2"
      shift
      ;;
    --dbadmin-data-dir=*) _arg_dbadmin_data_dir="${1#*=}" ;;
    --dbadmin-certs-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_dbadmin_certs_dir="$2"
      shift
      ;;
    --dbadmin-certs-dir=*) _arg_dbadmin_certs_dir="${1#*=}" ;;
    --redis-data-dir)
      (($# > 1)) || die "option $1 needs a value"
      _arg_redis_data_dir="$2"
      shift
      ;;
    --redis-data-dir=*) _arg_redis_data_dir="${1#*=}" ;;
    --enable-nginx-ssl) _arg_enable_nginx_ssl=on ;;
    --no-enable-nginx-ssl) _arg_enable_nginx_ssl=off ;;
    --enable-postgres-ssl) _arg_enable_postgres_ssl=on ;;
    --no-enable-postgres-ssl) _arg_enable_postgres_ssl=off ;;
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
