/* A program that writes a title over its arguments, and on into its environment: what /proc/self/cmdline has. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show(void)
{
    char text[4096];
    int fd = open("/proc/self/cmdline", O_RDONLY);
    int n = (int)read(fd, text, sizeof(text));

    close(fd);
    for (int i = 0; i < n; i++)
        putchar(text[i] ? text[i] : '|');
    putchar('\n');
}

int main(int argc, char **argv, char **envp)
{
    char *end = argv[argc - 1] + strlen(argv[argc - 1]);

    if (argc == 1) {
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
