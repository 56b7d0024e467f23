# Conditional jumps to a jump to a continuation go there themselves: on x86 they reach as far as any. Assembler text of gcc; the file
# is read twice.
#
# usage: awk -f peephole.awk FILE.s FILE.s
#
# What nothing reaches any more behind another jump is left out.
FNR == 1 {
    pass++
}
# Where a label only leads to a continuation.
pass == 1 {
    if ($0 ~ /^\.L[A-Za-z0-9_]*:$/)
        label[++labels] = substr($0, 1, length($0) - 1)
    else if ($1 == "jmp" && $2 ~ /^cont_[a-z0-9_]*$/)
        for (; labels; labels--)
            leads[label[labels]] = $2
    else if ($0 !~ /^\t\.p2align|^[ \t]*#/)
        labels = 0
    next
}
$1 ~ /^j[a-z]+$/ && $2 in leads {
    sub(/\.L[A-Za-z0-9_]*$/, leads[$2])
}
{
    line[++lines] = $0
    for (rest = /^\.L/ ? "" : $0; match(rest, /\.L[A-Za-z0-9_]+/); rest = substr(rest, RSTART + RLENGTH))
        used[substr(rest, RSTART, RLENGTH)] = 1
}
END {
    for (i = 1; i <= lines; i++) {
        split(line[i], word, " ")
        name = line[i]
        sub(/:$/, "", name)
        # A label that is no more used is nothing; code behind a jump is reached by one that is.
        if (line[i] ~ /^\.L[A-Za-z0-9_]*:$/ && !(name in used) && name in leads)
            continue
        if (line[i] ~ /^[^ \t#].*:/ || line[i] ~ /^\t\.(size|section|cfi)/)
            dead = 0
        if (!dead)
            print line[i]
        if (word[1] == "jmp")
            dead = 1
    }
}
