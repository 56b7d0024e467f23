# Sourced: apt for packages of Debian 12 of any architecture, with a state folder of its own. Nothing of the system's apt
# is changed.
#
# apt_foreign_start STATE-FOLDER LOG-FILE ARCHITECTURE [SUITE] makes the folder, sets `apt_options` for apt-get and apt-cache,
# and reads the package lists; false: there are none. SUITE: of another Debian than 12, from Debian's own mirror.

# The system's own Debian sources, so that its mirror and keys are used; other vendors' are left out.
apt_foreign_sources() {
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -r "$file" ] || continue
        awk -v RS= -v ORS='\n\n' -v suite=bookworm '
            /(^|\n)Enabled:[ \t]*no/ { next }
            /(^|\n)URIs:[^\n]*debian/ && $0 ~ "(^|\n)Suites:[^\n]*" suite "([ \t\n-]|$)" {
                gsub(/(^|\n)Architectures:[^\n]*/, ""); print
            }' "$file" >"$apt_state/sources.d/$(basename "$file")"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$file" ] || continue
        awk -v suite=bookworm '$1 == "deb" && $0 ~ /debian/ && $0 ~ "[ \t]" suite "([ \t/-]|$)" {
            sub(/arch=[^] \t]*/, ""); sub(/\[[ \t]*\]/, ""); print }' "$file" >>"$apt_state/sources.list"
    done
    find "$apt_state/sources.d" -type f -empty -delete
    if [ ! -s "$apt_state/sources.list" ] && [ -z "$(ls "$apt_state/sources.d")" ]; then
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
            "http://deb.debian.org/debian bookworm main" >"$apt_state/sources.list"
    fi
}

apt_foreign_start() {
    apt_state=$1
    mkdir -p "$apt_state/lists/partial" "$apt_state/cache/archives/partial" "$apt_state/sources.d" "$apt_state/debs"
    : >"$apt_state/status"
    : >"$apt_state/sources.list"
    : >"$2"
    if [ -n "${4:-}" ]; then
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $4 main" \
            >"$apt_state/sources.list"
    else
        apt_foreign_sources
    fi
    apt_options=(
        -o APT::Architecture="$3"
        -o APT::Architectures="$3"
        -o Dir::State="$apt_state"
        -o Dir::State::status="$apt_state/status"
        -o Dir::State::lists="$apt_state/lists"
        -o Dir::Cache="$apt_state/cache"
        -o Dir::Etc::sourcelist="$apt_state/sources.list"
        -o Dir::Etc::sourceparts="$apt_state/sources.d"
        -o Dir::Etc::preferencesparts=/dev/null
        -o APT::Get::List-Cleanup=false
        -o APT::Sandbox::User=root
        -o Acquire::Languages=none
        -o Acquire::Retries=2
        -o Acquire::http::Timeout=20
        -o Acquire::https::Timeout=20
    )
    # An archive that is being updated (the security one, say) may fail alone: the others will do.
    apt-get "${apt_options[@]}" -q update >>"$2" 2>&1
    apt-cache "${apt_options[@]}" show busybox-static >/dev/null 2>&1
}
