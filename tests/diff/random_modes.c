/* Long runs of random guests in every mode, engine against engine: tests/diff/mode_run.h.
 *
 *     build/soft/diff/random_modes [first program [how many [engine]]]
 *
 * The exit status is 1 when two differ; the program is then shrunk and printed. */
#include "tests/diff/mode_run.h"

int main(int argc, char **argv)
{
    u64 from = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    u64 count = argc > 2 ? strtoull(argv[2], NULL, 0) : 100000;
    bool same = true;

    for (unsigned i = 0; translator_engines()[i]; i++) {
        u64 ended[CPU_STOPS + 1] = {0};

        if (argc > 3 && strcmp(argv[3], translator_engines()[i]))
            continue;
        same &= mode_run(translator_engines()[i], from, from + count, ended, NULL);
        printf("%s: units: %llu halted (%llu by exceptions), %llu out of budget, %llu shut down\n",
               translator_engines()[i], (unsigned long long)ended[CPU_STOP_HALT],
               (unsigned long long)ended[CPU_STOPS], (unsigned long long)ended[CPU_STOP_BUDGET],
               (unsigned long long)ended[CPU_STOP_SHUTDOWN]);
    }
    return same ? 0 : 1;
}
