/* The floating-point workloads on floats, compiled for SSE everywhere. */
#include "bench.h"
#include "workloads.h"

typedef float real;
#define PREFIX(name) sse_##name
#define SQRT         __builtin_sqrtf
enum { MATRIX_ROUNDS = 12, NBODY_STEPS = 300000, ENERGY_SCALE = 10000 };
#include "real.h"
