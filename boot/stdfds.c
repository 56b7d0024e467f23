/* Standard input, output and error exist before anything else is opened.
 *
 * A program may be started with some of them closed. The next file to be opened, a disk image say, would then
 * be descriptor 2, and every message would be written over its first sectors. */
#include "boot/stdfds.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int stdfds_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* The lowest free descriptor is this one. It stays open in programs that this one starts. */
        if (open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY) != fd)
            return -1;
    }
    return 0;
}
