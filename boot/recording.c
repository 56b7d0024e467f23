/* -record and -replay: the files. */
#include "boot/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "devices/board/replay.h"

static int failed(struct session *s, const char *path, const char *why)
{
    snprintf(s->err, sizeof(s->err), "'%s': %s", path, why);
    return -1;
}

int recording_open(struct session *s)
{
    const struct options *o = &s->options;
    const char *path = o->record ? o->record : o->replay;
    char why[200] = "";
    int fd;

    if (!path && o->reverse) {
        s->replay = replay_keep(options_rtc_start(o, time(NULL)));
        if (!s->replay)
            snprintf(s->err, sizeof(s->err), "the host has no memory for -reverse");
        return s->replay ? 0 : -1;
    }
    if (!path)
        return 0;
    fd = o->record ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
                   : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failed(s, path, strerror(errno));
    s->replay = o->record
                    ? replay_record(fd, options_rtc_start(o, time(NULL)),
                                    o->checkpoints.every ? o->checkpoints.every : REPLAY_DIGESTS,
                                    why, sizeof(why))
                    : replay_play(fd, why, sizeof(why));
    return s->replay ? 0 : failed(s, path, why);
}

void recording_close(struct session *s)
{
    int r = replay_close(s->replay);

    if (r < 0)
        fprintf(stderr, "pagewalk: '%s' is not whole: %s\n", s->options.record, strerror(-r));
    s->replay = NULL;
}
