# shellcheck shell=bash
# Shells, coreutils, busybox, gzip and xz, beside the host's where that has the same.
need bash dash coreutils busybox gzip xz-utils

is "bash" "$(in_guest /bin/bash -c 'for i in 3 1 2; do echo $i; done | sort | tr "\n" " "; echo $((6*7)) $(uname -m)')" "1 2 3 42 i686"
is "bash's jobs" "$(in_guest /bin/bash -c 'sleep 0.1 & wait $!; (exit 3); echo $?; trap "echo trapped" USR1; kill -USR1 $$; echo end')" "3
trapped
end"
for tool in md5sum sha256sum b2sum cksum wc; do
    is "$tool" "$(in_guest /usr/bin/$tool data)" "$($tool data)"
done
is "sort" "$(seq 5000 | in_guest /usr/bin/sort -n --parallel=4 -r | md5sum)" "$(seq 5000 | sort -n -r | md5sum)"
is "ls" "$(in_guest /usr/bin/ls /etc)" "$(in_guest /bin/busybox ls /etc)"
is "busybox" "$(in_guest /bin/busybox sh -c 'busybox seq 1 100 | busybox awk "{s+=\$1} END {print s}"; busybox echo a | busybox sed s/a/b/; busybox factor 1001')" "5050
b
1001: 7 11 13"
applets=0
for applet in $(in_guest /bin/busybox --list); do
    in_guest /bin/busybox "$applet" --help >applet 2>&1 </dev/null
    [ $? -lt 126 ] && applets=$((applets + 1))
done
is "busybox's applets" "$applets" "$(in_guest /bin/busybox --list | wc -l)"
is "gzip" "$(in_guest /bin/gzip -c data | gzip -d | md5sum)" "$(md5sum <data)"
is "xz" "$(in_guest /usr/bin/xz -T2 -1 -c data | in_guest /usr/bin/xz -d | md5sum)" "$(md5sum <data)"
