/* What the files of record and replay share: an event, the doors, and the file that is under way. */
#ifndef PAGEWALK_REPLAY_EVENT_H
#define PAGEWALK_REPLAY_EVENT_H

#include "devices/board/pc_board.h"
#include "devices/board/snapshot_stream.h"

enum event_kind {
    EVENT_END, /* arg: the exit status */
    EVENT_DIGEST,
    EVENT_SERIAL, /* arg: port; data: the bytes */
    EVENT_BREAK,  /* arg: port */
    EVENT_KEY,    /* arg: down; data: the usage */
    EVENT_MOUSE,  /* arg: buttons; data: dx, dy, dz, 4 bytes each */
    EVENT_BUTTON, /* arg: enum replay_button */
    EVENT_FRAME,  /* arg: back end; data: the frame */
    EVENT_LINK,   /* arg: back end; data: 1 up, 0 down */
    EVENT_CARD,   /* arg: card whose link is set; data: 1 up, 0 down */
    EVENT_MEDIUM, /* arg: unit; data: see replay_medium() */
    EVENT_PORT,   /* arg: bytes, with bit 7 when written; data: port (2), value (4) */
    EVENT_HOLD,   /* a debugger's step over one instruction, which takes no interrupt */
    EVENT_KINDS
};
#define EVENT_DATA        0xffff
#define EVENT_SERIAL_DATA 256
#define EVENT_HEAD        20 /* bytes of one before its data */

struct event {
    u8 kind, arg;
    u16 len;
    u64 insns, ns;
    u8 data[];
};

struct serial_door {
    struct replay *replay;
    unsigned port;
    size_t (*can_receive)(void *opaque);
    void (*receive)(void *opaque, const u8 *data, size_t len);
    void (*send_break)(void *opaque);
    void *opaque;
};

struct replay {
    struct pc *pc;
    bool plays, stored;     /* from a file; in a file */
    bool begun, over, told; /* told: that it cannot be written */
    u64 written_at;         /* host ns */
    int fd;
    i64 rtc_base;
    u64 digest_every;
    struct snapshot_stream stream;
    u8 *machine; /* when it plays: the recorded machine's sections */
    u32 machine_len;
    struct event *next;   /* when it plays; valid unless `over` */
    struct event **event; /* what has entered, when the machine has a history, */
    size_t events, room;
    size_t entered;  /* and so many of them where it is */
    u64 event_bytes; /* of host memory that they take */
    bool lacks;      /* one that there was no memory for */
    struct serial_door door[PC_SERIALS];
};

/* Whether nothing enters but what is known, from the file or the past. */
bool replay_is_shut(const struct replay *replay);
/* Writes an event down, unless the machine is shut or has not begun. */
void replay_record_event(struct replay *replay, enum event_kind kind, u8 arg, const void *data,
                         size_t len);
/* For when the machine goes back (replay_past.c), if it ever does. */
void replay_keep_event(struct replay *replay, const struct event *e, const void *data);
void replay_free_events(struct replay *replay);
/* Lets one in. */
void replay_enter(struct pc *pc, const struct event *e);
/* The replay ends here, as another machine's, which is said; or the past does, and the machine goes on by another way. */
void replay_differs(struct pc *pc, const char *what);

#endif
