/* What a character back end is to be, as -serial, -chardev and their kin say it. */
#ifndef PAGEWALK_CHR_SPEC_H
#define PAGEWALK_CHR_SPEC_H

#include "devices/chr/chr.h"

enum chr_kind {
    CHR_NONE, /* nobody is at the port */
    CHR_NULL,
    CHR_STDIO,
    CHR_FILE,
    CHR_PIPE, /* path.in and path.out, or path for both */
    CHR_PTY,
    CHR_TCP,
    CHR_UNIX,
    CHR_UDP,
};

struct chr_spec {
    enum chr_kind kind;
    const char *id;          /* -chardev's; NULL: none */
    const char *text;        /* as the user wrote it */
    const char *path;        /* CHR_FILE, CHR_PIPE, CHR_UNIX */
    const char *host, *port; /* CHR_TCP: to connect to, or to listen at; CHR_UDP: to send to */
    const char *local_host, *local_port; /* CHR_UDP: NULL: any */
    bool server, wait, telnet;           /* wait: the machine starts when somebody has connected */
    bool mux;            /* with escape keys, and room for a monitor (mux=on, mon:) */
    bool append;         /* CHR_FILE */
    const char *logfile; /* a copy of the output; NULL: none */
    bool log_append;
};

struct chr *chr_open_pipe(const char *path, char *err, size_t err_len);
/* CHR_TCP, CHR_UNIX. */
struct chr *chr_open_socket(const struct chr_spec *spec, char *err, size_t err_len);
struct chr *chr_open_udp(const struct chr_spec *spec, char *err, size_t err_len);

/* Passes everything on to another, which it closes, and copies output: to a file, or to whom it is told. fn may be NULL,
 * and so may file, which it closes. NULL with a reason; then `to` stays open. */
struct chr *chr_open_tap(struct chr *to, FILE *file,
                         void (*fn)(void *opaque, const u8 *data, size_t len), void *opaque,
                         char *err, size_t err_len);
/* Passes everything on to another, which it closes, with the time, in nanoseconds of whatever now() counts, in front of
 * each line of output. NULL with a reason; then `to` stays open. */
struct chr *chr_open_stamp(struct chr *to, u64 (*now)(void *opaque), void *opaque, char *err,
                           size_t err_len);
/* A further user of a back end, who can only write. */
struct chr *chr_open_writer(struct chr *to, char *err, size_t err_len);

/* What the escape keys ask for (C-a h, C-a x, C-a r, C-a b, C-a c, C-a s, C-a a, C-a d, C-a C-a; section "Keys" of the
 * manual page). */
enum chr_key {
    CHR_KEY_QUIT,
    CHR_KEY_RESUME,
    CHR_KEY_SAVE,
    CHR_KEY_FLOPPY,
    CHR_KEY_DISC,
    CHR_KEY_SLOWER,
    CHR_KEY_FASTER,
    CHR_KEY_NORMAL_SPEED
};

/* The first user of a back end that several share, and that is closed with the last of them. All write; one has the
 * input, at first this one, and is told so by `connected`. With escape (C-a is 1; 0: none) keys behind that key are for
 * `key`, which may be NULL, but for c, which gives the input to the next user. NULL with a reason; then `to` stays open. */
struct chr *chr_open_mux(struct chr *to, u8 escape, void (*key)(void *opaque, enum chr_key key),
                         void *opaque, char *err, size_t err_len);
/* One user more. any: one of them. */
struct chr *chr_add_to_mux(struct chr *any, char *err, size_t err_len);
/* Whether this one of them has the input. */
bool chr_has_input(struct chr *any);

/* Any but CHR_NONE and CHR_STDIO. */
struct chr *chr_open(const struct chr_spec *spec, char *err, size_t err_len);

#endif
