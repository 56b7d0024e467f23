/* Prints the first line of each file that is named. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char line[100] = "";
        FILE *f = fopen(argv[i], "r");

        if (!f || !fgets(line, sizeof(line), f))
            snprintf(line, sizeof(line), "%s\n", strerror(errno));
        fputs(line, stdout);
        if (f)
            fclose(f);
    }
    return 0;
}
