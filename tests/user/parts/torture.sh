# shellcheck shell=bash
# GCC's torture programs (gcc.c-torture/execute), compiled by the host's `gcc -m32 -O2`. They end with status 0; those that do
# not compile, or do not do so natively or in qemu-i386, say nothing.
need gcc-12-source

tar -xf "$root"/usr/src/gcc-12/gcc-*.tar.xz --wildcards '*/gcc.c-torture/execute/*' || skip "its archive cannot be read"
cat >one <<'END'
#!/bin/bash
name=$(basename "$2" .c)
gcc -m32 -O2 -w -static -fno-pie -no-pie -o "$name" "$2" -lm 2>/dev/null || { echo "left out"; exit; }
reference=()
build=$(sed -n 2p "$0.reference")
[ "$build" ] && reference=("$build")
if timeout 60 "${reference[@]}" "./$name" >/dev/null 2>&1; then
    timeout 600 "$1" "./$name" >/dev/null 2>&1 && echo pass || echo "FAIL $name"
else
    echo "left out"
fi
rm -f "$name"
END
chmod +x one
{ echo reference; "$top/build/user/hello" >/dev/null 2>&1; [ $? -eq 42 ] || command -v qemu-i386; } >one.reference
find . -path '*/execute/*.c' -print0 | sort -z | nice xargs -0 -n 1 -P 2 ./one "$runner" >torture.log
grep FAIL torture.log
is "torture programs that fail of $(grep -c -v 'left out' torture.log)" "$(grep -c FAIL torture.log)" 0
is "torture programs that run: 1000 at least" "$(($(grep -c pass torture.log) >= 1000))" 1
