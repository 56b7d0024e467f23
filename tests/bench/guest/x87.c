/* The floating-point workloads on doubles, compiled for the x87 everywhere. */
#include "bench.h"
#include "workloads.h"

typedef double real;
#define PREFIX(name) x87_##name
#define SQRT         __builtin_sqrt
enum { MATRIX_ROUNDS = 3, NBODY_STEPS = 30000, ENERGY_SCALE = 10000000 };
#include "real.h"
