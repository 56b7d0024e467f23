/* Prints the library's registers, from cpu/state.def: as an enum for pagewalk.h, or as the table behind it.
 *
 * usage: regs_gen enum|table */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cpu/cpu_state.h"

/* Parts of general registers, and other names. */
#define PART8(name, slot, byte)                                                                    \
    {                                                                                              \
        name, offsetof(struct cpu_state, r) + 4 * (slot) + (byte), 1                               \
    }
#define PART16(name, slot)                                                                         \
    {                                                                                              \
        name, offsetof(struct cpu_state, r) + 4 * (slot), 2                                        \
    }
#define MMX(n)                                                                                     \
    {                                                                                              \
        "MM" #n, offsetof(struct cpu_state, x87.r[n].frac), 8                                      \
    }
static const struct part {
    const char *name;
    size_t offset;
    unsigned size;
} parts[] = {
    PART16("AX", R_EAX),
    PART16("CX", R_ECX),
    PART16("DX", R_EDX),
    PART16("BX", R_EBX),
    PART16("SP", R_ESP),
    PART16("BP", R_EBP),
    PART16("SI", R_ESI),
    PART16("DI", R_EDI),
    PART8("AL", R_EAX, 0),
    PART8("CL", R_ECX, 0),
    PART8("DL", R_EDX, 0),
    PART8("BL", R_EBX, 0),
    PART8("AH", R_EAX, 1),
    PART8("CH", R_ECX, 1),
    PART8("DH", R_EDX, 1),
    PART8("BH", R_EBX, 1),
    MMX(0),
    MMX(1),
    MMX(2),
    MMX(3),
    MMX(4),
    MMX(5),
    MMX(6),
    MMX(7),
};

#define ST_COUNT 8 /* ST0 to ST7 come last: they are places on a stack, and have no offset */

static bool is_public(const struct state_number *number, const char *name)
{
    return number->uses && strncmp(name, "MSR_misc", 8) != 0;
}

/* "ES limit" becomes PAGEWALK_REG_ES_LIMIT. */
static void print_row(bool as_enum, const char *name, size_t offset, unsigned size, bool flag)
{
    if (!as_enum) {
        printf("{\"%s\", %zu, %u, %d},\n", name, offset, size, flag);
        return;
    }
    printf("    PAGEWALK_REG_");
    for (; *name; name++)
        putchar(isalnum((unsigned char)*name) ? toupper((unsigned char)*name) : '_');
    printf(", /* %u */\n", size * 8);
}

int main(int argc, char **argv)
{
    struct state_number number = {0};
    bool as_enum = argc == 2 && !strcmp(argv[1], "enum");
    char name[STATE_NAME_MAX];

    while (cpu_state_next(&number)) {
        cpu_state_name(&number, name);
        if (is_public(&number, name))
            print_row(as_enum, name, number.offset, number.size, number.flag);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(parts); i++)
        print_row(as_enum, parts[i].name, parts[i].offset, parts[i].size, false);
    for (unsigned i = 0; i < ST_COUNT; i++) {
        snprintf(name, sizeof(name), "ST%u", i);
        print_row(as_enum, name, 0, 10, false);
    }
    return 0;
}
