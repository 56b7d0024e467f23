# shellcheck shell=bash
# stress-ng.
need stress-ng

is "stress-ng" "$(in_guest /usr/bin/stress-ng --cpu 2 --cpu-ops 20 --matrix 1 --matrix-ops 5 --futex 2 --futex-ops 2000 2>&1 | grep -c 'successful run')" 1
