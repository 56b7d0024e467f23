/* Golden tests: disassembles a block's host code with objdump, and names what is not the same everywhere. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu/excp.h"
#include "cpu/helper.h"
#include "tests/golden/golden.h"
#include "translate/uop_exec.h"

/* A position word (see gen_position_word()) becomes an instruction of the same length, which no block
 * holds: a NOP with the number of the micro-op. */
#define WORD_NOP   0x00841f0fu
#define WORD_MAGIC 0x7e57a000u

static bool is_position(const struct block *block, u64 value)
{
    return (value & 0xffffffffffffull) == (u64)(uintptr_t)block;
}

/* Whether the eight bytes at p are the immediate of a MOV. */
static bool is_immediate(const u8 *p, u32 at)
{
    return at >= 2 && (p[-2] & 0xfe) == 0x48 && (p[-1] & 0xf8) == 0xb8;
}

static void mark_words(u8 *code, u32 len, const struct block *block)
{
    for (u32 at = 0; at + 8 <= len; at++) {
        u64 word = get64(code + at);

        if (!is_position(block, word) || is_immediate(code + at, at))
            continue;
        put32(code + at, WORD_NOP);
        put32(code + at + 4, WORD_MAGIC | (u32)(word >> 48));
        at += 7;
    }
}

static void add_line(struct host_code *out, char *text)
{
    struct host_line *line = &out->line[out->lines];
    char *end, *tab = strstr(text, ":\t");
    size_t n = 0;

    if (!tab || out->lines == HOST_LINES)
        return;
    line->at = (u32)strtoul(text, &end, 16);
    if (end != tab)
        return;
    for (tab += 2; *tab && *tab != '\n' && n < sizeof(line->text) - 1; tab++)
        if (*tab != ' ' || (n > 0 && line->text[n - 1] != ' '))
            line->text[n++] = *tab;
    while (n > 0 && line->text[n - 1] == ' ')
        n--;
    line->text[n] = 0;
    line->label = 0;
    out->lines++;
}

bool host_disassemble(struct host_code *out, const struct block *block, const u8 *code, u32 len)
{
    char file[] = "/tmp/pagewalk-golden-XXXXXX", command[160], text[256];
    u8 *copy = malloc(len);
    int fd = mkstemp(file);
    FILE *pipe;
    bool good = copy && fd >= 0;

    out->lines = 0;
    out->bytes = len;
    if (good) {
        memcpy(copy, code, len);
        mark_words(copy, len, block);
        good = write(fd, copy, len) == (ssize_t)len;
    }
    if (good) {
        snprintf(command, sizeof(command),
                 "objdump -D -b binary -m i386:x86-64 -M intel --no-show-raw-insn %s", file);
        pipe = popen(command, "r");
        while (pipe && fgets(text, sizeof(text), pipe))
            add_line(out, text);
        good = pipe && pclose(pipe) == 0 && out->lines > 0;
    }
    if (fd >= 0) {
        close(fd);
        unlink(file);
    }
    free(copy);
    return good;
}

/* Code outside the block: thunks and C. */
static bool name_target(const struct x64 *x, u64 target, char *out, size_t size)
{
    const u8 *at = (const u8 *)(uintptr_t)target;
    const struct {
        const u8 *at;
        const char *name;
    } known[] = {
        {x->leave, "leave"},
        {x->save, "save"},
        {x->load, "load"},
        {x->lookup[0][0], "lookup_super"},
        {x->lookup[0][1], "lookup_super_flat"},
        {x->lookup[1][0], "lookup_user"},
        {x->lookup[1][1], "lookup_user_flat"},
        {x->mode_exit, "mode_exit"},
        {x->x87_enter, "x87_enter"},
        {x->xmm_enter, "xmm_enter"},
        {x->sse_enter, "sse_enter"},
        {x->x87_flags, "x87_flags"},
        {x->get_cf, "get_cf"},
        {x->load_flags, "load_flags"},
        {(const u8 *)(uintptr_t)&cpu_raise_err, "cpu_raise_err"},
        {(const u8 *)(uintptr_t)&uop_exec_value, "uop_exec_value"},
        {(const u8 *)(uintptr_t)&uop_exec_flag_op, "uop_exec_flag_op"},
    };
    static const char *const access[4] = {"read_super", "write_super", "read_user", "write_user"};

    for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
        if (known[i].at == at)
            return snprintf(out, size, "%s", known[i].name) > 0;
    for (unsigned i = 0; i < HELP_COUNT; i++)
        if ((const u8 *)(uintptr_t)helpers[i].fn == at)
            return snprintf(out, size, "help_%s", helpers[i].name) > 0;
    for (unsigned a = 0; a < 4; a++)
        for (unsigned s = 0; s < 3; s++)
            if (x->mem_load[a][s] == at || x->mem_store[a][s] == at)
                return snprintf(out, size, "mem_%s%u.%s",
                                x->mem_load[a][s] == at ? "load" : "store", 8u << s, access[a]) > 0;
    for (unsigned user = 0; user < 2; user++)
        for (unsigned n = 0; n < 3; n++)
            if (x->movs[user][n] == at)
                return snprintf(out, size, "movs%u_%s", 8u << n, user ? "user" : "super") > 0;
    return false;
}

/* Fields of struct cpu that generated code uses. */
#define FIELD(name)                                                                                \
    {                                                                                              \
        offsetof(struct cpu, name), sizeof(((struct cpu *)0)->name), #name                         \
    }
static const struct {
    size_t at, size;
    const char *name;
} fields[] = {
    FIELD(eip),
    FIELD(eflags),
    FIELD(lazy.op),
    FIELD(lazy.res),
    FIELD(lazy.a),
    FIELD(lazy.b),
    FIELD(lazy.step),
    FIELD(lazy.rotated),
    FIELD(lazy),
    FIELD(mode),
    FIELD(budget),
    FIELD(cpl),
    FIELD(halted),
    FIELD(shadow),
    FIELD(intr),
    FIELD(nmi),
    FIELD(kicked),
    FIELD(cs_limit_hit),
    FIELD(sse_live),
    FIELD(x87_live),
    FIELD(engine.pos),
    FIELD(x87.fip),
    FIELD(x87.fdp),
    FIELD(x87.fcs),
    FIELD(x87.fds),
    FIELD(x87.fop),
    FIELD(mxcsr),
    FIELD(mmu.context),
    FIELD(jump.key),
    FIELD(jump.code),
    FIELD(guess),
    FIELD(engine.sp),
    FIELD(engine.context),
    FIELD(engine.group),
    FIELD(engine.loop.base),
    FIELD(engine.loop.budget),
    FIELD(engine.loop.countdown),
};

/* The name of struct cpu's byte at offset; with `indexed` an index register is added to it. */
static void name_field(u64 offset, bool indexed, char *out, size_t size)
{
    static const char *const tables[4] = {"tlb.read_super", "tlb.write_super", "tlb.read_user",
                                          "tlb.write_user"};
    static const char *const segs[SREG_COUNT] = {"es", "cs", "ss", "ds", "fs", "gs"};
    static const char *const slots[R_SLOTS] = {
        "eax",     "ecx",     "edx",     "ebx",     "esp",     "ebp",    "esi", "edi",
        "t0",      "t1",      "t2",      "t3",      "t4",      "t5",     "t6",  "zero",
        "es.base", "cs.base", "ss.base", "ds.base", "fs.base", "gs.base"};
    u64 tlb = offsetof(struct cpu, mmu.tlb.data), table = sizeof(u64) * TLB_TABLE;
    u64 fetch = offsetof(struct cpu, mmu.tlb.fetch), r = offsetof(struct cpu, r);

    if (offset >= tlb && offset < tlb + 4 * table) {
        offset -= tlb;
        if (indexed)
            snprintf(out, size, "%s", tables[offset / table]);
        else
            snprintf(out, size, "%s[0x%x]", tables[offset / table], (u32)(offset % table / 8));
        return;
    }
    if (offset >= fetch && offset < fetch + 2 * TLB_PAGES * sizeof(u64)) {
        u32 slot = (u32)((offset - fetch) / sizeof(u64));

        snprintf(out, size, "tlb.fetch_%s[0x%x]", slot / TLB_PAGES ? "user" : "super",
                 slot % TLB_PAGES);
        return;
    }
    if (offset >= r && offset < r + R_SLOTS * 4) {
        snprintf(out, size, "%s%s", slots[(offset - r) >> 2], (offset - r) & 3 ? "+1" : "");
        return;
    }
    for (unsigned i = 0; i < 8; i++)
        if (offset >= offsetof(struct cpu, xmm[i]) && offset < offsetof(struct cpu, xmm[i]) + 16) {
            snprintf(out, size, "xmm%u+%u", i, (u32)(offset - offsetof(struct cpu, xmm[i])));
            return;
        }
    for (unsigned i = 0; i < SREG_COUNT; i++)
        if (offset >= offsetof(struct cpu, seg[i]) && offset < offsetof(struct cpu, seg[i + 1])) {
            size_t in = offset - offsetof(struct cpu, seg[i]);

            snprintf(out, size, "%s.%s", segs[i],
                     in == offsetof(struct seg, limit)  ? "limit"
                     : in == offsetof(struct seg, attr) ? "attr"
                                                        : "sel");
            return;
        }
    for (unsigned i = 0; i < ARRAY_SIZE(fields); i++)
        if (offset >= fields[i].at && offset < fields[i].at + fields[i].size) {
            u32 in = (u32)(offset - fields[i].at);

            snprintf(out, size, in ? "%s+%u" : "%s", fields[i].name, in);
            return;
        }
    snprintf(out, size, "?0x%llx", (unsigned long long)offset);
}

static bool name_cpu(struct host_line *line)
{
    char *at = strstr(line->text, "[r14"), rest[80], name[64], *end;
    bool indexed;
    u64 offset = 0;
    char *plus;

    if (!at)
        return true;
    end = strchr(at, ']');
    if (!end)
        return false;
    plus = strstr(at, "+0x");
    if (plus && plus < end)
        offset = strtoull(plus + 1, NULL, 16);
    else
        plus = end;
    indexed = plus - at > 4;
    name_field(offset, indexed, name, sizeof(name));
    snprintf(rest, sizeof(rest), "%s", end);
    if (indexed) /* [r14+r13*8+...] to [r13*8+table] */
        memmove(at + 1, at + 5, (size_t)(plus - at - 5)), plus -= 4, *plus = 0;
    else
        at[1] = 0;
    snprintf(line->text + strlen(line->text), sizeof(line->text) - strlen(line->text), "%s%s%s",
             indexed ? "+" : "cpu.", name, rest);
    return name[0] != '?';
}

/* Links, micro-ops and positions in MOV's 64-bit immediates. */
static bool name_pointer(struct host_line *line, const struct block *block,
                         const struct stats *stats)
{
    char *at = strstr(line->text, ",0x");
    u64 value, base = (u64)(uintptr_t)block;
    size_t room;

    if (strncmp(line->text, "movabs", 6) || !at)
        return true;
    value = strtoull(at + 1, NULL, 16);
    room = sizeof(line->text) - (size_t)(at - line->text);
    if (is_position(block, value))
        snprintf(at, room, ",position of uop %u", (u32)(value >> 48));
    else if (value == (u64)(uintptr_t)&stats->loop_run)
        snprintf(at, room, ",&stats.loop_run");
    else if (value - (u64)(uintptr_t)block->link < block->links * sizeof(struct block_link))
        snprintf(at, room, ",link %u",
                 (u32)((value - (u64)(uintptr_t)block->link) / sizeof(struct block_link)));
    else if (value >= (u64)(uintptr_t)block->uop && value < base + 65536)
        snprintf(at, room, ",&uop %u",
                 (u32)((value - (u64)(uintptr_t)block->uop) / sizeof(struct uop)));
    else
        return value < PAGE_SIZE; /* a plain number */
    return true;
}

/* "jmp 0x..", "call 0x..", "jne 0x..": the place of its target in the text, or NULL. */
static char *target_of(char *text)
{
    char *at = strchr(text, ' ');

    if ((text[0] != 'j' && strncmp(text, "call ", 5)) || !at || strncmp(at + 1, "0x", 2))
        return NULL;
    return at + 1;
}

static int line_at(const struct host_code *code, u64 at)
{
    for (unsigned i = 0; i < code->lines; i++)
        if (code->line[i].at == at)
            return (int)i;
    return -1;
}

unsigned host_name(struct host_code *code, const struct block *block, const struct x64 *x64,
                   const struct stats *stats)
{
    unsigned unnamed = 0, labels = 0;

    for (unsigned i = 0; i < code->lines; i++) {
        char *at = target_of(code->line[i].text);
        u64 to = at ? strtoull(at, NULL, 16) : 0;
        int line = at && to < code->bytes ? line_at(code, to) : -1;

        if (line >= 0)
            code->line[line].label = 1;
    }
    for (unsigned i = 0; i < code->lines; i++)
        if (code->line[i].label)
            code->line[i].label = (u16)++labels;
    for (unsigned i = 0; i < code->lines; i++) {
        struct host_line *line = &code->line[i];
        char *at = target_of(line->text), name[64];
        u32 magic = 0;

        if (at) {
            u64 to = strtoull(at, NULL, 16);
            int index = line_at(code, to);
            size_t room = sizeof(line->text) - (size_t)(at - line->text);

            if (to < code->bytes && index >= 0)
                snprintf(at, room, "L%u", code->line[index].label);
            else if (name_target(x64, (u64)(uintptr_t)block->code + to, name, sizeof(name)))
                snprintf(at, room, "%s", name);
            else
                unnamed++;
        } else if (sscanf(line->text, "nop DWORD PTR [rax+rax*1+%x]", &magic) == 1 &&
                   (magic & ~0xfffu) == WORD_MAGIC) {
            snprintf(line->text, sizeof(line->text), "(position of uop %u)", magic & 0xfff);
        } else {
            unnamed += !name_pointer(line, block, stats);
            unnamed += !name_cpu(line);
        }
    }
    return unnamed;
}
