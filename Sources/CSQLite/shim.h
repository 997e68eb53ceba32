#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>
#include <sys/fsuid.h>
#include <sys/statfs.h>

/* Swift cannot call variadic C functions: one shim for each setting of a connection that is a switch. */
static inline int csqlite_db_config_switch(sqlite3 *db, int setting, int on) {
    return sqlite3_db_config(db, setting, on, (int *)0);
}

/* SQLITE_TRANSIENT is a cast in a macro, which Swift does not import. */
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *bytes, int count) {
    return sqlite3_bind_text(statement, index, bytes, count, SQLITE_TRANSIENT);
}

static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/* Of the C library, which shows it to programs with _GNU_SOURCE only: brings a part of a file onto the disk; with the flags 2 it only begins to, with 7 it waits. */
int sync_file_range(int fd, long offset, long count, unsigned int flags);

/* Of the C library, which shows it to programs with _GNU_SOURCE only: brings one file system's changes onto the disk. */
int syncfs(int fd);
int renameat2(int from, const char *name, int to, const char *other, unsigned int flags);

/* Of the C library too: access control lists and other attributes of files. */
#include <sys/xattr.h>

#endif
