/* For programs that make system calls without knowing what comes of it: a child without root's rights, in a folder of its own. */
#ifndef PAGEWALK_TESTS_WITHOUT_RIGHTS_H
#define PAGEWALK_TESTS_WITHOUT_RIGHTS_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* path: "/tmp/NAME.XXXXXX/FILE", made real. fn leaves nothing in the folder; its descriptors are 0 to 2, the first is
 * /dev/null. Returns main()'s result. */
static int without_rights(char *path, int (*fn)(int argc, char **argv), int argc, char **argv)
{
    char *slash = strrchr(path, '/');
    pid_t child;
    int status;

    *slash = 0;
    if (!mkdtemp(path) || chmod(path, 0777))
        return 1;
    child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
            exit(1);
        *slash = '/';
        close(0);
        if (open("/dev/null", O_RDWR) != 0)
            exit(1);
        for (int fd = 3; fd < 64; fd++)
            close(fd);
        exit(fn(argc, argv));
    }
    waitpid(child, &status, 0);
    if (rmdir(path))
        printf("the folder stays: %s\n", strerror(errno));
    return status != 0;
}

#endif
