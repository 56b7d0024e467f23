/* Guest bytes to a block: decode, lower, optimise, compile. */
#include <stdlib.h>
#include <string.h>

#include "cpu/debug.h"
#include "cpu/excp.h"
#include "translate/block.h"
#include "translate/decode/decode.h"
#include "translate/engine.h"
#include "translate/lower/lower.h"

/* Where instruction bytes come from, one instruction at a time. */
struct source {
    struct cpu *cpu;
    u64 host; /* of the page's first byte; 0: read through the physical map */
    u64 pa, pa2;
    u32 la;     /* of the page's first byte, */
    u32 eip;    /* and its EIP */
    u32 start;  /* of the current instruction, from the page's first byte */
    bool first; /* the current instruction is the block's first: it may cross into the next page */
    enum { REFUSED_NOT, REFUSED_LIMIT, REFUSED_PAGE, REFUSED_FAULT } refused;
    struct block_run run[BLOCK_MAX_RUNS];
    unsigned runs; /* so far; the last is the current one */
};

static struct block_run *current_run(struct source *s)
{
    return &s->run[s->runs - 1];
}

static void start_run(struct source *s, u32 at)
{
    s->run[s->runs++] = (struct block_run){(u16)at, (u16)at};
    s->start = at;
}

/* Whether byte `at` of the page belongs to one of the first n runs. */
static bool in_runs(const struct source *s, unsigned n, u32 at)
{
    for (unsigned i = 0; i < n; i++)
        if (at >= s->run[i].start && at < s->run[i].end)
            return true;
    return false;
}

/* Whether code at byte `at` of the page, which makes a second copy where it has a block already, is worth it: two
 * exits or more lead to that one, as to an interpreter's dispatch. */
static bool worth_copying(const struct source *s, u32 at, u32 mode)
{
    const struct block *b =
        block_lookup(s->cpu->translator, s->host + at, eip_add(s->eip, at), s->la - s->eip, mode);

    return !b || (b->incoming && b->incoming->next);
}

/* Whether the block may go on where in leads to, if that is a JMP: into this page, and not to what the block
 * has. Segments other than flat ones are not worth it. */
static bool may_follow(const struct source *s, const struct insn *in, u32 mode)
{
    u32 flat = MODE_FLAT(SREG_CS) | MODE_CS32;
    u32 end = s->start + in->length, at;

    if (in->op != I_JMP || in->operand[0].kind != OP_REL || s->runs == BLOCK_MAX_RUNS ||
        end > PAGE_SIZE || (mode & flat) != flat)
        return false;
    at = lower_target(in, eip_add(s->eip, end)) - s->eip;
    return at < PAGE_SIZE && !in_runs(s, s->runs - 1, at) &&
           (at < s->run[s->runs - 1].start || at >= end) && worth_copying(s, at, mode);
}

static bool fetch_byte(void *opaque, unsigned offset, u8 *byte)
{
    struct source *s = opaque;
    struct phys *phys = s->cpu->mmu.phys;
    u32 at = s->start + offset, eip = eip_add(s->eip, at);

    if (eip > s->cpu->seg[SREG_CS].limit || eip < eip_add(s->eip, current_run(s)->start)) {
        s->refused = REFUSED_LIMIT;
        return false;
    }
    if (at < PAGE_SIZE) {
        *byte =
            s->host ? *(const u8 *)(uintptr_t)(s->host + at) : (u8)phys_load(phys, s->pa + at, 1);
        return true;
    }
    if (!s->first) {
        s->refused = REFUSED_PAGE;
        return false;
    }
    if (!s->pa2 &&
        !mmu_fetch_pa(&s->cpu->mmu, la_add(s->la, PAGE_SIZE), s->cpu->cpl == 3, &s->pa2)) {
        s->refused = REFUSED_FAULT;
        return false;
    }
    if (s->host)
        smc_watch(s->cpu->translator, s->pa2);
    *byte = (u8)phys_load(phys, s->pa2 + (at - PAGE_SIZE), 1);
    return true;
}

/* What of the current instruction lies in the page and within the limit of CS needs no call for each byte. */
static void set_bytes(struct source *s, struct decode_input *input)
{
    u32 eip = eip_add(s->eip, s->start), limit = s->cpu->seg[SREG_CS].limit;
    u32 in_page = PAGE_SIZE - s->start;

    input->count = in_page < INSN_MAX ? in_page : INSN_MAX;
    if (!s->host || eip > limit || eip < eip_add(s->eip, current_run(s)->start))
        input->count = 0;
    else if (limit - eip < input->count)
        input->count = limit - eip + 1;
    input->bytes = (const u8 *)(uintptr_t)(s->host + s->start);
}

/* The first instruction cannot be fetched: its fault. */
static _Noreturn void raise_fetch(struct source *s, enum decode_status status)
{
    smc_unwatch(s->cpu->translator, s->pa);
    if (s->pa2)
        smc_unwatch(s->cpu->translator, s->pa2);
    if (status == DECODE_FETCH && s->refused == REFUSED_FAULT)
        cpu_raise_pf(s->cpu);
    if (status == DECODE_FETCH && s->refused == REFUSED_LIMIT)
        cpu_fault(s->cpu, EXCP_GP, 0, "fetch at %x beyond the limit %x of CS",
                  eip_add(s->eip, s->start), s->cpu->seg[SREG_CS].limit);
    BUG_ON(status != DECODE_LONG);
    cpu_fault(s->cpu, EXCP_GP, 0, "instruction at %x longer than 15 bytes",
              eip_add(s->eip, s->start));
}

static unsigned max_insns(struct translator *tr, u32 mode)
{
    if (mode & MODE_ONE_INSN)
        return 1;
    if (tr->options.random_len) {
        tr->random = tr->random * 1103515245u + 12345u;
        return 1 + (tr->random >> 16) % BLOCK_MAX_INSNS;
    }
    if (tr->options.block_len && tr->options.block_len < BLOCK_MAX_INSNS)
        return tr->options.block_len;
    return BLOCK_MAX_INSNS;
}

static void log_block(struct translator *tr, const struct block *b, const struct insn *insn)
{
    struct log *log = tr->cpu->log;
    unsigned i;

    if (log_on(log, LOG_in_asm)) {
        log_write(log, "block %08x (pa %08llx, mode %08x), %u instructions\n", b->eip,
                  (unsigned long long)b->pa, b->mode, b->insns);
        for (i = 0; i < b->insns; i++) {
            char text[128];

            log_write(
                log, "  %08x  %s\n", eip_add(b->eip, (u32)b->insn_offset[i]),
                insn_format(&insn[i], eip_add(b->eip, (u32)b->insn_offset[i]), text, sizeof(text)));
        }
    }
    if (log_on(log, LOG_uop))
        for (i = 0; i < b->uops; i++)
            uop_print(&b->uop[i], log->out);
}

/* A block and its lists. One that is cold has neither links nor native code. */
static struct block *block_alloc(const struct lower *l, unsigned lines, unsigned insns, bool cold)
{
    size_t size = sizeof(struct block) + l->count * sizeof(struct uop);
    size_t exits = l->links * (cold ? sizeof(u32) : sizeof(struct block_link));
    unsigned native = cold ? 0 : insns;
    size_t lists = insns * (sizeof(u16) + sizeof(i16)) + native * (sizeof(u32) + sizeof(u16));
    struct block *b;

    exits = (exits + 7) & ~(size_t)7;
    b = calloc(1, size + exits + lines * sizeof(struct block_line) + lists);
    if (!b)
        BUG("out of memory");
    b->cold = cold;
    b->links = (u16)(cold ? 0 : l->links);
    b->link = (struct block_link *)((u8 *)b + size);
    for (unsigned i = 0; i < b->links; i++)
        b->link[i] = (struct block_link){.from = b, .eip = l->link_eip[i]};
    if (cold)
        memcpy(b->link, l->link_eip, l->links * sizeof(u32));
    b->line = (struct block_line *)((u8 *)b + size + exits);
    b->lines = (u8)lines;
    b->insn_ungrouped = (u32 *)(b->line + lines);
    b->insn_code = (u16 *)(b->insn_ungrouped + native);
    b->insn_uop = b->insn_code + native;
    b->insn_offset = (i16 *)(b->insn_uop + insns);
    b->uops = (u16)l->count;
    b->insns = (u16)insns;
    return b;
}

/* The block ends, without an exit of its own, behind its last instruction. */
static void end_block(struct lower *l)
{
    struct uop *last = l->count ? &l->uop[l->count - 1] : NULL;

    if (!last || last->op != U_side ||
        last->insn != l->insn) { /* a NOP behind it has no micro-op */
        lower_exit(l, l->next);
        return;
    }
    last->op = U_jcc;
    last->scale = 0;
    l->links--;
    l->link_eip[0] = l->next;
    l->link_eip[1] = last->imm;
}

/* A call of hooks.probe in front of the current instruction. */
static void emit_probe(struct lower *l, u32 la, u32 eip, unsigned size)
{
    emit_movi(l, T0, size);
    emit_movi(l, T1, eip);
    emit_call(l, HELP_probe, SINK, T0, T1, la);
}

/* How many links its last micro-op has, and so a block without side exits. */
static unsigned exit_links(unsigned op)
{
    switch (op) {
    case U_jcc:
    case U_brz:
    case U_brnz:
    case U_exit_call: return 2;
    case U_exit_jmp:
    case U_exit_calli: return 1;
    default: return 0;
    }
}

static bool ends_block(const struct translator *tr, u64 host, i16 offset)
{
    u64 at = host + (u64)(i64)offset;

    return host && tr->ends[block_end_slot(at)] == at;
}

struct block *block_make(struct translator *tr, u64 host, u64 pa, u32 eip, u32 cs_base, u32 mode,
                         bool cold)
{
    struct cpu *cpu = tr->cpu;
    struct uop uop[BLOCK_MAX_UOPS];
    struct insn insn[BLOCK_MAX_INSNS];
    i16 offset[BLOCK_MAX_INSNS];
    u16 first_uop[BLOCK_MAX_INSNS];
    u32 entry = la_add(cs_base, eip) & PAGE_MASK;
    struct source source = {.cpu = cpu,
                            .host = host ? host - entry : 0,
                            .pa = pa - entry,
                            .la = la_add(cs_base, eip - entry),
                            .eip = eip_add(eip, -entry)};
    struct decode_input input = {.code32 = mode & MODE_CS32,
                                 .model = cpu->model,
                                 .protected_mode = (mode & (MODE_PE | MODE_VM)) == MODE_PE,
                                 .fetch = fetch_byte,
                                 .opaque = &source};
    struct lower lower = {.uop = uop, .mode = mode, .links = 2};
    unsigned limit = max_insns(tr, mode), n = 0, length = 0;
    struct block *b;
    bool flags_dead = false;
    struct uop *block_probe = NULL;

    if (!mode_unchecked(mode, SREG_CS))
        emit(&lower, U_chkcs);
    start_run(&source, entry);
    while (n < limit && !lower.ended && lower.count < BLOCK_MAX_UOPS - 24 &&
           source.start < PAGE_SIZE && !in_runs(&source, source.runs - 1, source.start)) {
        enum decode_status status;

        if (((mode & MODE_DEBUG) || cpu->debugger.codes) &&
            debug_breaks_at(cpu, la_add(source.la, source.start))) {
            if (n > 0)
                break;
            emit_call(&lower, HELP_code_break, SINK, ZERO_REG, ZERO_REG,
                      la_add(source.la, source.start));
        }
        source.first = n == 0;
        source.refused = REFUSED_NOT;
        set_bytes(&source, &input);
        status = decode(&input, &insn[n]);
        if (status != DECODE_OK) {
            if (n == 0)
                raise_fetch(&source, status);
            break;
        }
        lower.insn = n;
        offset[n] = (i16)(source.start - entry);
        if (ends_block(tr, host, offset[n]))
            limit = n + 1;
        first_uop[n] = (u16)(n == 0 ? 0 : lower.count);
        if (unlikely(cpu->hooks.probed != NULL)) {
            u32 la = la_add(source.la, source.start);
            u8 probed = cpu->hooks.probed(cpu->hooks.opaque, la, n == 0);

            if (probed & PROBE_BLOCK)
                block_probe = &uop[lower.count];
            if (probed)
                emit_probe(&lower, la, eip_add(source.eip, source.start),
                           probed & PROBE_INSN ? insn[n].length : 0);
        }
        lower.may_go_on = tr->engine->side_exits && lower.links < BLOCK_MAX_LINKS &&
                          n + 1 < limit && !cpu->hooks.probed;
        lower.follow = n + 1 < limit && !cpu->hooks.probed && may_follow(&source, &insn[n], mode);
        lower_insn(&lower, &insn[n], eip_add(source.eip, source.start));
        source.start += insn[n].length;
        current_run(&source)->end = (u16)source.start;
        length += insn[n].length;
        if (lower.follow)
            start_run(&source, lower.next - source.eip);
        n++;
    }
    if (!lower.ended)
        end_block(&lower);
    if (block_probe)
        block_probe->imm |= length << 8;
    if (uop[0].op == U_chkcs)
        uop[0].imm = eip_add(eip, length - 1);
    if (cold)
        opt_flags_none(uop, lower.count);
    else
        flags_dead = opt_flags(uop, lower.count, tr->engine->late_flags, mode & MODE_DEBUG);

    /* The last is empty when nothing could be decoded there. */
    source.runs -= current_run(&source)->end == current_run(&source)->start;
    if (lower.links == 2)
        lower.links = exit_links(uop[lower.count - 1].op);
    b = block_alloc(&lower, smc_lines(source.run, source.runs), n, cold);
    memcpy(b->uop, uop, lower.count * sizeof(uop[0]));
    memcpy(b->insn_offset, offset, n * sizeof(offset[0]));
    memcpy(b->insn_uop, first_uop, n * sizeof(first_uop[0]));
    b->host = host;
    b->pa = pa;
    b->pa2 = source.start > PAGE_SIZE ? source.pa2 : 0;
    b->eip = eip;
    b->cs_base = cs_base;
    b->mode = mode;
    b->length = (u16)length;
    b->runs = (u8)source.runs;
    memcpy(b->run, source.run, b->runs * sizeof(b->run[0]));
    b->no_trap = lower.no_trap;
    b->loads_ss = lower.loads_ss;
    b->branch = (u8)lower.branch;
    b->flags_dead = flags_dead;
    cpu->stats->block_made++;
    cpu->stats->insn_made += n;
    cpu->stats->uop_made += lower.count;
    cpu->stats->guest_bytes += length;
    cpu->stats->jump_followed += b->runs - 1u;
    if (log_on_at(cpu->log, LOG_in_asm | LOG_uop, la_add(cpu->r[R_BASE + SREG_CS], b->eip)))
        log_block(tr, b, insn);
    if (!cold)
        tr->engine->compile(tr, b);
    if (unlikely(cpu->hooks.translated != NULL))
        cpu->hooks.translated(cpu->hooks.opaque, la_add(cs_base, eip), length, n);
    return b;
}
