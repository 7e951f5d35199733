#define _GNU_SOURCE
#include "connection.h"
#include "http2.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool connection_open(struct load *load, struct connection *connection, const struct load_options *options) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(options->path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(address.sun_path, options->path);
    connection->free = calloc(load->depth, sizeof *connection->free);
    connection->due = calloc(load->depth, sizeof *connection->due);
    connection->streams = calloc(load->depth, sizeof *connection->streams);
    connection->next_stream = 1;
    connection->out = malloc(load->depth * load->longest);
    if (!connection->free || !connection->due || !connection->streams || !connection->out) return false;
    for (uint32_t slot = 0; slot < load->depth; slot++) connection->free[slot] = (uint16_t)(load->depth - 1 - slot);

    connection->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    // Connecting waits for room in the server's queue; nothing after the greeting waits, for which a new socket has room.
    return connection->descriptor >= 0
        && connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) == 0
        && send(connection->descriptor, options->bytes, options->greeting_count, MSG_NOSIGNAL)
            == (ssize_t)options->greeting_count
        && fcntl(connection->descriptor, F_SETFL, O_NONBLOCK) == 0
        && epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->descriptor, &event) == 0;
}

void connection_close(struct connection *connection) {
    if (connection->descriptor >= 0) close(connection->descriptor);
    free(connection->free);
    free(connection->due);
    free(connection->streams);
    free(connection->out);
    free(connection->part);
}

/// xorshift64*: any request, at the cost of a few instructions.
static const struct load_request *choose(struct load *load, bool in_turn) {
    if (in_turn) {
        load->turn %= load->request_count;
        return &load->requests[load->turn++];
    }
    load->random ^= load->random >> 12;
    load->random ^= load->random << 25;
    load->random ^= load->random >> 27;
    uint64_t chance = load->random * 0x2545F4914F6CDD1Du;
    return &load->requests[(size_t)((unsigned __int128)chance * load->request_count >> 64)];
}

static bool replies_in_any_order(const struct load *load) { return load->wire == LOAD_FRAMES || load->wire == LOAD_GRPC; }

static void put_digits(uint8_t *bytes, int count, uint64_t number) {
    while (count-- > 0) {
        bytes[count] = (uint8_t)('0' + number % 10);
        number /= 10;
    }
}

/// Ids have the same number of digits, whatever the slot, and no leading zero, which JSON does not have.
static const uint32_t first_id = LOAD_MOST_DEPTH / 10;

/// Puts a stream's number into a frame of HTTP/2.
///
/// - Returns: The frame behind it.
static uint8_t *put_stream(uint8_t *frame, uint32_t stream) {
    for (int index = 0; index < 4; index++) frame[5 + index] = (uint8_t)(stream >> (24 - 8 * index));
    return frame + HTTP2_HEADER_BYTES + http2_length(frame);
}

void connection_put(struct load *load, struct connection *connection, bool in_turn, uint64_t due) {
    const struct load_request *request = choose(load, in_turn);
    uint32_t slot = replies_in_any_order(load) ? connection->free[load->depth - connection->open - 1]
                                               : (connection->oldest + connection->open) % load->depth;
    connection->open++;
    connection->due[slot] = due;

    if (connection->out_end + request->count > load->depth * load->longest) {
        connection->out_end -= connection->out_start;
        memmove(connection->out, connection->out + connection->out_start, connection->out_end);
        connection->out_start = 0;
    }
    uint8_t *bytes = connection->out + connection->out_end;
    memcpy(bytes, load->bytes + request->offset, request->count);
    if (load->wire == LOAD_FRAMES) put_digits(bytes + request->id_offset, LOAD_ID_DIGITS, first_id + slot);
    if (load->wire == LOAD_GRPC) {
        put_stream(put_stream(bytes, connection->next_stream), connection->next_stream);
        connection->streams[slot] = connection->next_stream;
        connection->next_stream += 2;
    }
    if (request->number_offset) put_digits(bytes + request->number_offset, LOAD_NUMBER_DIGITS, load->number++);
    connection->out_end += request->count;
}

bool connection_flush(struct load *load, struct connection *connection) {
    while (connection->out_start < connection->out_end) {
        ssize_t count = send(connection->descriptor, connection->out + connection->out_start,
                             connection->out_end - connection->out_start, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count < 0) return false;
        connection->out_start += (size_t)count;
    }
    bool waits = connection->out_start < connection->out_end;
    if (!waits) connection->out_start = connection->out_end = 0;
    if (waits == connection->waits_to_write) return true;
    connection->waits_to_write = waits;
    struct epoll_event event = {.events = waits ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = connection};
    return epoll_ctl(load->epoll, EPOLL_CTL_MOD, connection->descriptor, &event) == 0;
}

/// The slot of the request that a reply is for; past the last one if there is no such request.
static uint32_t slot_of(const struct load *load, const struct connection *connection, uint32_t id) {
    if (load->wire == LOAD_FRAMES) return id - first_id;
    uint32_t slot = 0;
    while (slot < load->depth && connection->streams[slot] != id) slot++;
    return slot;
}

uint64_t connection_take(const struct load *load, struct connection *connection, uint32_t id) {
    if (connection->open == 0) return 0;
    uint32_t slot = connection->oldest;
    if (replies_in_any_order(load)) {
        slot = slot_of(load, connection, id);
        if (slot >= load->depth || connection->due[slot] == 0) return 0;
        connection->free[load->depth - connection->open] = (uint16_t)slot;
    } else {
        connection->oldest = (connection->oldest + 1) % load->depth;
    }
    connection->open--;
    uint64_t due = connection->due[slot];
    connection->due[slot] = 0;
    return due;
}
