/* Which Pagewalk this is. */
#ifndef PAGEWALK_VERSION_H
#define PAGEWALK_VERSION_H

#define PAGEWALK_VERSION "0.1.0"

#endif
