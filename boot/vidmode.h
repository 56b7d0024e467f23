/* The video mode that a Linux command line asks the setup code for. */
#ifndef PAGEWALK_VIDMODE_H
#define PAGEWALK_VIDMODE_H

#include "mmu/host/base.h"

#define VID_MODE_NORMAL 0xffffu

/* The setup header's vid_mode by the last "vga=": normal, ext, ask, current, or a number in C's notation;
 * VID_MODE_NORMAL when there is none. (Linux boot.rst, "Special Command Line Options")
 * 0, or -EINVAL with one line in err. */
int vid_mode_parse(const char *cmdline, u16 *mode, char *err, size_t err_len);

#endif
