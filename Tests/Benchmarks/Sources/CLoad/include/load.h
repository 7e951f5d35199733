#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How requests and replies stand in the byte stream.
enum load_wire {
    /// Jobline's frames; replies come in any order and are told apart by their ids.
    LOAD_FRAMES,
    /// RESP, as Redis speaks it, in order.
    LOAD_RESP,
    /// HTTP/1.1 with Content-Length, in order.
    LOAD_HTTP,
    /// Unary calls of gRPC, each a HEADERS frame and a DATA frame of HTTP/2; replies come in any order and are told apart by
    /// their streams.
    LOAD_GRPC,
};

enum {
    /// The id of a request in LOAD_FRAMES has so many digits, which limits the depth.
    LOAD_ID_DIGITS = 4,
    LOAD_MOST_DEPTH = 10000,
    /// Digits of a request's number.
    LOAD_NUMBER_DIGITS = 12,
};

/// One request, as a range of the bytes of all.
struct load_request {
    size_t offset;
    uint32_t count;
    /// Where in it the digits of its id are; LOAD_FRAMES only.
    uint32_t id_offset;
    /// Where in it the digits of a number are that is another one for each request sent; 0 if it has none.
    uint32_t number_offset;
};

struct load_options {
    /// Of the Unix socket.
    const char *path;
    enum load_wire wire;
    /// What is asked; copied.
    const uint8_t *bytes;
    size_t byte_count;
    /// So many of the first bytes are what a connection says before it asks anything.
    size_t greeting_count;
    const struct load_request *requests;
    size_t request_count;
    uint32_t connections;
    /// Requests that a connection may have without a reply, 1 to LOAD_MOST_DEPTH.
    uint32_t depth;
    /// The first of the numbers.
    uint64_t first_number;
    /// Of the random choice among the requests.
    uint64_t seed;
};

struct load_run_options {
    double seconds;
    /// Requests a second that are due, evenly spread over whole milliseconds, however the replies come: an open loop. A
    /// request that no connection can take yet is sent later, and its latency counts from when it was due, so that a pause
    /// of the server counts for all that it delays. 0: a closed loop, in which each reply is followed by the next request.
    double rate;
    /// The most requests; 0: no limit.
    uint64_t most;
    /// The requests one after the other instead of any.
    bool in_turn;
};

/// Latencies are counted in buckets as wide as 1/128 of what they hold.
enum { LOAD_BUCKET_BITS = 7, LOAD_BUCKETS = (64 - LOAD_BUCKET_BITS + 1) << LOAD_BUCKET_BITS };

struct load_result {
    uint64_t replies;
    /// Those of the replies that were errors, or nothing found.
    uint64_t errors;
    uint64_t reply_bytes;
    /// From the first request to the last reply.
    double seconds;
    /// For how long this side had a processor.
    double processor_seconds;
    /// LOAD_BUCKETS counts, which the caller has room for.
    uint64_t *latencies;
};

/// Why there is no load.
struct load_failure {
    /// What could not be done, as in "cannot ...".
    const char *action;
    /// An errno.
    int code;
};

/// Connections, and what to ask over them.
struct load;

/// Connects.
///
/// - Returns: To be closed by load_close; NULL on failure.
struct load *load_open(const struct load_options *options, struct load_failure *failure);

/// Asks from the calling thread until the time is over or the most requests are sent, and all replies are there.
///
/// - Returns: false on failure, after which all that is left to do is load_close.
bool load_run(
    struct load *load, const struct load_run_options *options, struct load_result *result, struct load_failure *failure);

void load_close(struct load *load);

/// Has a thread, by its kernel's number, run on one processor only; 0 is the calling one.
///
/// - Returns: false if there is no such thread or processor.
bool load_keep_thread(int thread, int processor);

/// The nanoseconds in the middle of a bucket.
uint64_t load_bucket_middle(size_t bucket);

#endif
