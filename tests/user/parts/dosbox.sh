# shellcheck shell=bash
# DOSBox to its prompt, and a program for DOS in its two cores: one of them makes code as it runs.
need dosbox
display
export SDL_AUDIODRIVER=dummy

# 42 to a file: MOV AH,3Ch; XOR CX,CX; MOV DX,name; INT 21h; MOV BX,AX; MOV AH,40h; MOV CX,2; MOV DX,text; INT 21h;
# MOV AH,4Ch; INT 21h
printf '\264\074\061\311\272\036\001\315\041\211\303\264\100\271\002\000\272\033\001\315\041\264\114\315\041\220\220\064\062\044\122\000' >p.com
for core in normal dynamic; do
    rm -f R
    printf '[cpu]\ncore=%s\n[sdl]\noutput=surface\n' $core >$core.conf
    timeout 3600 "$runner" -L "$root" /usr/bin/dosbox -conf $core.conf -c "mount c $PWD" -c c: -c p.com -c ver -c 'dir > list.txt' >dosbox.log 2>&1 &
    pid=$!
    eventually "a program ($core)" '[ "$(cat R 2>/dev/null)" = 42 ]'
    eventually "DIR ($core)" 'grep -q "P *COM" LIST.TXT'
    eventually "the banner is blue ($core)" '[ "$(pixels 0000aa)" -gt 10000 ] || [ "$(pixels 0000a8)" -gt 10000 ]'
    kill $pid
    wait $pid 2>/dev/null
    rm -f LIST.TXT
done
