/* What the monitor's commands need of the program around the machine: files, gdb's port, names. */
#ifndef PAGEWALK_MONITOR_HOST_H
#define PAGEWALK_MONITOR_HOST_H

struct session;

/* Fills s->monitor_host. */
void monitor_host_init(struct session *s);
/* -symbols: reads s->symbols. 0, or -1 with one line in s->err. */
int symbols_load(struct session *s);

/* The ELF file of the guest's kernel, open for gdb in s->gdb_file: what -symbols names, or -kernel. It stays so under the
 * sandbox, which opens no files. */
void gdb_file_open(struct session *s);
void gdb_file_close(struct session *s);

#endif
