#define _GNU_SOURCE
#include "connection.h"
#include "reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/// One run of a load.
struct run {
    struct load *load;
    const struct load_run_options *options;
    struct load_result *result;
    /// Requests to send, and those sent.
    uint64_t most, sent;
    /// When there are no more requests, in a closed loop.
    uint64_t end;
    /// The connection whose turn it is, in an open loop.
    uint32_t turn;
    const char *action;
};

static const uint64_t second = 1000000000;
/// How long a server may say nothing before it counts as stuck.
static const uint64_t patience = 10 * second;
/// What is due within so long is due at once: a generator that woke up for each request would take as much of the processor
/// as the server.
static const uint64_t beat = 1000000;

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * second + (uint64_t)time.tv_nsec;
}

static size_t bucket_of(uint64_t latency) {
    if (latency >> LOAD_BUCKET_BITS == 0) return (size_t)latency;
    int shift = 63 - LOAD_BUCKET_BITS - __builtin_clzll(latency);
    return ((size_t)shift << LOAD_BUCKET_BITS) + (size_t)(latency >> shift);
}

uint64_t load_bucket_middle(size_t bucket) {
    if (bucket >> LOAD_BUCKET_BITS == 0) return bucket;
    size_t shift = (bucket >> LOAD_BUCKET_BITS) - 1;
    uint64_t least = (uint64_t)(bucket - (shift << LOAD_BUCKET_BITS)) << shift;
    return least + ((uint64_t)1 << shift) / 2;
}

static bool failed(struct run *run, const char *action, int code) {
    run->action = action;
    errno = code;
    return false;
}

static void put(struct run *run, struct connection *connection, uint64_t due) {
    connection_put(run->load, connection, run->options->in_turn, due);
    run->sent++;
}

static bool flush(struct run *run, struct connection *connection) {
    return connection_flush(run->load, connection) || failed(run, "send requests", errno);
}

/// Keeps what is behind the whole replies until more of it comes.
static bool keep_part(struct run *run, struct connection *connection, const uint8_t *bytes, size_t count) {
    if (count > connection->part_room) {
        size_t room = count > 4096 ? 2 * count : 4096;
        uint8_t *part = count > REPLY_MOST_BYTES ? NULL : realloc(connection->part, room);
        if (!part) return failed(run, "keep a reply", count > REPLY_MOST_BYTES ? EMSGSIZE : ENOMEM);
        connection->part = part;
        connection->part_room = room;
    }
    if (count > 0) memcpy(connection->part, bytes, count);
    connection->part_count = count;
    return true;
}

/// Reads once, and follows each reply of a closed loop with the next request.
static bool receive(struct run *run, struct connection *connection) {
    struct load *load = run->load;
    size_t held = connection->part_count;
    ssize_t received = recv(connection->descriptor, load->in + held, CONNECTION_READ_BYTES, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (received <= 0) return failed(run, "receive replies", received == 0 ? ECONNRESET : errno);
    if (held > 0) memcpy(load->in, connection->part, held);

    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    size_t start = 0, end = held + (size_t)received, bytes;
    struct reply reply;
    while ((bytes = reply_bytes(load->wire, load->in + start, end - start, &reply)) > 0) {
        if (bytes == REPLY_BROKEN) return failed(run, "understand a reply", EPROTO);
        start += bytes;
        run->result->reply_bytes += bytes;
        if (reply.is_part) continue;
        uint64_t due = connection_take(load, connection, reply.id);
        if (due == 0) return failed(run, "find the request of a reply", EPROTO);
        run->result->replies++;
        run->result->errors += reply.is_error;
        run->result->latencies[bucket_of(now - due)]++;
        if (run->options->rate == 0 && now < run->end && run->sent < run->most) put(run, connection, now);
    }
    return keep_part(run, connection, load->in + start, end - start) && flush(run, connection);
}

/// The first connection, from the one whose turn it is, that can take a request.
static struct connection *next_connection(struct run *run) {
    for (uint32_t tries = 0; tries < run->load->connection_count; tries++) {
        struct connection *connection = &run->load->connections[run->turn++ % run->load->connection_count];
        if (connection->open < run->load->depth) return connection;
    }
    return NULL;
}

/// Sends what is due by now, in an open loop.
///
/// - Returns: false on failure. `*wait` becomes how long nothing is due if there is room, in nanoseconds.
static bool send_due(struct run *run, uint64_t start, uint64_t *wait) {
    while (run->sent < run->most) {
        uint64_t since_start = (uint64_t)((double)run->sent / run->options->rate * (double)second);
        uint64_t due = start + since_start / beat * beat;
        uint64_t now = nanoseconds(CLOCK_MONOTONIC);
        if (due > now) {
            *wait = due - now;
            return true;
        }
        struct connection *connection = next_connection(run);
        if (!connection) return true;
        put(run, connection, due);
        if (!flush(run, connection)) return false;
    }
    return true;
}

/// Waits for events, and does what they are for.
static bool turn(struct run *run, uint64_t wait) {
    struct epoll_event events[256];
    struct timespec time = {.tv_sec = (time_t)(wait / second), .tv_nsec = (long)(wait % second)};
    int count = epoll_pwait2(run->load->epoll, events, 256, &time, NULL);
    if (count < 0 && errno != EINTR) return failed(run, "wait for replies", errno);
    if (count == 0 && wait == patience) return failed(run, "wait for replies any longer", ETIMEDOUT);
    for (int index = 0; index < count; index++) {
        struct connection *connection = events[index].data.ptr;
        if (events[index].events & EPOLLOUT && !flush(run, connection)) return false;
        if (events[index].events & ~(uint32_t)EPOLLOUT && !receive(run, connection)) return false;
    }
    return true;
}

static bool make_load(struct run *run) {
    struct load *load = run->load;
    uint64_t start = nanoseconds(CLOCK_MONOTONIC);
    run->end = start + (uint64_t)(run->options->seconds * (double)second);
    run->most = run->options->most ? run->options->most : UINT64_MAX;
    if (run->options->rate > 0) {
        uint64_t due = (uint64_t)(run->options->seconds * run->options->rate);
        if (due < run->most) run->most = due;
    }
    for (uint32_t index = 0; run->options->rate == 0 && index < load->connection_count; index++) {
        struct connection *connection = &load->connections[index];
        while (connection->open < load->depth && run->sent < run->most) put(run, connection, start);
        if (!flush(run, connection)) return false;
    }
    for (;;) {
        uint64_t wait = patience;
        if (run->options->rate > 0 && !send_due(run, start, &wait)) return false;
        bool more = run->options->rate > 0 && run->sent < run->most;
        if (!more && run->result->replies == run->sent) break;
        if (!turn(run, wait)) return false;
    }
    run->result->seconds = (double)(nanoseconds(CLOCK_MONOTONIC) - start) / (double)second;
    return true;
}

bool load_run(
    struct load *load, const struct load_run_options *options, struct load_result *result, struct load_failure *failure
) {
    uint64_t *latencies = result->latencies;
    memset(latencies, 0, LOAD_BUCKETS * sizeof *latencies);
    *result = (struct load_result){.latencies = latencies};
    struct run run = {.load = load, .options = options, .result = result};
    uint64_t before = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    bool done = make_load(&run);
    if (!done) *failure = (struct load_failure){.action = run.action, .code = errno};
    result->processor_seconds = (double)(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before) / (double)second;
    return done;
}

/// Copies what is asked.
static bool copy_requests(struct load *load, const struct load_options *options) {
    load->bytes = malloc(options->byte_count);
    load->requests = calloc(options->request_count, sizeof *load->requests);
    load->in = malloc(REPLY_MOST_BYTES + CONNECTION_READ_BYTES);
    load->connections = calloc(options->connections, sizeof *load->connections);
    if (!load->bytes || !load->requests || !load->in || !load->connections) return false;
    memcpy(load->bytes, options->bytes, options->byte_count);
    memcpy(load->requests, options->requests, options->request_count * sizeof *load->requests);
    for (size_t index = 0; index < options->request_count; index++)
        if (load->requests[index].count > load->longest) load->longest = load->requests[index].count;
    return true;
}

struct load *load_open(const struct load_options *options, struct load_failure *failure) {
    *failure = (struct load_failure){.action = "make such a load", .code = EINVAL};
    if (options->request_count == 0 || options->connections == 0 || options->depth == 0
        || options->depth > LOAD_MOST_DEPTH - LOAD_MOST_DEPTH / 10)
        return NULL;
    *failure = (struct load_failure){.action = "make a load", .code = ENOMEM};
    struct load *load = calloc(1, sizeof *load);
    if (!load) return NULL;
    load->wire = options->wire;
    load->depth = options->depth;
    load->request_count = options->request_count;
    load->number = options->first_number;
    load->random = options->seed ? options->seed : 1;
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    bool open = load->epoll >= 0 && copy_requests(load, options);
    while (open && load->connection_count < options->connections) {
        struct connection *connection = &load->connections[load->connection_count++];
        connection->descriptor = -1;
        open = connection_open(load, connection, options);
        failure->action = "connect";
    }
    if (open) return load;
    failure->code = errno;
    load_close(load);
    return NULL;
}

void load_close(struct load *load) {
    for (uint32_t index = 0; index < load->connection_count; index++) connection_close(&load->connections[index]);
    if (load->epoll >= 0) close(load->epoll);
    free(load->connections);
    free(load->requests);
    free(load->bytes);
    free(load->in);
    free(load);
}
