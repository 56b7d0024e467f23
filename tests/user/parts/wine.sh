# shellcheck shell=bash
# Wine: a console program, and one with a window.
need wine wine32
display
command -v xdotool >/dev/null || skip "there is no xdotool"

# What the package's script does when it is installed: this library gets Wine's signature behind the DOS header's 64 bytes.
library=$root/usr/lib/i386-linux-gnu/wine/i386-windows/zlib1.dll
cp "$root/usr/i686-w64-mingw32/lib/zlib1.dll" "$library"
{ printf 'Wine builtin DLL'; head -c 16 /dev/zero; } | dd of="$library" bs=1 seek=64 conv=notrunc status=none

export WINEPREFIX=$PWD/wine WINEDLLOVERRIDES='mscoree,mshtml=' WINESERVER=/usr/lib/wine/wineserver32 WINEDEBUG=-all
wine() {
    in_guest /usr/lib/wine/wine "$@" 2>>wine.log
}
is "cmd /c ver" "$(wine cmd /c ver | tr -d '\r\n')" "Microsoft Windows 6.1.7601"
is "cmd's answer" "$(wine cmd /c 'set /a 6*7' | tr -d '\r\n')" 42
is "a script" "$(printf '@echo off\r\nfor /l %%%%i in (1,1,4) do echo %%%%i\r\nexit 3\r\n' >s.bat; wine cmd /c s.bat | tr -d '\r\n'; echo " ${PIPESTATUS[0]}")" "1234 3"
wine winemine &
within_display xdotool search --sync --name WineMine >/dev/null
eventually "WineMine's face is yellow" '[ "$(pixels ffff00)" -gt 50 ]'
eventually "WineMine's digits are green" '[ "$(pixels 00ff00)" -gt 50 ]'
in_guest $WINESERVER -k 2>/dev/null
wait $!
