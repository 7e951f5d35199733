#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/// A request has at most as many bytes as are read at once.
enum { READ_BYTES = 1 << 16, BEFORE_ID = sizeof "{\"jsonrpc\":\"2.0\",\"id\":" - 1, MOST_ID = 16, MOST_HELD = READ_BYTES + 8 };

struct connection {
    int descriptor;
    /// The beginning of a frame that is not whole yet.
    char *part;
    size_t part_count;
    /// Answers that the socket did not take; nothing more is read until it has.
    char *unsent;
    size_t unsent_start, unsent_count;
};

struct server {
    int epoll;
    const char *before, *after;
    size_t before_count, after_count;
    char *in, *out;
};

static void end(struct connection *connection) {
    close(connection->descriptor);
    free(connection->part);
    free(connection->unsent);
    free(connection);
}

static bool watch(struct server *server, int operation, struct connection *connection, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    return epoll_ctl(server->epoll, operation, connection->descriptor, &event) == 0;
}

static bool keep(char **kept, size_t *kept_count, const char *bytes, size_t count) {
    char *room = count > 0 ? realloc(*kept, count) : *kept;
    if (count > 0 && !room) return false;
    *kept = room;
    *kept_count = count;
    if (count > 0) memcpy(room, bytes, count);
    return true;
}

/// Puts an answer to each whole frame into `server->out`.
///
/// - Returns: false if what there is begins no frame. `*taken` becomes the bytes of the whole frames.
static bool answer(struct server *server, size_t count, size_t *taken, size_t *answered) {
    *taken = *answered = 0;
    for (size_t start = 0;; *taken = start) {
        size_t index = start, length = 0;
        while (index < count && server->in[index] >= '0' && server->in[index] <= '9' && length < READ_BYTES)
            length = length * 10 + (size_t)(server->in[index++] - '0');
        if (index == count) return true;
        // Also what would make more of a read than there is room for.
        if (server->in[index] != '\n' || length < BEFORE_ID || length > READ_BYTES) return false;
        if (index + length + 2 > count) return true;
        start = index + length + 2;
        const char *id = server->in + index + 1 + BEFORE_ID, *frame_end = server->in + start;
        size_t digits = 0;
        while (id + digits < frame_end && digits < MOST_ID && id[digits] != ',') digits++;
        char *out = server->out + *answered;
        memcpy(out, server->before, server->before_count);
        memcpy(out + server->before_count, id, digits);
        memcpy(out + server->before_count + digits, server->after, server->after_count);
        *answered += server->before_count + digits + server->after_count;
    }
}

static bool receive(struct server *server, struct connection *connection) {
    size_t held = connection->part_count;
    if (held > 0) memcpy(server->in, connection->part, held);
    ssize_t received = recv(connection->descriptor, server->in + held, READ_BYTES, 0);
    if (received < 0) return errno == EAGAIN || errno == EINTR;
    if (received == 0) return false;
    size_t count = held + (size_t)received, taken, answered;
    if (!answer(server, count, &taken, &answered)) return false;
    if (!keep(&connection->part, &connection->part_count, server->in + taken, count - taken)) return false;
    if (answered == 0) return true;
    ssize_t sent = send(connection->descriptor, server->out, answered, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    size_t done = sent < 0 ? 0 : (size_t)sent;
    if (done == answered) return true;
    connection->unsent_start = 0;
    return keep(&connection->unsent, &connection->unsent_count, server->out + done, answered - done)
        && watch(server, EPOLL_CTL_MOD, connection, EPOLLOUT);
}

static bool send_rest(struct server *server, struct connection *connection) {
    ssize_t sent = send(connection->descriptor, connection->unsent + connection->unsent_start,
                        connection->unsent_count - connection->unsent_start, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    connection->unsent_start += (size_t)sent;
    if (connection->unsent_start < connection->unsent_count) return true;
    return watch(server, EPOLL_CTL_MOD, connection, EPOLLIN);
}

static void take_all(struct server *server, int listener) {
    for (int descriptor; (descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) {
            close(descriptor);
            continue;
        }
        connection->descriptor = descriptor;
        if (!watch(server, EPOLL_CTL_ADD, connection, EPOLLIN)) end(connection);
    }
}

void floor_serve(const char *path, const char *before, const char *after) {
    struct server server = {
        .epoll = epoll_create1(EPOLL_CLOEXEC), .before = before, .after = after,
        .before_count = strlen(before), .after_count = strlen(after),
    };
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return;
    }
    strcpy(address.sun_path, path);
    // A frame has no fewer bytes than what is before its id.
    size_t most_frames = (MOST_HELD + READ_BYTES) / BEFORE_ID;
    server.in = malloc(MOST_HELD + READ_BYTES);
    server.out = malloc(most_frames * (server.before_count + MOST_ID + server.after_count));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (server.epoll < 0 || !server.in || !server.out || listener < 0
        || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0
        || epoll_ctl(server.epoll, EPOLL_CTL_ADD, listener, &event) != 0)
        return;
    struct epoll_event events[256];
    for (;;) {
        int count = epoll_wait(server.epoll, events, 256, -1);
        if (count < 0 && errno != EINTR) return;
        for (int index = 0; index < count; index++) {
            struct connection *connection = events[index].data.ptr;
            if (!connection) {
                take_all(&server, listener);
            } else if (!(events[index].events & EPOLLOUT ? send_rest : receive)(&server, connection)) {
                end(connection);
            }
        }
    }
}
