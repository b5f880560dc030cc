# shellcheck shell=bash disable=SC2034  # variables are used by the scripts that read this file
# What setup/run and setup/test share: from a bare Debian 12 to Odoo 19, its Python
# environment and a private PostgreSQL cluster, all kept in one cache folder.
#
# Rules the functions keep:
# - A thing is built under a temporary name and renamed when it is whole, or it is noted in
#   HALF_MADE and removed on failure: a run that was stopped leaves nothing that looks ready.
# - Only processes that were started here are ever stopped.
# - Odoo listens on 127.0.0.1 only, PostgreSQL on a socket that only its user can reach.

REPO=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
SETUP=$REPO/setup
LOOPBACK=127.0.0.1
SYSTEM_USER=aftersales
ODOO_PACKAGE=odoo-19
ODOO_SERIES=19.0
PG_MARK=started-by-setup   # in $HOME_DIR/lock: the cluster was started by these commands

HALF_MADE=()      # "path:…" and "db:…" to remove if the run ends before they are whole
CHILD=            # process group of the command or server running now
PATIENT=          # set while CHILD must not be interrupted (dpkg)
FAILED=           # a failure has been explained already
EXIT_HOOKS=()     # functions to call at the end, last one first

# --- saying what happens ------------------------------------------------------------------

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

# fail MESSAGE [WHAT TO DO NEXT]
fail() {
    FAILED=1
    printf '\n[%4d s] FAILED: %s\n' "$SECONDS" "$1" >&2
    [[ -z ${2:-} ]] || printf '         Next: %s\n' "$2" >&2
    exit 1
}

# fail_with_log LOG MESSAGE [WHAT TO DO NEXT]
fail_with_log() {
    local log=$1
    shift
    printf '\n--- last lines of %s\n' "$log" >&2
    tail -n 25 -- "$log" >&2 || true
    printf -- '---\n' >&2
    fail "$@"
}

# --- ending -------------------------------------------------------------------------------

install_traps() {
    trap on_exit EXIT
    trap 'on_signal INT 130' INT
    trap 'on_signal TERM 143' TERM
    trap 'on_signal HUP 129' HUP
    trap 'on_error "$LINENO" "$BASH_COMMAND"' ERR
}

on_error() {
    # A subshell only hands its status up; the main shell explains.
    [[ $BASH_SUBSHELL -eq 0 && -z $FAILED ]] || return 0
    FAILED=1
    printf '\n[%4d s] FAILED: %s (line %s)\n' "$SECONDS" "$2" "$1" >&2
    printf '         Next: look at the logs in %s\n' "${LOG_DIR:-the cache folder}" >&2
}

on_signal() {
    trap '' INT TERM HUP
    FAILED=1
    if [[ -n $CHILD && -n $PATIENT ]]; then
        say "Stopping as soon as the Debian packages are whole."
        wait "$CHILD" || true
        CHILD=
    fi
    say "Stopping on signal $1."
    exit "${EXIT_ON_SIGNAL:-$2}"
}

on_exit() {
    local status=$? index
    trap '' INT TERM HUP
    trap - ERR
    set +e
    stop_child
    remove_half_made
    for ((index = ${#EXIT_HOOKS[@]} - 1; index >= 0; index--)); do
        "${EXIT_HOOKS[index]}"
    done
    exit "$status"
}

stop_child() {
    [[ -n $CHILD ]] || return 0
    kill -"${STOP_CHILD_WITH:-TERM}" -- "-$CHILD" 2>/dev/null
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        kill -0 -- "-$CHILD" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$CHILD" 2>/dev/null
    wait "$CHILD" 2>/dev/null
    CHILD=
}

half_made() { HALF_MADE+=("$1"); }

# The newest entry became whole (or was renamed).
made() { unset 'HALF_MADE[-1]'; }

remove_half_made() {
    local entry
    for entry in "${HALF_MADE[@]}"; do
        case $entry in
            path:*) rm -rf --one-file-system -- "${entry#path:}" ;;
            db:*) drop_db "${entry#db:}" ;;
        esac
    done
    HALF_MADE=()
}

# --- running commands ---------------------------------------------------------------------

# The command gets a process group of its own, so that Ctrl-C in the terminal reaches this
# script alone, which then stops the whole group in order.
start_child() {  # LOG COMMAND…
    local log=$1
    shift
    set -m
    ("$@") </dev/null >"$log" 2>&1 &
    CHILD=$!
    set +m
}

wait_child() {
    local status=0
    wait "$CHILD" || status=$?
    CHILD=
    return "$status"
}

# step NAME "What is being done" "what to do if it fails" COMMAND…
# Must not be called in a condition: bash would then ignore errors inside COMMAND.
step() {
    local log=$LOG_DIR/$1.log what=$2 hint=$3
    shift 3
    say "$what …"
    start_child "$log" "$@"
    wait_child || fail_with_log "$log" "$what." "$hint"
}

as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# --- the cache folder and its locks -------------------------------------------------------

init_home() {
    export LC_ALL=C.UTF-8 PYTHONNOUSERSITE=1 PYTHONUNBUFFERED=1
    unset PYTHONHOME ODOO_RC OPENERP_SERVER CDPATH
    if [[ -n ${AFTERSALES_HOME:-} ]]; then
        HOME_DIR=$AFTERSALES_HOME
    elif [[ $EUID -eq 0 ]]; then
        # Not below /root: PostgreSQL runs as an ordinary user, who cannot look in there.
        HOME_DIR=/var/cache/aftersales
    else
        HOME_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/aftersales
    fi
    mkdir -p -- "$HOME_DIR" || fail "The cache folder $HOME_DIR cannot be made." \
        "set AFTERSALES_HOME to a folder you can write to."
    HOME_DIR=$(cd -- "$HOME_DIR" && pwd -P)
    [[ -w $HOME_DIR ]] || fail "The cache folder $HOME_DIR belongs to somebody else." \
        "set AFTERSALES_HOME to a folder you can write to."
    [[ $HOME_DIR != *[[:space:],:\']* ]] || fail "The path $HOME_DIR has a character that Odoo's configuration cannot hold." \
        "set AFTERSALES_HOME to a path without spaces, commas, colons and quotes."
    [[ $REPO != *[[:space:],:\']* ]] || fail "The path $REPO has a character that Odoo's configuration cannot hold." \
        "move the project to a path without spaces, commas, colons and quotes."
    # The path of a Unix socket may have 107 bytes.
    [[ ${#HOME_DIR} -le 85 ]] || fail "The path $HOME_DIR is too long for PostgreSQL's socket." \
        "set AFTERSALES_HOME to a shorter path."
    LOG_DIR=$HOME_DIR/log
    LOCK_DIR=$HOME_DIR/lock
    CONF_DIR=$HOME_DIR/conf
    DATA_DIR=$HOME_DIR/data
    FILESTORE=$DATA_DIR/filestore
    mkdir -p -- "$LOG_DIR" "$LOCK_DIR" "$CONF_DIR" "$FILESTORE"
    chmod 700 -- "$CONF_DIR" "$DATA_DIR"
    # No compiled files in the project, least of all root's.
    export PYTHONPYCACHEPREFIX=$HOME_DIR/pycache
    find "$LOG_DIR" -name 'install-*' -mtime +14 -delete
    note_outside_services
}

# What the caller already has goes first; not so what these commands export to their own
# children, who may call them again.
note_outside_services() {
    EXTERNAL_PG=
    EXTERNAL_ODOO=
    if [[ -n ${PGHOST:-}${PGPORT:-} && ${PGHOST:-} != "$HOME_DIR/run" ]]; then
        EXTERNAL_PG=1
        export PGUSER=${PGUSER:-$(id -un)}
    fi
    if [[ -n ${ODOO_HOME:-} && $ODOO_HOME != "$HOME_DIR"/* ]]; then
        EXTERNAL_ODOO=$ODOO_HOME
    fi
}

# lock NAME MODE: takes $LOCK_DIR/NAME, MODE being -x or -s, and waits if need be. The file
# descriptor is kept in LOCKS[NAME].
declare -A LOCKS=()

lock() {
    try_lock "$1" "$2" && return 0
    say "Waiting for another setup command that is preparing the same cache folder …"
    local fd
    exec {fd}>>"$LOCK_DIR/$1"
    # In the background, because a shell hears no signal while it waits in the foreground.
    flock "$2" "$fd" &
    wait $!
    LOCKS[$1]=$fd
}

try_lock() {
    local fd
    exec {fd}>>"$LOCK_DIR/$1"
    if flock -n "$2" "$fd"; then
        LOCKS[$1]=$fd
    else
        exec {fd}>&-
        return 1
    fi
}

unlock() {
    local fd=${LOCKS[$1]:-}
    [[ -n $fd ]] || return 0
    flock -u "$fd"
    exec {fd}>&-
    unset "LOCKS[$1]"
}

# A server that outlives this script must not inherit its locks.
without_locks() {
    local fd
    for fd in "${LOCKS[@]}"; do
        exec {fd}>&-
    done
    "$@"
}

# --- step by step -------------------------------------------------------------------------

prepare_machine() {
    lock prepare -x
    rm -rf --one-file-system -- "$HOME_DIR"/*.part
    prepare_packages
    prepare_odoo
    prepare_venv
    prepare_postgres
    find_addons
    unlock prepare
}

# --- Debian packages

prepare_packages() {
    local missing=()
    command -v apt-get >/dev/null || fail "This machine has no apt: the set-up is made for Debian 12." \
        "use a Debian 12 machine, or a container of it."
    mapfile -t missing < <(missing_packages)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || fail "Debian packages are missing and there is no sudo." \
            "have an administrator run: apt-get install --no-install-recommends ${missing[*]}"
        sudo -n true 2>/dev/null || sudo -v || fail "sudo was refused." \
            "have an administrator run: apt-get install --no-install-recommends ${missing[*]}"
    fi
    read_package_lists
    PATIENT=1
    step apt-install "Installing ${#missing[@]} Debian packages" \
        "see whether apt reaches its mirror (apt-get update), then run this command again." \
        install_packages "${missing[@]}"
    PATIENT=
}

read_package_lists() {
    say "Reading the list of Debian packages …"
    PATIENT=1
    start_child "$LOG_DIR/apt-update.log" as_root apt-get update -q
    wait_child || say "Note: apt-get update reported errors ($LOG_DIR/apt-update.log); going on with what it has."
    PATIENT=
}

missing_packages() {
    local package
    while read -r package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
    done < <(grep -v '^#' "$SETUP/debian-packages.txt")
}

# Debian's PostgreSQL package creates a cluster of its own and starts it at once. Nobody asked
# for that server, so it is told not to for as long as this installation lasts.
install_packages() {
    # shellcheck disable=SC2016  # expanded by the inner shell, which runs as root
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 sh -c '
        switch=/etc/postgresql-common/createcluster.d/aftersales-setup.conf
        mkdir -p "${switch%/*}"
        echo "create_main_cluster = off" >"$switch"
        trap "rm -f $switch; rmdir --ignore-fail-on-non-empty ${switch%/*}" EXIT
        apt-get install -q -y --no-install-recommends "$@"
    ' install-packages "$@"
}

# --- Odoo

prepare_odoo() {
    if [[ -n $EXTERNAL_ODOO ]]; then
        [[ -f $EXTERNAL_ODOO/odoo/release.py ]] || fail "ODOO_HOME=$EXTERNAL_ODOO holds no Odoo (odoo/release.py)." \
            "give the folder that contains the folder odoo of an Odoo $ODOO_SERIES source."
        ODOO_HOME=$(cd -- "$EXTERNAL_ODOO" && pwd -P)
        ODOO_VERSION=$(odoo_release "$ODOO_HOME")
    else
        local tree
        tree=$(unpacked_odoo)
        if [[ -z $tree ]]; then
            [[ -n $(debian_mirrors) ]] || read_package_lists
            step odoo-package "Fetching and unpacking Odoo from Debian's package $ODOO_PACKAGE" \
                "see the lines above; or point ODOO_HOME to an Odoo $ODOO_SERIES source and run again." \
                fetch_odoo
            ! grep -q '^Notice:' "$LOG_DIR/odoo-package.log" || grep '^Notice:' "$LOG_DIR/odoo-package.log"
            tree=$(unpacked_odoo)
        fi
        ODOO_HOME=$tree/usr/lib/python3/dist-packages
        ODOO_VERSION=${tree##*/odoo-}
    fi
    local release
    release=$(odoo_release "$ODOO_HOME")
    [[ $release == "$ODOO_SERIES"* ]] || fail "The Odoo in $ODOO_HOME is version $release, not $ODOO_SERIES." \
        "point ODOO_HOME to an Odoo $ODOO_SERIES source."
    export ODOO_HOME
}

odoo_release() {
    sed -n 's/^version_info = (\([0-9]*\), *\([0-9]*\), *\([0-9]*\).*/\1.\2.\3/p' "$1/odoo/release.py"
}

# The newest unpacked package; the mirror is not asked again, so that a second run is quick.
unpacked_odoo() {
    find "$HOME_DIR" -maxdepth 1 -type d -name 'odoo-*' ! -name '*.part' | sort -V | tail -n 1
}

fetch_odoo() {
    local work=$HOME_DIR/fetch.part mirror deb version
    rm -rf --one-file-system -- "$work"
    mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/deb"
    while read -r mirror; do
        if fetch_package "$work" "$mirror"; then
            deb=$(find "$work/deb" -name '*.deb')
            break
        fi
    done < <(debian_mirrors)
    [[ -n ${deb:-} ]] || { echo "No Debian mirror of this machine offers $ODOO_PACKAGE in unstable."; return 1; }
    version=$(dpkg-deb -f "$deb" Version)
    # A colon (an epoch) would end the path in Odoo's and Python's path lists.
    version=${version//:/_}
    echo "Unpacking $ODOO_PACKAGE $version"
    dpkg-deb -x "$deb" "$HOME_DIR/odoo.part"
    mend_odoo "$HOME_DIR/odoo.part"
    mv -T -- "$HOME_DIR/odoo.part" "$HOME_DIR/odoo-$version"
    rm -rf --one-file-system -- "$work"
}

# The archives of Debian proper that this machine already uses (neither security updates nor
# other vendors).
debian_mirrors() {
    # The braces are apt's own: $(NAME) is expanded by it, not by the shell.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u
}

# A private apt: its own list of sources and its own state, so that the machine's is untouched,
# but the machine's proxies and certificates (apt.conf) and Debian's keyring hold.
fetch_package() {
    local work=$1 mirror=$2
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror unstable main" >"$work/apt/sources.list"
    cat >"$work/apt/apt.conf" <<CONF
Dir::State "$work/apt";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$work/apt";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "$work/apt/none";
Dir::Etc::preferences "$work/apt/none";
Dir::Etc::preferencesparts "$work/apt/none";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
CONF
    if ! private_apt "$work" update --error-on=any; then
        # A frozen copy of the archive has a Release file that has expired. Its signature is
        # checked all the same.
        echo "Notice: the mirror's list of unstable packages is refused, perhaps as too old; trying without the check of its date."
        private_apt "$work" update --error-on=any -o Acquire::Check-Valid-Until=false || return 1
    fi
    (cd -- "$work/deb" && private_apt "$work" download "$ODOO_PACKAGE")
}

private_apt() {
    local work=$1
    shift
    APT_CONFIG=$work/apt/apt.conf apt-get -q "$@"
}

# What the package, made for a newer Debian and for installation under /usr, needs here.
mend_odoo() {
    local tree=$1 packages=$1/usr/lib/python3/dist-packages stub
    # A second, incomplete copy of some add-ons lies beside the package odoo.
    rm -rf --one-file-system -- "$packages/addons" "$packages/setup" "$packages/doc"
    # mail names this file in web.assets_backend, the package leaves it out: every page of the
    # backend would log an error in the browser.
    stub=$packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    if [[ ! -e $stub ]]; then
        mkdir -p -- "$(dirname -- "$stub")"
        echo '/* not part of the Debian package */' >"$stub"
    fi
    resolve_links "$tree"
}

# Links that lead out of the package, to /usr/share, dangle once it is unpacked elsewhere: each
# becomes a copy of its target. The package crosses Font Awesome's woff and woff2, therefore a
# file with the link's own name beside the target goes first. Links to what Debian 12 does not
# have (the Montserrat font) go away.
resolve_links() {
    local tree=$1 link target own
    while IFS= read -r -d '' link; do
        [[ ! -e $link ]] || continue
        target=$(realpath -m -- "$link")
        target=${target#"$tree"}
        own=$(dirname -- "$target")/$(basename -- "$link")
        if [[ -f $own ]]; then
            cp --remove-destination -- "$own" "$link"
        elif [[ -f $target ]]; then
            cp --remove-destination -- "$target" "$link"
        else
            echo "Left out, not on this machine: $target"
            rm -- "$link"
        fi
    done < <(find "$tree" -type l -print0)
}

# --- Python

prepare_venv() {
    local key
    key=$( (/usr/bin/python3 --version; cat -- "$SETUP/requirements.lock") | sha256sum | cut -c 1-12)
    VENV=$HOME_DIR/venv-$key
    if [[ ! -e $VENV/.complete ]]; then
        # Scripts in a virtual environment hold its path: it is built in place and marked last.
        rm -rf --one-file-system -- "$VENV"
        half_made "path:$VENV"
        step python "Installing $(grep -c '^[^#]' "$SETUP/requirements.lock") Python packages" \
            "see whether pip reaches its package index (pip config list, proxy, certificates), then run this command again." \
            build_venv
        made
    fi
    PYTHON=$VENV/bin/python
    export PYTHONPATH=$ODOO_HOME
}

build_venv() {
    /usr/bin/python3 -m venv "$VENV"
    PYTHONPATH='' "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --no-compile \
        --requirement "$SETUP/requirements.lock"
    touch -- "$VENV/.complete"
}

odoo() { "$PYTHON" "$SETUP/odoo_cli.py" "$@"; }

find_addons() {
    local names
    names=$("$PYTHON" "$SETUP/manifests.py" names "$REPO")
    mapfile -t ADDONS < <(printf '%s' "$names")
}

# --- PostgreSQL

prepare_postgres() {
    find_postgres
    if [[ -n $EXTERNAL_PG ]]; then
        check_external_postgres
        return
    fi
    unset PGPASSWORD PGPASSFILE PGSERVICE PGDATABASE PGOPTIONS PGSSLMODE
    export PGHOST=$HOME_DIR/run PGPORT=5432 PGUSER=odoo
    [[ $EUID -ne 0 ]] || ensure_system_user
    if [[ ! -s $HOME_DIR/pg/PG_VERSION ]]; then
        step postgres-init "Making a private PostgreSQL cluster" \
            "see the lines above; an existing server can be used by setting PGHOST, PGPORT, PGUSER and PGPASSWORD." \
            build_cluster
    fi
    join_cluster
}

find_postgres() {
    local version
    if [[ -z $EXTERNAL_PG && -s $HOME_DIR/pg/PG_VERSION ]]; then
        version=$(<"$HOME_DIR/pg/PG_VERSION")
        PG_BIN=/usr/lib/postgresql/$version/bin
    else
        PG_BIN=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
    fi
    [[ -x $PG_BIN/psql ]] || fail "The programs of PostgreSQL are not in ${PG_BIN:-/usr/lib/postgresql}." \
        "install PostgreSQL ${version:-15}, or remove $HOME_DIR/pg with its databases to start afresh."
    # Before Debian's wrappers, which read other people's settings.
    export PATH=$PG_BIN:$PATH
}

check_external_postgres() {
    local rights
    [[ $PGUSER != postgres ]] || fail "Odoo refuses to work as the database user postgres." \
        "make a role (createuser --createdb odoo) and set PGUSER to it."
    rights=$(sql postgres "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user" 2>&1) \
        || fail "PostgreSQL at PGHOST=${PGHOST:-} PGPORT=${PGPORT:-} does not answer: $rights" \
            "check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset them to get a private server."
    [[ $rights == t ]] || fail "The database user $PGUSER may not create databases." "ALTER ROLE $PGUSER CREATEDB"
}

ensure_system_user() {
    if ! id "$SYSTEM_USER" >/dev/null 2>&1; then
        say "Making the system user $SYSTEM_USER, because PostgreSQL refuses to run as root …"
        useradd --system --user-group --home-dir "$HOME_DIR" --no-create-home --shell /usr/sbin/nologin "$SYSTEM_USER"
    fi
    as_pg_user test -x "$HOME_DIR" || fail "The user $SYSTEM_USER cannot look into $HOME_DIR." \
        "let everybody pass the folders above it (chmod a+x), also /, or set AFTERSALES_HOME to another folder."
}

as_pg_user() {
    # From a folder that this user can certainly enter.
    if [[ $EUID -eq 0 ]]; then
        (cd / && runuser -u "$SYSTEM_USER" -- "$@")
    else
        (cd / && "$@")
    fi
}

build_cluster() {
    local part=$HOME_DIR/pg.part
    rm -rf --one-file-system -- "$part"
    mkdir -m 700 -- "$part"
    [[ $EUID -ne 0 ]] || chown -R "$SYSTEM_USER:" "$part"
    as_pg_user "$PG_BIN/initdb" --pgdata="$part" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-instructions
    # Odoo may create databases, and finds in each the extensions that only a superuser can set
    # up: an immutable unaccent is what its search indexes need.
    as_pg_user "$PG_BIN/postgres" --single -D "$part" template1 <<'SQL'
CREATE ROLE odoo LOGIN CREATEDB;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
ALTER FUNCTION unaccent(text) IMMUTABLE;
ALTER FUNCTION unaccent(text) OWNER TO odoo;
SQL
    mv -T -- "$part" "$HOME_DIR/pg"
}

# Every command that uses the cluster holds the lock "users" in shared mode; who leaves last
# stops the cluster, unless somebody else had started it.
join_cluster() {
    lock cluster -x
    lock users -s
    EXIT_HOOKS+=(leave_cluster)
    if ! pg_ctl_quiet status; then
        start_cluster
    fi
    unlock cluster
}

start_cluster() {
    mkdir -p -- "$HOME_DIR/run"
    chmod 700 -- "$HOME_DIR/run"
    touch -- "$LOG_DIR/postgresql.log"
    [[ $EUID -ne 0 ]] || chown "$SYSTEM_USER:" "$HOME_DIR/run" "$LOG_DIR/postgresql.log"
    # The data are a demo's and the tests': a crash may cost the last transactions, never the
    # whole, and everything is several times quicker.
    local options="-c listen_addresses='' -c unix_socket_directories='$HOME_DIR/run' -c unix_socket_permissions=0700"
    options+=" -c synchronous_commit=off -c max_wal_size=2GB -c shared_buffers=256MB -c logging_collector=off"
    touch -- "$LOCK_DIR/$PG_MARK"
    step postgres-start "Starting PostgreSQL" "see $LOG_DIR/postgresql.log" \
        without_locks as_pg_user "$PG_BIN/pg_ctl" start --wait --timeout=60 --silent \
        --pgdata="$HOME_DIR/pg" --log="$LOG_DIR/postgresql.log" --options="$options"
}

pg_ctl_quiet() { as_pg_user "$PG_BIN/pg_ctl" "$@" --pgdata="$HOME_DIR/pg" >/dev/null 2>&1; }

leave_cluster() {
    unlock users
    unlock cluster
    lock cluster -x
    if [[ -e $LOCK_DIR/$PG_MARK ]] && try_lock users -x; then
        pg_ctl_quiet stop --mode=fast --wait --timeout=60
        rm -f -- "$LOCK_DIR/$PG_MARK"
        unlock users
    fi
    unlock cluster
}

# --- databases

# sql DATABASE STATEMENT
sql() { psql --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }

db_exists() { [[ -n $(sql postgres "SELECT 1 FROM pg_database WHERE datname = '$1'") ]]; }

# What a database was made from is kept with it, as its comment.
db_note() { sql postgres "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'"; }

set_db_note() { sql postgres "COMMENT ON DATABASE \"$1\" IS '$2'"; }

drop_db() {
    [[ -n $1 ]] || return 1
    PGOPTIONS='-c client_min_messages=warning' dropdb --if-exists --force --maintenance-db=postgres "$1"
    rm -rf --one-file-system -- "${FILESTORE:?}/$1"
}

rename_db() {
    [[ ! -d $FILESTORE/$1 ]] || mv -T -- "$FILESTORE/$1" "$FILESTORE/$2"
    sql postgres "ALTER DATABASE \"$1\" RENAME TO \"$2\""
}

# Odoo never changes a file of the filestore, it only adds and removes: hard links will do.
clone_db() {
    createdb --maintenance-db=postgres --template="$1" "$2"
    rm -rf --one-file-system -- "${FILESTORE:?}/$2"
    if [[ -d $FILESTORE/$1 ]]; then
        cp -al -- "$FILESTORE/$1" "$FILESTORE/$2"
    fi
}

# write_conf FILE DATABASE PORT [LINE…]
write_conf() {
    local file=$1 database=$2 port=$3 addons_path=$ODOO_HOME/odoo/addons
    shift 3
    # A source checkout keeps most add-ons in a folder of its own.
    [[ ! -d $ODOO_HOME/addons/web ]] || addons_path+=,$ODOO_HOME/addons
    [[ ${#ADDONS[@]} -eq 0 ]] || addons_path+=,$REPO
    (umask 077 && cat >"$file") <<CONF
[options]
addons_path = $addons_path
data_dir = $DATA_DIR
db_user = $PGUSER
${PGHOST:+db_host = $PGHOST}
${PGPORT:+db_port = $PGPORT}
${PGPASSWORD:+db_password = $PGPASSWORD}
db_template = $(db_template)
unaccent = $(can_unaccent && echo True || echo False)
http_interface = $LOOPBACK
http_port = $port
db_name = $database
list_db = False
$(printf '%s\n' "$@")
CONF
}

# The private cluster's template1 holds the extensions; a server of somebody else may not.
db_template() { if [[ -n $EXTERNAL_PG ]]; then echo template0; else echo template1; fi; }

can_unaccent() {
    [[ -z $EXTERNAL_PG || $(sql postgres "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == t ]]
}

# Odoo passes over a module it cannot install and still ends well: ask the database.
check_installed() {  # DATABASE MODULE…
    local database=$1 module state
    shift
    for module in "$@"; do
        state=$(sql "$database" "SELECT state FROM ir_module_module WHERE name = '$module'")
        [[ $state == installed ]] || { echo "Module $module is not installed but '${state:-unknown}'."; return 1; }
    done
}

# One value for all that decides what the add-ons put into a database.
addons_hash() {
    (
        cd -- "$REPO" || exit
        find "${ADDONS[@]}" -type f ! -path '*/__pycache__/*' ! -path '*/tests/*' -print0 \
            | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16
    )
}

join_with_commas() { local IFS=,; echo "$*"; }

port_in_use() { (exec 3<>"/dev/tcp/$LOOPBACK/$1") 2>/dev/null; }

# signals_from_the_start SCRIPT ARGS…: a shell that is started in the background by another
# script ignores Ctrl-C and cannot change that itself.
signals_from_the_start() {
    [[ -z ${AFTERSALES_SIGNALS:-} ]] || { unset AFTERSALES_SIGNALS; return 0; }
    AFTERSALES_SIGNALS=1 exec env --default-signal=INT,TERM,HUP bash -- "$@"
}
