/* The minimum cost of the work: rewrites the files of a folder below another and commits them once to SQLite.
 *
 *     writer FROM TO        reads the paths to write from standard input, one a line
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "writer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void make_parents(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        check(mkdir(path, 0755) == 0 || errno == EEXIST, path);
        *slash = '/';
    }
}

int main(int count, char **arguments) {
    check(count == 3, "usage: writer FROM TO");
    char line[1024], from[2048], to[2048], temporary[2064], database[2048];
    static char bytes[1 << 20];
    snprintf(database, sizeof database, "%s/state.db", arguments[2]);
    check(mkdir(arguments[2], 0755) == 0, arguments[2]);
    sqlite3 *state;
    check(sqlite3_open(database, &state) == SQLITE_OK, database);
    sqlite3_exec(state, "PRAGMA synchronous = FULL; CREATE TABLE content (path TEXT, body BLOB); BEGIN", 0, 0, 0);
    sqlite3_stmt *insert;
    sqlite3_prepare_v2(state, "INSERT INTO content VALUES (?, ?)", -1, &insert, 0);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        snprintf(from, sizeof from, "%s/%s", arguments[1], line);
        snprintf(to, sizeof to, "%s/%s", arguments[2], line);
        snprintf(temporary, sizeof temporary, "%s.new", to);
        int source = open(from, O_RDONLY);
        check(source >= 0, from);
        ssize_t size = read(source, bytes, sizeof bytes);
        close(source);
        make_parents(to);
        int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0644);
        check(file >= 0 && write(file, bytes, size) == size, temporary);
        close(file);
        sqlite3_bind_text(insert, 1, line, -1, SQLITE_TRANSIENT);
        sqlite3_bind_blob(insert, 2, bytes, size, SQLITE_TRANSIENT);
        check(sqlite3_step(insert) == SQLITE_DONE && sqlite3_reset(insert) == SQLITE_OK, "insert");
        check(rename(temporary, to) == 0, to);
    }
    sqlite3_finalize(insert);
    check(sqlite3_exec(state, "COMMIT", 0, 0, 0) == SQLITE_OK, "commit");
    int folder = open(arguments[2], O_RDONLY | O_DIRECTORY);
    check(syncfs(folder) == 0, "sync");
    return sqlite3_close(state) != SQLITE_OK;
}
