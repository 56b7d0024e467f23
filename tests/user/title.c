/* A program that writes a title over its arguments, and on into its environment: what it and another process read of it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void show_file(const char *path)
{
    char text[4096];
    int fd = open(path, O_RDONLY);
    int n = (int)read(fd, text, sizeof(text));

    close(fd);
    for (int i = 0; i < n; i++)
        putchar(text[i] ? text[i] : '|');
    putchar('\n');
    fflush(stdout);
}

static void show(void)
{
    static const char *const names[] = {"cmdline", "environ"};
    char path[32];

    show_file("/proc/self/cmdline");
    if (fork() == 0) {
        for (int i = 0; i < 2; i++) {
            sprintf(path, "/proc/%d/%s", (int)getppid(), names[i]);
            show_file(path);
        }
        _exit(0);
    }
    wait(NULL);
}

int main(int argc, char **argv, char **envp)
{
    char *end = argv[argc - 1] + strlen(argv[argc - 1]);

    if (argc == 1) {
        show_file("/proc/self/comm");
        execl("/proc/self/exe", "title", "one", "two", NULL);
        return 1;
    }
    show();
    memset(argv[0], 0, (size_t)(end - argv[0]));
    strcpy(argv[0], "short");
    show();
    memset(argv[0], 'x', (size_t)(end - argv[0]) + 1);
    strcpy(envp[0], "long");
    show();
    return 0;
}
