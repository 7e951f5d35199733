#ifndef CONNECTION_H
#define CONNECTION_H

#include "load.h"

/// One connection, and the requests over it that have no reply yet, each in a slot of its own.
struct connection {
    int descriptor;
    bool waits_to_write;
    /// Slots in use.
    uint32_t open;
    /// Where replies come in order, the slots are a ring, and this is its oldest one.
    uint32_t oldest;
    /// Where they come in any order: the slots that are free, the next one last; as many as are not open.
    uint16_t *free;
    /// By slot: when its request was due.
    uint64_t *due;
    /// By slot: the stream of its request; LOAD_GRPC only.
    uint32_t *streams;
    uint32_t next_stream;
    /// Not sent yet; there is room for as many of the longest requests as there are slots.
    uint8_t *out;
    size_t out_start, out_end;
    /// The beginning of a reply that is not whole yet.
    uint8_t *part;
    size_t part_count, part_room;
};

struct load {
    enum load_wire wire;
    uint8_t *bytes;
    struct load_request *requests;
    size_t request_count, longest;
    uint32_t depth, connection_count;
    struct connection *connections;
    int epoll;
    uint64_t random, number;
    /// The request that is next if they are taken in turn.
    size_t turn;
    /// Where all connections read, so that what is read is in the processor's cache.
    uint8_t *in;
};

/// The most that is read at once.
enum { CONNECTION_READ_BYTES = 1 << 18 };

/// - Returns: Whether it is connected; errno says why not, and connection_close is to be called all the same.
bool connection_open(struct load *load, struct connection *connection, const struct load_options *options);
void connection_close(struct connection *connection);

/// Takes a slot, of which there has to be a free one, and puts a request into the bytes to send.
void connection_put(struct load *load, struct connection *connection, bool in_turn, uint64_t due);

/// Sends as much as the socket takes, and sees to it that epoll tells when it takes more.
///
/// - Returns: false on failure, with errno.
bool connection_flush(struct load *load, struct connection *connection);

/// Frees the slot that a reply is for.
///
/// - Parameter id: What the reply says, where replies come in any order: the request's id, or its stream.
/// - Returns: When its request was due; 0 if there is no such request.
uint64_t connection_take(const struct load *load, struct connection *connection, uint32_t id);

#endif
