# What a shell does in Debian's kernel for comparisons of machines: no input, so every run is the same. It computes, forks,
# sleeps and switches off. Sourced: $lockstep_append is the kernel's command line, $lockstep_answers what it prints.
lockstep_commands='B=/bin/busybox; $B mount -t proc proc /proc; $B mount -t devtmpfs devtmpfs /dev; $B --install -s;
dmesg -n 1;
yes pagewalk | head -c 300000 | sha256sum;
yes 0123456789 | head -c 100000 | gzip | gunzip | md5sum;
awk '\''BEGIN { print int(2 / 3 * 1e10 / 7 * 1000) }'\'';
i=0; while [ $i -lt 10 ]; do busybox true; i=$((i+1)); done; echo forked-$i;
sleep 1 & wait; echo waited-$((1+1)); poweroff -f'
lockstep_append="console=ttyS0 rdinit=/bin/busybox -- sh -c \"${lockstep_commands//$'\n'/ }\""
lockstep_answers=("$(yes pagewalk | head -c 300000 | sha256sum | cut -c 1-64)"
    "$(yes 0123456789 | head -c 100000 | md5sum | cut -c 1-32)"
    952380952380 forked-10 waited-2 "reboot: Power down")
