/* execve(): programs for i386 run under us again, scripts by their interpreters, anything else by the host. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/user/user.h"

#define SCRIPTS_MOST 5 /* interpreters that are scripts themselves */
#define HEAD_BYTES   256

struct block {
    struct block *next;
    char data[];
};

void *exec_alloc(size_t size)
{
    struct block *block = malloc(sizeof(*block) + size);

    if (!block)
        return NULL;
    block->next = self->exec_memory;
    self->exec_memory = block;
    return block->data;
}

void exec_release(void)
{
    while (self->exec_memory) {
        struct block *block = self->exec_memory;

        self->exec_memory = block->next;
        free(block);
    }
}

/* argv with `count` others in front of all but its first. */
static char **put_in_front(char **argv, const char *const *front, unsigned count)
{
    unsigned n = 0;
    char **all;

    while (argv[n])
        n++;
    all = exec_alloc((n + count + 2) * sizeof(*all));
    if (!all)
        return NULL;
    memcpy(all, front, count * sizeof(*all));
    if (n > 1)
        memcpy(all + count, argv + 1, (n - 1) * sizeof(*all));
    all[count + (n > 1 ? n - 1 : 0)] = NULL;
    return all;
}

/* "#! INTERPRETER [ARGUMENT]": in place; NULL: there is none. */
static char *parse_script(char *head, char **argument)
{
    char *name = head + 2, *end;

    head[strcspn(head, "\n")] = '\0';
    name += strspn(name, " \t");
    end = name + strcspn(name, " \t");
    *argument = NULL;
    if (*end) {
        *end++ = '\0';
        end += strspn(end, " \t");
        if (*end) {
            *argument = end;
            for (end += strlen(end); end[-1] == ' ' || end[-1] == '\t';)
                *--end = '\0';
        }
    }
    return *name ? name : NULL;
}

/* The program that runs this. Its path may lead nowhere, or elsewhere, in a chroot. */
static const char *runner(void)
{
    static const char link[] = "/proc/self/exe";
    struct stat at_path, running;

    if (stat(process.self, &at_path) == 0 && stat(link, &running) == 0 &&
        at_path.st_dev == running.st_dev && at_path.st_ino == running.st_ino)
        return process.self;
    return link;
}

/* Under us: our own options, the program's name as it is to see it, its path, its arguments. */
static i64 run_ours(const char *guest_path, char **argv, char **envp)
{
    const char *front[64] = {process.self};
    unsigned n = 1;
    char **all;

    for (char **option = process.options; *option && n < ARRAY_SIZE(front) - 4; option++)
        front[n++] = *option;
    front[n++] = "-0";
    front[n++] = argv[0] ? argv[0] : "";
    front[n++] = guest_path;
    all = put_in_front(argv, front, n);
    if (!all)
        return -ENOMEM;
    execve(runner(), all, envp);
    return -errno;
}

i64 exec_check(const char *guest_path)
{
    char path[4096];
    struct stat st;

    path_resolve(path, sizeof(path), guest_path, true);
    if (stat(path, &st) < 0)
        return -errno;
    return S_ISREG(st.st_mode) && access(path, X_OK) == 0 ? 0 : -EACCES;
}

static i64 execute(const char *guest_path, char **argv, char **envp, unsigned depth)
{
    char path[4096], head[HEAD_BYTES + 1] = "", *interpreter, *argument;
    ssize_t len;
    i64 err = exec_check(guest_path);
    int fd;

    if (err)
        return err;
    path_resolve(path, sizeof(path), guest_path, true);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) { /* what cannot be read the host may still be able to execute */
        execve(path, argv, envp);
        return -errno;
    }
    len = read(fd, head, HEAD_BYTES);
    close(fd);
    if (len > 2 && head[0] == '#' && head[1] == '!') {
        const char *front[3];
        unsigned n = 0;
        char **all;

        if (depth == SCRIPTS_MOST)
            return -ELOOP;
        interpreter = parse_script(head, &argument);
        if (!interpreter)
            return -ENOEXEC;
        front[n++] = interpreter;
        if (argument)
            front[n++] = argument;
        front[n++] = guest_path;
        all = put_in_front(argv, front, n);
        if (!all)
            return -ENOMEM;
        return execute(interpreter, all, envp, depth + 1);
    }
    if (len > 0 && elf_is_ours((const u8 *)head, (size_t)len))
        return run_ours(guest_path, argv, envp);
    execve(path, argv, envp);
    return -errno;
}

i64 exec_program(const char *path, char **argv, char **envp)
{
    return execute(proc_is_exe(path) ? process.exe : path, argv, envp, 0);
}
