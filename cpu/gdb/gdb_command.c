/* Packets of the remote protocol. What is not known is answered by the empty packet, as the protocol wants it. */
#include <stdlib.h>
#include <string.h>

#include "cpu/gdb/gdb_priv.h"
#include "cpu/peek.h"

#define OK           "OK"
#define E_MEMORY     "E14" /* EFAULT */
#define E_ARGUMENT   "E22" /* EINVAL */
#define XML_ANNEX    "target.xml"
#define SIGNAL_TRAP  5
#define SIGNAL_BREAK 2

static void reply(struct gdb *gdb, const char *text)
{
    gdb_put(gdb, text);
    gdb_send(gdb);
}

static void reply_if(struct gdb *gdb, bool good)
{
    reply(gdb, good ? OK : E_ARGUMENT);
}

static void tell_stop(struct gdb *gdb, unsigned signal, const char *what)
{
    snprintf(gdb->last_stop, sizeof(gdb->last_stop), "T%02xthread:%02x;%s", signal, gdb->thread,
             what);
    if (!gdb->running)
        return;
    gdb->running = false;
    gdb->out_len = 0;
    reply(gdb, gdb->last_stop);
}

void gdb_stopped_by(struct gdb *gdb, u8 signal)
{
    tell_stop(gdb, signal, "");
}

void gdb_stopped(struct gdb *gdb, enum gdb_stop why)
{
    static const char *const watch[DEBUGGER_KINDS] = {
        [DEBUGGER_WRITE] = "watch", [DEBUGGER_READ] = "rwatch", [DEBUGGER_ACCESS] = "awatch"};
    const struct debugger_point *point = &gdb->cpu->debugger.hit_point;
    char what[32] = "";

    /* gdb looks for a breakpoint at EIP, which is no linear address while CS has a base. */
    if (why == GDB_STOP_POINT && !debugger_on_code(point->kind))
        snprintf(what, sizeof(what), "%s:%x;", watch[point->kind], point->la);
    else if (why == GDB_STOP_POINT && point->la == gdb->cpu->eip)
        snprintf(what, sizeof(what), "%s:;", point->kind == DEBUGGER_SOFT ? "swbreak" : "hwbreak");
    else if (why == GDB_STOP_BEGINNING || why == GDB_STOP_END)
        snprintf(what, sizeof(what), "replaylog:%s;", why == GDB_STOP_END ? "end" : "begin");
    tell_stop(gdb, why == GDB_STOP_INTERRUPT ? SIGNAL_BREAK : SIGNAL_TRAP, what);
}

static void tell_end(struct gdb *gdb, char how, int number)
{
    if (!gdb->running)
        return;
    gdb->running = false;
    gdb->out_len = 0;
    gdb_putf(gdb, "%c%02x", how, (unsigned)number & 0xff);
    gdb_send(gdb);
}

void gdb_exited(struct gdb *gdb, int status)
{
    tell_end(gdb, 'W', status);
}

void gdb_killed(struct gdb *gdb, u8 signal)
{
    tell_end(gdb, 'X', signal);
}

/* bs and bc. The answer comes when the machine is there. */
static void command_back(struct gdb *gdb, struct gdb_text *text)
{
    bool step = gdb_take_char(text, 's');

    if ((!step && !gdb_take_char(text, 'c')) || text->at != text->end) {
        reply(gdb, "");
        return;
    }
    gdb->running = true;
    if (gdb->ops->reverse(gdb->opaque, step))
        return;
    gdb->running = false;
    reply(gdb, E_ARGUMENT);
}

static bool take_range(struct gdb_text *text, u64 *addr, u64 *len)
{
    return gdb_take_number(text, addr) && gdb_take_char(text, ',') && gdb_take_number(text, len);
}

static void command_read_memory(struct gdb *gdb, struct gdb_text *text)
{
    u8 data[GDB_PACKET / 2];
    u64 addr, len;

    if (!take_range(text, &addr, &len)) {
        reply(gdb, E_ARGUMENT);
        return;
    }
    if (len > sizeof(data))
        len = sizeof(data);
    len = gdb->ops->peek ? gdb->ops->peek(gdb->opaque, addr, data, len)
                         : cpu_peek(gdb->cpu, addr, gdb->phys_memory, data, len);
    gdb_put_hex(gdb, data, len);
    if (!len)
        gdb_put(gdb, E_MEMORY);
    gdb_send(gdb);
}

static bool poke(struct gdb *gdb, u64 addr, const u8 *data, size_t len)
{
    return gdb->ops->poke ? gdb->ops->poke(gdb->opaque, addr, data, len)
                          : cpu_poke(gdb->cpu, addr, gdb->phys_memory, data, len);
}

/* M has digits, X the bytes themselves. */
static void command_write_memory(struct gdb *gdb, struct gdb_text *text, bool binary)
{
    u8 data[GDB_PACKET];
    u64 addr, len;
    size_t have;

    if (!take_range(text, &addr, &len) || !gdb_take_char(text, ':')) {
        reply(gdb, E_ARGUMENT);
        return;
    }
    have = binary ? (size_t)(text->end - text->at) : gdb_take_hex(text, data, sizeof(data));
    if (have != len) {
        reply(gdb, E_ARGUMENT);
        return;
    }
    if (len)
        gdb->ops->wrote(gdb->opaque);
    reply(gdb, poke(gdb, addr, binary ? text->at : data, have) ? OK : E_MEMORY);
}

/* Z and z TYPE,ADDR,KIND, and a breakpoint's conditions. */
static void command_point(struct gdb *gdb, struct gdb_text *text, bool insert)
{
    u64 type, addr, len;
    int r;

    if (!gdb_take_number(text, &type) || !gdb_take_char(text, ',') ||
        !take_range(text, &addr, &len) || addr >> 32 || len >> 32) {
        reply(gdb, E_ARGUMENT);
        return;
    }
    if (type >= DEBUGGER_KINDS) {
        reply(gdb, "");
        return;
    }
    if (debugger_on_code((enum debugger_kind)type) && !insert) {
        gdb_conditions_drop(gdb, (u32)addr);
    } else if (debugger_on_code((enum debugger_kind)type) &&
               !gdb_conditions_take(gdb, (u32)addr, text)) {
        reply(gdb, E_ARGUMENT);
        return;
    }
    if (insert)
        r = gdb_insert_point(gdb, (enum debugger_kind)type, (u32)addr, (u32)len);
    else
        r = gdb_remove_point(gdb, (enum debugger_kind)type, (u32)addr, (u32)len);
    reply_if(gdb, r == 0 || !insert);
}

struct xml_piece {
    struct gdb *gdb;
    u64 skip, left;
    bool more;
};

static void xml_put(void *opaque, const char *text)
{
    struct xml_piece *piece = opaque;
    size_t len = strlen(text), n = len < piece->skip ? len : piece->skip;

    piece->skip -= n;
    text += n;
    len -= n;
    n = len < piece->left ? len : piece->left;
    gdb_put_bytes(piece->gdb, text, n);
    piece->left -= n;
    piece->more |= n < len;
}

/* ANNEX:OFFSET,LENGTH. What has to be escaped is not in the text. */
static void query_features(struct gdb *gdb, struct gdb_text *text)
{
    struct xml_piece piece = {.gdb = gdb};

    if (!gdb_take_word(text, XML_ANNEX ":") || !take_range(text, &piece.skip, &piece.left)) {
        reply(gdb, "E00");
        return;
    }
    if (piece.left > GDB_PACKET - 1)
        piece.left = GDB_PACKET - 1;
    gdb_put(gdb, "m");
    gdb_target_xml(xml_put, &piece);
    gdb->out[0] = piece.more ? 'm' : 'l';
    gdb_send(gdb);
}

/* :OFFSET,LENGTH. */
static void query_auxv(struct gdb *gdb, struct gdb_text *text)
{
    u64 at, len;

    if (!gdb_take_char(text, ':') || !take_range(text, &at, &len)) {
        reply(gdb, "E00");
        return;
    }
    at = at < gdb->auxv_len ? at : gdb->auxv_len;
    len = len < gdb->auxv_len - at ? len : gdb->auxv_len - at;
    gdb_put(gdb, at + len < gdb->auxv_len ? "m" : "l");
    gdb_put_bytes(gdb, (const u8 *)gdb->auxv + at, len);
    gdb_send(gdb);
}

/* A monitor command in hexadecimal; what it says, as one packet or more. */
static void query_command(struct gdb *gdb, struct gdb_text *text)
{
    char line[1024] = "", *said = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&said, &len);

    gdb_take_hex(text, (u8 *)line, sizeof(line) - 1);
    if (!out || text->at != text->end) {
        if (out)
            fclose(out);
        free(said);
        reply(gdb, E_ARGUMENT);
        return;
    }
    gdb->ops->command(gdb->opaque, line, out);
    fclose(out);
    for (size_t at = 0; at < len; at += GDB_PACKET / 4) {
        size_t part = len - at < GDB_PACKET / 4 ? len - at : GDB_PACKET / 4;

        gdb_put(gdb, "O");
        gdb_put_hex(gdb, said + at, part);
        gdb_send(gdb);
    }
    free(said);
    reply(gdb, OK);
}

static void query_offsets(struct gdb *gdb)
{
    gdb_putf(gdb, "Text=%x;Data=%x;Bss=%x", gdb->offset, gdb->offset, gdb->offset);
    gdb_send(gdb);
}

static void query_supported(struct gdb *gdb)
{
    gdb_putf(gdb,
             "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;swbreak+;hwbreak+;"
             "vContSupported+;ConditionalBreakpoints+;qqemu.PhyMemMode+%s%s%s",
             GDB_PACKET, gdb->reverses ? ";ReverseStep+;ReverseContinue+" : "",
             gdb->auxv ? ";qXfer:auxv:read+" : "", gdb->file ? ";qXfer:exec-file:read+" : "");
    gdb_send(gdb);
}

static void command_query(struct gdb *gdb, struct gdb_text *text)
{
    if (gdb_take_word(text, "Supported"))
        query_supported(gdb);
    else if (gdb_take_word(text, "Xfer:features:read:"))
        query_features(gdb, text);
    else if (gdb->auxv && gdb_take_word(text, "Xfer:auxv:read:"))
        query_auxv(gdb, text);
    else if (gdb->file && gdb_take_word(text, "Xfer:exec-file:read:"))
        gdb_query_exec_file(gdb, text);
    else if (gdb_take_word(text, "Rcmd,"))
        query_command(gdb, text);
    else if (gdb_take_word(text, "Attached"))
        reply(gdb, "1");
    else if (gdb_take_word(text, "Offsets"))
        query_offsets(gdb);
    else if (gdb_take_word(text, "fThreadInfo"))
        gdb_put_threads(gdb);
    else if (gdb_take_word(text, "sThreadInfo"))
        reply(gdb, "l");
    else if (!gdb->ops->thread_cpu && gdb_take_word(text, "ThreadExtraInfo,")) {
        gdb_put_hex(gdb, "CPU#0", 5);
        gdb_put_hex(gdb, gdb->cpu->halted ? " [halted]" : " [running]", gdb->cpu->halted ? 9 : 10);
        gdb_send(gdb);
    } else if (gdb_take_word(text, "Symbol:"))
        reply(gdb, OK);
    else if (gdb_take_word(text, "qemu.sstepbits")) {
        gdb_putf(gdb, "ENABLE=%x,NOIRQ=%x,NOTIMER=%x", GDB_STEP_ENABLE, GDB_STEP_NOIRQ,
                 GDB_STEP_NOTIMER);
        gdb_send(gdb);
    } else if (gdb_take_word(text, "qemu.sstep")) {
        gdb_putf(gdb, "0x%x", gdb->step);
        gdb_send(gdb);
    } else if (gdb_take_word(text, "qemu.PhyMemMode")) {
        reply(gdb, gdb->phys_memory ? "1" : "0");
    } else if (text->end - text->at == 1 && gdb_take_char(text, 'C')) {
        gdb_putf(gdb, "QC%02x", gdb->thread);
        gdb_send(gdb);
    } else {
        reply(gdb, "");
    }
}

static void command_set(struct gdb *gdb, struct gdb_text *text)
{
    u64 value;

    if (gdb_take_word(text, "StartNoAckMode")) {
        reply(gdb, OK);
        gdb->no_ack = true;
    } else if (gdb_take_word(text, "qemu.sstep=")) {
        gdb_take_word(text, "0x");
        if (!gdb_take_number(text, &value) || value > 7) {
            reply(gdb, E_ARGUMENT);
            return;
        }
        gdb->step = (unsigned)value;
        reply(gdb, OK);
    } else if (gdb_take_word(text, "qemu.PhyMemMode:")) {
        bool good = gdb_take_number(text, &value);

        if (good)
            gdb->phys_memory = value != 0;
        reply_if(gdb, good);
    } else {
        reply(gdb, "");
    }
}

static void command_v(struct gdb *gdb, struct gdb_text *text)
{
    if (gdb_take_word(text, "Cont")) {
        gdb_command_vcont(gdb, text);
    } else if (gdb->file && gdb_take_word(text, "File:")) {
        gdb_command_file(gdb, text);
    } else if (gdb_take_word(text, "Kill;")) {
        reply(gdb, OK);
        gdb->ops->kill(gdb->opaque);
    } else {
        reply(gdb, "");
    }
}

static void command_register(struct gdb *gdb, struct gdb_text *text, bool write)
{
    u64 number;
    bool good = gdb_take_number(text, &number);

    if (write) {
        reply_if(gdb, good && gdb_take_char(text, '=') && gdb_write_reg(gdb, number, text));
        return;
    }
    if (!good || !gdb_read_reg(gdb, number))
        gdb_put(gdb, E_ARGUMENT);
    gdb_send(gdb);
}

void gdb_command(struct gdb *gdb)
{
    struct gdb_text text = {gdb->in, gdb->in + gdb->in_len};
    u8 command = gdb->in_len ? *text.at++ : 0;

    switch (command) {
    case '?': reply(gdb, gdb->last_stop); break;
    case 'b': command_back(gdb, &text); break;
    case 'c':
    case 's': gdb_command_resume(gdb, &text, command == 's', false); break;
    case 'C':
    case 'S': gdb_command_resume(gdb, &text, command == 'S', true); break;
    case 'D':
        gdb_clear_points(gdb);
        reply(gdb, OK);
        gdb->ops->detach(gdb->opaque);
        break;
    case 'g':
        gdb_read_regs(gdb);
        gdb_send(gdb);
        break;
    case 'G': reply_if(gdb, gdb_write_regs(gdb, &text)); break;
    case 'p':
    case 'P': command_register(gdb, &text, command == 'P'); break;
    case 'm': command_read_memory(gdb, &text); break;
    case 'M':
    case 'X': command_write_memory(gdb, &text, command == 'X'); break;
    case 'Z':
    case 'z': command_point(gdb, &text, command == 'Z'); break;
    case 'H':
    case 'T': reply_if(gdb, gdb_command_thread(gdb, &text, command == 'H')); break;
    case 'k': gdb->ops->kill(gdb->opaque); break;
    case 'q': command_query(gdb, &text); break;
    case 'Q': command_set(gdb, &text); break;
    case 'v': command_v(gdb, &text); break;
    default: reply(gdb, ""); break;
    }
}
