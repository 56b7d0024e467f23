/* Floating-point workloads for one type: matrix products and the motion of five bodies.
 *
 * Included by x87.c and sse.c, which set `real`, SQRT and PREFIX(name). The matrix holds small whole numbers,
 * so that its result is exact; the bodies' energy is rounded to fewer digits than the type has, so that
 * the compiler's choice of what to keep in a register does not show.
 */
enum { SIZE = 128 };

u32 PREFIX(matrix)(void)
{
    real *a = (real *)arena, *b = a + SIZE * SIZE, *c = b + SIZE * SIZE;
    u32 hash = HASH_START;
    for (int i = 0; i < SIZE * SIZE; i++) {
        a[i] = (real)(i % 7 - 3);
        b[i] = (real)(i % 11 - 5);
    }
    for (int round = 0; round < MATRIX_ROUNDS; round++) {
        for (int i = 0; i < SIZE; i++)
            for (int j = 0; j < SIZE; j++) {
                real sum = 0;
                for (int k = 0; k < SIZE; k++)
                    sum += a[i * SIZE + k] * b[k * SIZE + j];
                c[i * SIZE + j] = sum;
            }
        a[round] += (real)1;
    }
    for (int i = 0; i < SIZE * SIZE; i++)
        hash = hash_word(hash, (u32)(i32)c[i]);
    return hash;
}

struct body {
    real position[3], speed[3], mass;
};

enum { BODIES = 5 };

static void advance(struct body *body, real step)
{
    for (int i = 0; i < BODIES; i++)
        for (int j = i + 1; j < BODIES; j++) {
            real d[3], square = (real)0.01;
            for (int k = 0; k < 3; k++) {
                d[k] = body[i].position[k] - body[j].position[k];
                square += d[k] * d[k];
            }
            real pull = step / (square * SQRT(square));
            for (int k = 0; k < 3; k++) {
                body[i].speed[k] -= d[k] * body[j].mass * pull;
                body[j].speed[k] += d[k] * body[i].mass * pull;
            }
        }
    for (int i = 0; i < BODIES; i++)
        for (int k = 0; k < 3; k++)
            body[i].position[k] += step * body[i].speed[k];
}

static real energy(const struct body *body)
{
    real sum = 0;
    for (int i = 0; i < BODIES; i++) {
        for (int k = 0; k < 3; k++)
            sum += body[i].mass * body[i].speed[k] * body[i].speed[k] / 2;
        for (int j = i + 1; j < BODIES; j++) {
            real square = (real)0.01;
            for (int k = 0; k < 3; k++) {
                real d = body[i].position[k] - body[j].position[k];
                square += d * d;
            }
            sum -= body[i].mass * body[j].mass / SQRT(square);
        }
    }
    return sum;
}

u32 PREFIX(nbody)(void)
{
    /* A heavy body in the middle and four light ones on nearly circular orbits far apart. */
    struct body body[BODIES] = {
        {{0, 0, 0}, {0, 0, 0}, 40},
        {{5, 0, 1}, {0, (real)2.8, 0}, (real)0.04},
        {{0, 9, 0}, {(real)-2.1, 0, (real)0.1}, (real)0.01},
        {{-15, 0, -1}, {0, (real)-1.6, 0}, (real)0.002},
        {{0, -25, 2}, {(real)1.26, 0, 0}, (real)0.003},
    };
    for (int i = 0; i < NBODY_STEPS; i++)
        advance(body, (real)0.001);
    return (u32)(i32)(energy(body) * ENERGY_SCALE);
}
