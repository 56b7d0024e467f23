/* What the files of the remote protocol share: the packet at hand and the reply to it. */
#ifndef PAGEWALK_GDB_PRIV_H
#define PAGEWALK_GDB_PRIV_H

#include "cpu/gdb/gdb.h"

/* The rest of a packet that is being read. */
struct gdb_text {
    const u8 *at, *end;
};

/* Replies are gathered and sent by gdb_send(); what does not fit is left out. */
void gdb_put(struct gdb *gdb, const char *text);
void printf_like(2, 3) gdb_putf(struct gdb *gdb, const char *fmt, ...);
void gdb_put_bytes(struct gdb *gdb, const void *data,
                   size_t len); /* as they are: escaped when sent */
void gdb_put_hex(struct gdb *gdb, const void *data, size_t len);
void gdb_send(struct gdb *gdb);

/* Each reads on and returns whether it was there. */
bool gdb_take_char(struct gdb_text *text, char c);
bool gdb_take_word(struct gdb_text *text, const char *word);
bool gdb_take_number(struct gdb_text *text, u64 *value); /* hexadecimal */
/* Two digits a byte, at most max of them; returns how many bytes were there. */
size_t gdb_take_hex(struct gdb_text *text, u8 *data, size_t max);

/* The conditions of the breakpoints at one address (gdb_agent.c). */
struct gdb_conditions {
    struct gdb_conditions *next;
    u32 la;
    size_t len;
    u8 code[];
};
/* Those that a Z packet ends with take the place of what was there; false: they are none, and there are none now. */
bool gdb_conditions_take(struct gdb *gdb, u32 la, struct gdb_text *text);
void gdb_conditions_drop(struct gdb *gdb, u32 la);

/* Threads (gdb_thread.c). */
void gdb_clear_points(struct gdb *gdb);
int gdb_insert_point(struct gdb *gdb, enum debugger_kind kind, u32 la, u32 len);
int gdb_remove_point(struct gdb *gdb, enum debugger_kind kind, u32 la, u32 len);
/* c, s, C, S, with the rest of the packet; vCont behind its name; H and T; the queries. */
void gdb_command_resume(struct gdb *gdb, struct gdb_text *text, bool step, bool with_signal);
void gdb_command_vcont(struct gdb *gdb, struct gdb_text *text);
bool gdb_command_thread(struct gdb *gdb, struct gdb_text *text, bool select);
void gdb_put_threads(struct gdb *gdb);

/* gdb_file.c, where there is a file: vFile behind its name, and qXfer:exec-file:read. */
void gdb_command_file(struct gdb *gdb, struct gdb_text *text);
void gdb_query_exec_file(struct gdb *gdb, struct gdb_text *text);

/* One packet, in gdb->in. */
void gdb_command(struct gdb *gdb);

/* Registers (gdb_regs.c): all in the order of target.xml, one, and that text. */
void gdb_read_regs(struct gdb *gdb);
bool gdb_read_reg(struct gdb *gdb, u64 number);
/* One of at most 64 bits as a number; false: there is none such. */
bool gdb_reg_value(struct gdb *gdb, u64 number, u64 *value);
bool gdb_write_regs(struct gdb *gdb, struct gdb_text *text);
bool gdb_write_reg(struct gdb *gdb, u64 number, struct gdb_text *text);
/* Calls put for each piece of the XML text. */
void gdb_target_xml(void (*put)(void *opaque, const char *text), void *opaque);

#endif
