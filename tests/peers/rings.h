/* What the runner of random guests keeps: shared by its C and its assembly. */
#ifndef PAGEWALK_TESTS_PEERS_RINGS_H
#define PAGEWALK_TESTS_PEERS_RINGS_H

/* The runner's own GDT: the guests' flat segments at the guests' places; behind
 * them its own, and tasks for #DF and NMI. */
#define RUN_OWN     0x200 /* the guest's GDT has these, too */
#define RUN_CODE    0x200
#define RUN_DATA    0x208
#define RUN_NMI_TSS 0x210
#define RUN_DF_TSS  0x218
#define RUN_ENTRIES 68

/* How a round ended. */
#define ENDED_HANDLER 1
#define ENDED_DOUBLE  2 /* #DF */
#define ENDED_TIME    3 /* it went on for ever */

#define RUN_IRQ 0x40

#endif
