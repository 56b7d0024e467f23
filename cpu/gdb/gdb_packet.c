/* Framing of the remote protocol: $packet#checksum, + and -, escapes, and the break that stops the guest. */
#include "cpu/gdb/gdb_priv.h"

#include <stdarg.h>
#include <string.h>

#define ESCAPE    0x7d
#define INTERRUPT 0x03

static const char digits[] = "0123456789abcdef";

static int digit(u8 c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

void gdb_put_bytes(struct gdb *gdb, const void *data, size_t len)
{
    if (len > sizeof(gdb->out) - gdb->out_len)
        len = sizeof(gdb->out) - gdb->out_len;
    memcpy(gdb->out + gdb->out_len, data, len);
    gdb->out_len += len;
}

void gdb_put(struct gdb *gdb, const char *text)
{
    gdb_put_bytes(gdb, text, strlen(text));
}

void gdb_putf(struct gdb *gdb, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    gdb_put(gdb, text);
}

void gdb_put_hex(struct gdb *gdb, const void *data, size_t len)
{
    const u8 *byte = data;

    for (size_t i = 0; i < len; i++) {
        char pair[2] = {digits[byte[i] >> 4], digits[byte[i] & 15]};

        gdb_put_bytes(gdb, pair, 2);
    }
}

void gdb_send(struct gdb *gdb)
{
    u8 *to = gdb->sent, sum = 0;

    *to++ = '$';
    for (size_t i = 0; i < gdb->out_len; i++) {
        u8 c = gdb->out[i];

        if (c == '$' || c == '#' || c == '*' || c == ESCAPE) {
            *to++ = ESCAPE;
            c ^= 0x20;
        }
        *to++ = c;
    }
    for (const u8 *from = gdb->sent + 1; from < to; from++)
        sum = (u8)(sum + *from);
    *to++ = '#';
    *to++ = (u8)digits[sum >> 4];
    *to++ = (u8)digits[sum & 15];
    gdb->sent_len = (size_t)(to - gdb->sent);
    gdb->out_len = 0;
    gdb->ops->send(gdb->opaque, gdb->sent, gdb->sent_len);
}

bool gdb_take_char(struct gdb_text *text, char c)
{
    if (text->at == text->end || *text->at != (u8)c)
        return false;
    text->at++;
    return true;
}

bool gdb_take_word(struct gdb_text *text, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(text->end - text->at) < len || memcmp(text->at, word, len) != 0)
        return false;
    text->at += len;
    return true;
}

bool gdb_take_number(struct gdb_text *text, u64 *value)
{
    const u8 *start = text->at;

    *value = 0;
    for (; text->at < text->end && digit(*text->at) >= 0; text->at++) {
        if (*value >> 60)
            return false;
        *value = *value << 4 | (u64)digit(*text->at);
    }
    return text->at > start;
}

size_t gdb_take_hex(struct gdb_text *text, u8 *data, size_t max)
{
    size_t n = 0;

    for (; n < max && text->end - text->at >= 2; text->at += 2) {
        int high = digit(text->at[0]), low = digit(text->at[1]);

        if (high < 0 || low < 0)
            break;
        data[n++] = (u8)(high << 4 | low);
    }
    return n;
}

/* In place; an escape at the very end stands for nothing. */
static void unescape(struct gdb *gdb)
{
    size_t n = 0;

    for (size_t i = 0; i < gdb->in_len; i++) {
        if (gdb->in[i] != ESCAPE)
            gdb->in[n++] = gdb->in[i];
        else if (++i < gdb->in_len)
            gdb->in[n++] = gdb->in[i] ^ 0x20;
    }
    gdb->in_len = n;
}

static void end_packet(struct gdb *gdb, bool good)
{
    gdb->state = GDB_IDLE;
    if (!gdb->no_ack)
        gdb->ops->send(gdb->opaque, good ? "+" : "-", 1);
    if (!good)
        return;
    gdb->out_len = 0;
    if (gdb->too_long) {
        gdb_put(gdb, "E07");
        gdb_send(gdb);
        return;
    }
    unescape(gdb);
    gdb->in[gdb->in_len] = '\0';
    gdb_command(gdb);
}

static void receive_idle(struct gdb *gdb, u8 c)
{
    switch (c) {
    case '$':
        gdb->state = GDB_DATA;
        gdb->sum = 0;
        gdb->in_len = 0;
        gdb->too_long = false;
        break;
    case '-':
        if (!gdb->no_ack && gdb->sent_len)
            gdb->ops->send(gdb->opaque, gdb->sent, gdb->sent_len);
        break;
    case INTERRUPT: gdb->ops->stop(gdb->opaque); break;
    default: break; /* "+", and noise on the line */
    }
}

static void receive_data(struct gdb *gdb, u8 c)
{
    if (c == '$') { /* the one before has lost its end */
        receive_idle(gdb, c);
        return;
    }
    if (c == '#') {
        gdb->state = GDB_SUM_HIGH;
        return;
    }
    gdb->sum = (u8)(gdb->sum + c);
    if (gdb->in_len < GDB_PACKET)
        gdb->in[gdb->in_len++] = c;
    else
        gdb->too_long = true;
}

void gdb_receive(struct gdb *gdb, const u8 *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (gdb->state) {
        case GDB_IDLE: receive_idle(gdb, data[i]); break;
        case GDB_DATA: receive_data(gdb, data[i]); break;
        case GDB_SUM_HIGH:
            gdb->sum_high = data[i];
            gdb->state = GDB_SUM_LOW;
            break;
        case GDB_SUM_LOW:
            end_packet(gdb,
                       digit(gdb->sum_high) == gdb->sum >> 4 && digit(data[i]) == (gdb->sum & 15));
            break;
        }
    }
}

void gdb_reset(struct gdb *gdb)
{
    gdb_clear_points(gdb);
    while (gdb->conditions)
        gdb_conditions_drop(gdb, gdb->conditions->la);
    gdb->step = GDB_STEP_ENABLE | GDB_STEP_NOIRQ | GDB_STEP_NOTIMER;
    gdb->phys_memory = gdb->no_ack = gdb->running = false;
    gdb->state = GDB_IDLE;
    gdb->file_opens = 0;
    gdb->out_len = gdb->sent_len = 0;
    snprintf(gdb->last_stop, sizeof(gdb->last_stop), "T05thread:01;");
}

void gdb_init(struct gdb *gdb, struct cpu *cpu, const struct gdb_ops *ops, void *opaque)
{
    gdb->cpu = cpu;
    gdb->thread = 1;
    gdb->ops = ops;
    gdb->opaque = opaque;
    gdb_reset(gdb);
}
