/* What an image has over its base, written to the base. */
#ifndef PAGEWALK_BLOCK_COMMIT_H
#define PAGEWALK_BLOCK_COMMIT_H

#include "devices/block/block.h"

/* Everything that block->base does not have yet, flushed there; then, if `empty`, the image gives its copy up. *written
 * gets the sectors. `progress` (may be NULL) is called now and then. 0, -EROFS: the base cannot be written, or another
 * -errno; the image has everything as before then. */
int block_commit(struct block *block, bool empty, void (*progress)(void *opaque, u64 done, u64 all),
                 void *opaque, u64 *written);

#endif
