#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <sys/fsuid.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

/* Of the C library, which shows these to programs with _GNU_SOURCE only. */

/* Brings a part of a file onto the disk; with the flags 2 it only begins to, with 7 it waits. */
int sync_file_range(int fd, long offset, long count, unsigned int flags);

/* Brings one file system's changes onto the disk. */
int syncfs(int fd);

int renameat2(int from, const char *name, int to, const char *other, unsigned int flags);

#endif
