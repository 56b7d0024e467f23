/* Standard input, output and error exist before anything else is opened. */
#ifndef PAGEWALK_STDFDS_H
#define PAGEWALK_STDFDS_H

/* Opens /dev/null in place of those that are closed. Comes first in main(). -1: it cannot, and then nothing may
 * be opened or said. */
int stdfds_open(void);

#endif
