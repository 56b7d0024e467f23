/* Long runs of random system-level guests, engine against engine: tests/diff/ring_run.h.
 *
 *     build/soft/diff/random_rings [first guest [how many [engine]]]
 *
 * The exit status is 1 when two differ; the first such round is printed. */
#include "tests/diff/ring_run.h"

int main(int argc, char **argv)
{
    u64 from = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    u64 count = argc > 2 ? strtoull(argv[2], NULL, 0) : 2000;
    bool ok = true;

    for (unsigned i = 0; translator_engines()[i]; i++) {
        u64 ended[CPU_STOPS + 1] = {0};

        if (argc > 3 && strcmp(argv[3], translator_engines()[i]))
            continue;
        ok &= ring_run(translator_engines()[i], from, count, ended);
        printf("%s: rounds: %llu halted, %llu out of budget, %llu shut down; %llu instructions\n",
               translator_engines()[i], (unsigned long long)ended[CPU_STOP_HALT],
               (unsigned long long)ended[CPU_STOP_BUDGET],
               (unsigned long long)ended[CPU_STOP_SHUTDOWN], (unsigned long long)ended[CPU_STOPS]);
    }
    return ok ? 0 : 1;
}
