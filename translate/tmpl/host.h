/* The host's registers for templates: included before all else by what runs with them (templates.c, enter.c). */
#ifndef PAGEWALK_TMPL_HOST_H
#define PAGEWALK_TMPL_HOST_H

#if defined(__x86_64__)
#include "translate/tmpl/host_x86_64.h"
#else
#error "no registers for templates on this host"
#endif

#endif
