# shellcheck shell=bash
# stress-ng.
need stress-ng

is "stress-ng" "$(in_guest /usr/bin/stress-ng --cpu 2 --cpu-ops 20 --matrix 1 --matrix-ops 5 --futex 2 --futex-ops 2000 2>&1 | grep -c 'successful run')" 1

# A second of each stressor that found something: threads whose numbers are cleared elsewhere, limits of System V's objects,
# signals that tell a descriptor.
for stressor in pthread msg sem-sysv shm-sysv dnotify; do
    is "stress-ng's $stressor" "$(in_guest /usr/bin/stress-ng --$stressor 1 -t 1 --verify --temp-path . 2>&1 | grep -c 'fail\|unsuccessful')" 0
done
