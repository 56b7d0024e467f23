/* Lengths and jumps of x86 instructions (Intel SDM volume 2, appendix A), as far as compilers use them for integers and SSE. */
#include "tools/dyngen/insn.h"

/* What follows an opcode:
 *   .  nothing         m  ModRM            b  ModRM, imm8       z  ModRM, imm16 or 32
 *   B  imm8            Z  imm16 or 32      W  imm16             R  32 bits
 *   o  an address      v  imm16, 32 or 64  t  ModRM, imm8 for TEST      T  the same with imm16 or 32
 *   i  INC or DEC, without REX             x  not known here */
static const char one_byte[] = "mmmmBZxxmmmmBZxx"
                               "mmmmBZxxmmmmBZxx"
                               "mmmmBZxxmmmmBZxx"
                               "mmmmBZxxmmmmBZxx"
                               "iiiiiiiiiiiiiiii"
                               "................"
                               "xxxmxxxxZzBbxxxx"
                               "BBBBBBBBBBBBBBBB"
                               "bzxbmmmmmmmmmmmm"
                               "..........x....."
                               "oooo....BZ......"
                               "BBBBBBBBvvvvvvvv"
                               "bbW.xxbzx.xx.xxx"
                               "mmmmxxxxmmmmmmmm"
                               "BBBBBBBBRRxBxxxx"
                               "xxxx..tT......mm";
static const char two_byte[] = "xxxxxxxxxxx.xxxx"
                               "mmmmmmmmmmmmmmmm"
                               "xxxxxxxxmmmmmmmm"
                               "x.xxxxxxxxxxxxxx"
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm"
                               "bbbbmmm.xxxxmmmm"
                               "RRRRRRRRRRRRRRRR"
                               "mmmmmmmmmmmmmmmm"
                               "xx.mbmxxxxxmbmmm"
                               "mmmmmmmmmmbmmmmm"
                               "mmbmbbbm........"
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmx";

/* An instruction's bytes; behind the last there are zeros, and AT tells. */
struct bytes {
    const u8 *code;
    u32 left, at;
};

static u8 peek(const struct bytes *b)
{
    return b->at < b->left ? b->code[b->at] : 0;
}

/* ModRM, SIB and displacement, with addresses of 32 or 64 bits (SDM volume 2, tables 2-2 and 2-3). */
static u8 skip_modrm(struct bytes *b)
{
    u8 modrm = peek(b), mod = modrm >> 6, rm = modrm & 7;

    b->at++;
    if (mod == 3)
        return modrm;
    if (rm == 4) {
        if (mod == 0 && (peek(b) & 7) == 5)
            b->at += 4;
        b->at++;
    } else if (mod == 0 && rm == 5) {
        b->at += 4;
    }
    b->at += mod == 1 ? 1 : mod == 2 ? 4 : 0;
    return modrm;
}

static enum insn_class classify(bool two, u8 op, u8 modrm)
{
    if (two)
        return op == 0x0b ? INSN_TRAP : op >> 4 == 8 ? INSN_BRANCH : INSN_PLAIN;
    switch (op) {
    case 0xe8: return INSN_CALL;
    case 0xe9:
    case 0xeb: return INSN_JUMP;
    case 0xc2:
    case 0xc3: return INSN_RETURN;
    case 0xcc: return INSN_TRAP;
    case 0xff:
        switch (modrm >> 3 & 7) {
        case 2: return INSN_CALL;
        case 4: return INSN_JUMP;
        case 3:
        case 5:
        case 7: return INSN_UNKNOWN;
        default: return INSN_PLAIN;
        }
    default: return op >> 4 == 7 || (op & 0xfc) == 0xe0 ? INSN_BRANCH : INSN_PLAIN;
    }
}

static bool is_prefix(u8 byte)
{
    return byte == 0x66 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 || (byte & 0xe7) == 0x26 ||
           byte == 0x64 || byte == 0x65;
}

/* Behind the opcode. */
static void skip_operands(struct bytes *b, char form, u32 imm, bool is64, bool rex_w, u8 *modrm)
{
    switch (form) {
    case 'm':
    case 'b':
    case 'z': *modrm = skip_modrm(b); break;
    case 't':
    case 'T':
        *modrm = skip_modrm(b);
        if (*modrm & 0x30)
            return;
        break;
    default: break;
    }
    switch (form) {
    case 'b':
    case 't':
    case 'B': b->at += 1; break;
    case 'z':
    case 'T':
    case 'Z': b->at += imm; break;
    case 'W': b->at += 2; break;
    case 'R': b->at += 4; break;
    case 'o': b->at += is64 ? 8 : 4; break;
    case 'v': b->at += rex_w ? 8 : imm; break;
    default: break;
    }
}

static struct insn decode(const u8 *code, u32 left, bool is64)
{
    struct bytes b = {.code = code, .left = left};
    u8 op, rex = 0, modrm = 0;
    u32 imm = 4;
    bool two;
    char form;

    for (; b.at < 14 && is_prefix(peek(&b)); b.at++)
        if (peek(&b) == 0x66)
            imm = 2;
    if (is64 && peek(&b) >> 4 == 4)
        rex = code[b.at++];
    op = peek(&b);
    b.at++;
    two = op == 0x0f;
    if (!two) {
        form = one_byte[op];
    } else {
        op = peek(&b);
        b.at++;
        form = two_byte[op];
        if (op == 0x38 || op == 0x3a) {
            form = op == 0x38 ? 'm' : 'b';
            b.at++;
        }
    }
    if (form == 'x' || (form == 'i' && is64))
        return (struct insn){left, INSN_UNKNOWN};
    skip_operands(&b, form, imm, is64, rex & 8, &modrm);
    if (b.at > left)
        return (struct insn){left, INSN_UNKNOWN};
    return (struct insn){b.at, classify(two, op, modrm)};
}

struct insn insn_x86_64(const u8 *code, u32 left)
{
    return decode(code, left, true);
}

struct insn insn_i386(const u8 *code, u32 left)
{
    return decode(code, left, false);
}
