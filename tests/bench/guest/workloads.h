/* Declares the functions of workloads.def. */
#ifndef TESTS_BENCH_GUEST_WORKLOADS_H
#define TESTS_BENCH_GUEST_WORKLOADS_H

#include "bench.h"

#define WORKLOAD(name, class, prepare, run, what) u32 run(void);
#include "workloads.def"
#undef WORKLOAD

/* Preparations: 0, or -1 when the workload cannot run here. */
int mem_chase_16k_prepare(void);
int mem_chase_256k_prepare(void);
int mem_chase_4m_prepare(void);
int mem_chase_32m_prepare(void);
int sh_sha1sum_prepare(void);
int sh_gzip_prepare(void);

#endif
