/* A program for gdb to look into: variables that are read and written in known places, loops, calls, string
 * instructions. Built with -g -O0, run in a guest by tests/boot/debugger. */
#include <stdio.h>
#include <string.h>

static volatile int counter;
static volatile int source = 7;
static char buffer[64];
static volatile int sink;

static int square(int x)
{
    int result = x * x;

    return result;
}

static int sum_of_squares(int n)
{
    int sum = 0;

    for (int i = 1; i <= n; i++)
        sum += square(i);
    return sum; /* after the loop */
}

static void fill(void)
{
    void *to = buffer;
    unsigned long bytes = sizeof(buffer);

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"('x') : "memory");
}

int main(void)
{
    counter = 1;   /* first write */
    sink = source; /* the read */
    counter += 41; /* second write */
    fill();
    printf("sum %d\n", sum_of_squares(4));
    sink = counter;
    source = 8; /* a write of what is only read */
    printf("end %d %d\n", counter, sink);
    return 0;
}
