/* The serial console: int 10h's text goes to COM1, too, and what COM1 receives becomes keys.
 *
 * Output: teletype (0E), characters (09, 0A) and strings (13); cursor settings (02) and clearing
 * (00, 06, 07 of the whole screen) become ANSI sequences. Position and page are the BIOS data area's.
 * Without a display adapter the services that a loader asks for are answered here: 00, 02, 03, 08, 0F,
 * and the cursor moves. Not: attributes, scrolling of parts. Input: characters, and the sequences of
 * cursor and function keys. */
#include "services.h"

#include "bda.h"

#define COM1     0x3f8
#define LSR      (COM1 + 5)
#define LSR_DATA 0x01
#define LSR_SENT 0x20

extern const u8 entry_10_serial[], entry_10[];

static void send(u8 c)
{
    for (u32 i = 0; i < 100000; i++)
        if (inb(LSR) & LSR_SENT)
            break;
    outb(COM1, c);
}

static void send_text(const char *rom_text)
{
    u8 c;

    while ((c = rom8(rom_text++)))
        send(c);
}

static void send_dec(u8 n)
{
    if (n >= 10)
        send_dec(n / 10);
    send('0' + n % 10);
}

static bool have_adapter(void)
{
    return ebda->int10_seg != BIOS_SEG;
}

static u8 columns(void)
{
    u8 n = (u8)bda->video_cols;

    return n ? n : 80;
}

static u8 rows(void)
{
    u8 n = bda->video_rows;

    return n ? n + 1 : 25;
}

/* The terminal's cursor to where the screen's is. */
static void sync_cursor(u16 pos)
{
    u8 row = pos >> 8, column = (u8)pos;

    if (row == ebda->serial_row && column == ebda->serial_column)
        return;
    if (!column && row == ebda->serial_row + 1) { /* readable in a log, too */
        send_text(S("\r\n"));
    } else {
        send_text(S("\033["));
        send_dec(row + 1);
        send(';');
        send_dec(column + 1);
        send('H');
    }
    ebda->serial_row = row;
    ebda->serial_column = column;
}

/* One character as teletype shows it, and where that leaves the terminal's cursor. */
static void send_char(u8 c)
{
    u8 column = ebda->serial_column, row = ebda->serial_row;

    switch (c) {
    case '\r': column = 0; break;
    case '\n':
        if (row + 1 < rows())
            row++;
        break;
    case '\b':
        if (!column)
            return;
        column--;
        break;
    case 7: break;
    default:
        if (++column >= columns()) { /* terminals wait at the margin; the screen does not */
            send(c);
            send('\r');
            c = '\n';
            column = 0;
            if (row + 1 < rows())
                row++;
        }
    }
    send(c);
    ebda->serial_column = column;
    ebda->serial_row = row;
}

/* Frames and blocks of code page 437 as ASCII. */
static u8 to_ascii(u8 c)
{
    if (c >= 0xb3 && c <= 0xda)
        return c == 0xb3 || c == 0xba ? '|' : c == 0xc4 || c == 0xcd ? '-' : '+';
    switch (c) {
    case 0x10:
    case 0x1a: return '>';
    case 0x11:
    case 0x1b: return '<';
    case 0x18:
    case 0x1e: return '^';
    case 0x19:
    case 0x1f: return 'v';
    }
    return c < ' ' || c >= 0x7f ? ' ' : c;
}

static bool is_control(u8 c)
{
    return c == '\r' || c == '\n' || c == '\b' || c == 7;
}

/* Functions 09 and 0A: CX times at the cursor, which stays. Without an end: not beyond the line. */
static void write_char(const struct regs *r)
{
    u16 pos = bda->cursor_pos[bda->video_page & 7], count = r->cx;
    u8 room = columns() - (u8)pos;

    sync_cursor(pos);
    if (count > room)
        count = room;
    while (count--)
        send_char(to_ascii(r->al));
}

static void write_string(const struct regs *r)
{
    sync_cursor(r->dx);
    for (u16 i = 0; i < r->cx; i++) {
        u8 c = far_read8(r->es, r->bp + (r->al & 2 ? i * 2 : i));

        send_char(is_control(c) ? c : to_ascii(c));
    }
}

static void clear(void)
{
    send_text(S("\033[H\033[J"));
    ebda->serial_row = ebda->serial_column = 0;
}

static void scroll(u8 lines)
{
    sync_cursor((u16)((rows() - 1) << 8));
    while (lines--)
        send('\n');
}

static bool whole_screen(const struct regs *r)
{
    return !r->cx && r->dh + 1 >= rows() && r->dl + 1 >= columns();
}

/* Without an adapter the cursor is kept here. */
static void answer(struct regs *r)
{
    switch (r->ah) {
    case 0x00:
        bda->video_mode = r->al & 0x7f;
        bda->cursor_pos[0] = 0;
        break;
    case 0x02: bda->cursor_pos[0] = r->dx; break;
    case 0x03:
        r->cx = bda->cursor_type;
        r->dx = bda->cursor_pos[0];
        break;
    case 0x08: r->ax = 0x0720; break;
    case 0x0e: bda->cursor_pos[0] = (u16)(ebda->serial_row << 8 | ebda->serial_column); break;
    case 0x0f:
        r->al = bda->video_mode;
        r->ah = columns();
        r->bh = 0;
        break;
    case 0x13:
        if (r->al & 1)
            bda->cursor_pos[0] = (u16)(ebda->serial_row << 8 | ebda->serial_column);
        break;
    }
}

void int10_serial(struct regs *r)
{
    u16 pos = bda->cursor_pos[bda->video_page & 7];

    switch (r->ah) {
    case 0x00: clear(); break;
    case 0x06:
    case 0x07:
        if (whole_screen(r) && !r->al)
            clear();
        else if (whole_screen(r) && r->ah == 0x06)
            scroll(r->al);
        break;
    case 0x09:
    case 0x0a: write_char(r); break;
    case 0x0e:
        sync_cursor(pos);
        send_char(is_control(r->al) ? r->al : to_ascii(r->al));
        break;
    case 0x13: write_string(r); break;
    }
    if (have_adapter())
        r->next = (u32)ebda->int10_seg << 16 | ebda->int10_off;
    else
        answer(r);
}

/* F000:F065 when there is neither an adapter nor a console. */
void int10_none(struct regs *r)
{
    if (r->ah == 0x0f) {
        r->al = bda->video_mode;
        r->ah = columns();
        r->bh = 0;
    } else if (r->ah == 0x03) {
        r->cx = r->dx = 0;
    }
}

void sercon_init(void)
{
    u32 old = far_read32(0, 0x10 * 4);

    if (!ebda->serial_console || bda->com[0] != COM1) {
        ebda->serial_console = 0;
        return;
    }
    outb(COM1 + 3, 0x83);
    outb(COM1 + 0, 1); /* 115200 baud, 8N1 */
    outb(COM1 + 1, 0);
    outb(COM1 + 3, 0x03);
    outb(COM1 + 4, 0x03);
    outb(COM1 + 1, 0);
    ebda->int10_off = (u16)old;
    ebda->int10_seg = old >> 16;
    if (!have_adapter()) {
        bda->video_mode = 3;
        bda->video_cols = 80;
        bda->video_rows = 24;
        bda->char_height = 16;
        bda->cursor_type = 0x0607;
    }
    set_vector(0x10, entry_10_serial);
}

/* Keys. Escape sequences: ESC [ A and ESC O A, ESC [ n ~. */

static const struct {
    u8 final;
    u16 key;
} letter_keys[] ROMDATA = {{'A', 0x4800}, {'B', 0x5000}, {'C', 0x4d00}, {'D', 0x4b00},
                           {'H', 0x4700}, {'F', 0x4f00}, {'P', 0x3b00}, {'Q', 0x3c00},
                           {'R', 0x3d00}, {'S', 0x3e00}};
static const u16 number_keys[] ROMDATA = {0,      0x4700, 0x5200, 0x5300, 0x4f00, 0x4900, 0x5100,
                                          0x4700, 0x4f00, 0,      0,      0x3b00, 0x3c00, 0x3d00,
                                          0x3e00, 0x3f00, 0,      0x4000, 0x4100, 0x4200, 0x4300,
                                          0x4400, 0,      0x8500, 0x8600};

/* Scan codes of ASCII 20h to 7Eh would need the key table backwards: found by searching it. */
static u16 ascii_key(u8 c)
{
    switch (c) {
    case '\n':
    case '\r': return 0x1c0d;
    case 0x7f:
    case '\b': return 0x0e08;
    case '\t': return 0x0f09;
    case 0x1b: return 0x011b;
    }
    return kbd_find(c);
}

/* A byte comes soon behind ESC, or it was the key. */
static int receive(u32 us)
{
    for (;;) {
        if (inb(LSR) & LSR_DATA)
            return inb(COM1);
        if (us < 100)
            return -1;
        delay_us(100);
        us -= 100;
    }
}

static u16 escape_key(void)
{
    int c = receive(2000);
    unsigned n = 0;

    if (c != '[' && c != 'O') {
        if (c >= 0)
            kbd_put(0x011b);
        return c < 0 ? 0x011b : ascii_key((u8)c);
    }
    for (c = receive(2000); c >= '0' && c <= '9'; c = receive(2000))
        n = n * 10 + (unsigned)(c - '0');
    if (c == '~')
        return n < ARRAY_SIZE(number_keys) ? rom16(&number_keys[n]) : 0;
    for (unsigned i = 0; i < ARRAY_SIZE(letter_keys); i++)
        if (rom8(&letter_keys[i].final) == c)
            return rom16(&letter_keys[i].key);
    return 0;
}

static bool kbd_room(void)
{
    u16 next = bda->kbd_tail + 2;

    return (next >= bda->kbd_end ? bda->kbd_start : next) != bda->kbd_head;
}

void sercon_poll(void)
{
    if (!ebda->serial_console)
        return;
    while (kbd_room() && (inb(LSR) & LSR_DATA)) {
        u8 c = inb(COM1);
        u16 key = c == 0x1b ? escape_key() : ascii_key(c);

        if (key)
            kbd_put(key);
    }
}
