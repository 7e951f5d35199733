#ifndef REPLY_H
#define REPLY_H

#include "load.h"

struct reply {
    /// The id of LOAD_FRAMES, the stream of LOAD_GRPC.
    uint32_t id;
    bool is_error;
    /// Whether more of the reply is to come, or this belongs to none; LOAD_GRPC only.
    bool is_part;
};

enum { REPLY_MOST_BYTES = 8 << 20 };

/// What reply_bytes returns for what is no reply.
static const size_t REPLY_BROKEN = SIZE_MAX;

/// Reads the first reply, or of LOAD_GRPC the first frame.
///
/// - Returns: How many bytes it has; 0 if it is not whole yet; REPLY_BROKEN.
size_t reply_bytes(enum load_wire wire, const uint8_t *bytes, size_t count, struct reply *reply);

#endif
