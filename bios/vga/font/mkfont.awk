# Turns a font's text into the bytes of the VGA's fonts: awk -v out=c|gas [-v chars=128] -f mkfont.awk FONT [CHANGES...]
#
# The output is 256 (or `chars`) characters from 00 on, a byte for each row, the leftmost dot in bit 7: rows of
# numbers for C, or .byte lines for gas. A later file's characters replace those of earlier ones. Lines:
#
#   height N              rows of a character; in a file of changes: fewer, by rows cut off evenly above and below
#   box S D E             the row of a single level line, and the rows of a double one
#   HH NAME... [@ROW]     character HH (hexadecimal, code page 437); rows of . and # follow, the first is row ROW
#   mark NAME [@ROW]      a shape that compose can use
#   compose HH A B...     a character of shapes laid over each other: characters in hexadecimal, or marks
#   inverse HH A          a character with A's dots turned over
#   shade HH EVEN ODD     a pattern of two rows
#   boxes                 characters b3 to df: lines, corners and crossings that join, and blocks
#
# Everything else is text for the reader. What is wrong ends the build with the file and line.

function fail(text) {
    print FILENAME ":" FNR ": " text > "/dev/stderr"
    failed = 1
    exit 1
}
function clear(name,    r) {
    for (r = 0; r < height; r++)
        row[name, r] = "........"
    known[name] = 1
}
function or_rows(a, b,    i, s) {
    s = ""
    for (i = 1; i <= 8; i++)
        s = s ((substr(a, i, 1) == "#" || substr(b, i, 1) == "#") ? "#" : ".")
    return s
}
function begin(name) {
    clear(name)
    current = name
    next_row = 0
    if ($NF ~ /^@[0-9]+$/)
        next_row = substr($NF, 2) + 0
}
# Rows top to bottom - 1, columns left to right - 1 of character `name` become dots (or blanks).
function fill(name, top, bottom, left, right, dot,    r, n) {
    n = right - left
    for (r = top; r < bottom; r++)
        row[name, r] = substr(row[name, r], 1, left) substr(dot dot dot dot dot dot dot dot, 1, n) \
                       substr(row[name, r], right + 1)
}
# A character of lines: for each arm 0 (none), 1 (single) or 2 (double). A double arm is painted as a bar from the
# edge through the middle, and a channel is cut into it where all bars are painted.
function lines(name, up, down, left, right,    v, h, x0, x1, y0, y1, through) {
    clear(name)
    v = up > down ? up : down
    h = left > right ? left : right
    x0 = v == 2 ? 1 : 3; x1 = v == 2 ? 7 : 5
    y0 = h == 2 ? upper : single; y1 = h == 2 ? lower + 1 : single + 1
    if (up) fill(name, 0, y1, x0, x1, "#")
    if (down) fill(name, y0, height, x0, x1, "#")
    if (left) fill(name, y0, y1, 0, x1, "#")
    if (right) fill(name, y0, y1, x0, 8, "#")
    through = up && down && !(left && right) # the channel of a double upright runs through a single level line
    if (up == 2) fill(name, 0, h == 2 || through ? single + 1 : single, 3, 5, ".")
    if (down == 2) fill(name, h == 2 || through ? single : single + 1, height, 3, 5, ".")
    through = left && right && !(up && down)
    if (left == 2) fill(name, single, single + 1, 0, v == 2 || through ? 5 : 3, ".")
    if (right == 2) fill(name, single, single + 1, v == 2 || through ? 3 : 5, 8, ".")
}
function boxes(    i, n, half, code) {
    n = split("b3 1100 b4 1110 b5 1120 b6 2210 b7 0210 b8 0120 b9 2220 ba 2200 bb 0220 bc 2020 bd 2010 be 1020 " \
              "bf 0110 c0 1001 c1 1011 c2 0111 c3 1101 c4 0011 c5 1111 c6 1102 c7 2201 c8 2002 c9 0202 ca 2022 " \
              "cb 0222 cc 2202 cd 0022 ce 2222 cf 1022 d0 2011 d1 0122 d2 0211 d3 2001 d4 1002 d5 0102 d6 0201 " \
              "d7 2211 d8 1122 d9 1010 da 0101", code, " ")
    for (i = 1; i < n; i += 2)
        lines(code[i], substr(code[i + 1], 1, 1) + 0, substr(code[i + 1], 2, 1) + 0, substr(code[i + 1], 3, 1) + 0, \
              substr(code[i + 1], 4, 1) + 0)
    half = int(height / 2)
    clear("db"); fill("db", 0, height, 0, 8, "#")
    clear("dc"); fill("dc", half, height, 0, 8, "#")
    clear("dd"); fill("dd", 0, height, 0, 4, "#")
    clear("de"); fill("de", 0, height, 4, 8, "#")
    clear("df"); fill("df", 0, half, 0, 8, "#")
}
function cut_to(n,    cut, name, r) {
    cut = int((height - n) / 2)
    for (name in known)
        for (r = 0; r < n; r++)
            row[name, r] = row[name, r + cut]
    height = n
}
function byte(s,    i, n) {
    n = 0
    for (i = 1; i <= 8; i++)
        n = n * 2 + (substr(s, i, 1) == "#")
    return n
}

$1 == "height" && NF == 2 { if (height) cut_to($2 + 0); else height = $2 + 0; next }
$1 == "box" && NF == 4 { single = $2; upper = $3; lower = $4; next }
$1 == "mark" && (NF == 2 || $NF ~ /^@[0-9]+$/) { begin($2); next }
$1 ~ /^[0-9a-f][0-9a-f]$/ { begin($1); next }
$1 == "compose" && $2 ~ /^[0-9a-f][0-9a-f]$/ {
    clear($2)
    for (i = 3; i <= NF; i++) {
        if (!($i in known))
            fail("there is no shape " $i " above this line")
        for (r = 0; r < height; r++)
            row[$2, r] = or_rows(row[$2, r], row[$i, r])
    }
    next
}
$1 == "inverse" && NF == 3 {
    if (!($3 in known))
        fail("there is no shape " $3 " above this line")
    clear($2)
    for (r = 0; r < height; r++) {
        s = row[$3, r]
        gsub(/#/, "x", s); gsub(/\./, "#", s); gsub(/x/, ".", s)
        row[$2, r] = s
    }
    next
}
$1 == "shade" && NF == 4 {
    clear($2)
    for (r = 0; r < height; r++)
        row[$2, r] = r % 2 ? $4 : $3
    next
}
$1 == "boxes" && NF == 1 { boxes(); next }
/^[.#]+$/ {
    if (length($1) != 8)
        fail("a row has 8 dots")
    if (next_row >= height)
        fail("character " current " has too many rows")
    row[current, next_row++] = $1
}

END {
    if (failed)
        exit 1
    if (!chars)
        chars = 256
    for (c = 0; c < chars; c++) {
        name = sprintf("%02x", c)
        if (!(name in known)) {
            print FILENAME ": character " name " is missing" > "/dev/stderr"
            exit 1
        }
        text = out == "gas" ? "        .byte   " : ""
        for (r = 0; r < height; r++)
            text = text sprintf(out == "gas" ? (r ? ", 0x%02x" : "0x%02x") : "0x%02x,", byte(row[name, r]))
        print text (out == "gas" ? " # " : " /* ") name (out == "gas" ? "" : " */")
    }
}
