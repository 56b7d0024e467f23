/* Long runs of random programs, configuration against configuration and engine against engine:
 *
 *     build/soft/diff/random_blocks [first seed [how many [engine]]]
 *
 * The exit status is 1 when two differ; the program is then shrunk and printed. */
#include "tests/diff/block_run.h"

int main(int argc, char **argv)
{
    u64 from = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    u64 count = argc > 2 ? strtoull(argv[2], NULL, 0) : 100000;
    bool same = true;

    for (unsigned i = 0; translator_engines()[i]; i++) {
        struct tally tally = {0};

        if (argc > 3 && strcmp(argv[3], translator_engines()[i]))
            continue;
        same &= run_seeds(translator_engines()[i], from, from + count, &tally, NULL);
        printf(
            "%s: %llu halted (%llu by exceptions), %llu out of budget, %llu shut down; %llu "
            "loops\n",
            translator_engines()[i], (unsigned long long)tally.stopped[CPU_STOP_HALT],
            (unsigned long long)tally.excepted, (unsigned long long)tally.stopped[CPU_STOP_BUDGET],
            (unsigned long long)tally.stopped[CPU_STOP_SHUTDOWN], (unsigned long long)tally.loops);
    }
    return same ? 0 : 1;
}
