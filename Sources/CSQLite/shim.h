#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>

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

#endif
