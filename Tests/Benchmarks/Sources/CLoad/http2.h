#ifndef HTTP2_H
#define HTTP2_H

#include <stddef.h>
#include <stdint.h>

/// What every frame begins with: the length of what follows it, type, flags and stream (RFC 9113, section 4.1).
enum { HTTP2_HEADER_BYTES = 9 };

static inline size_t http2_length(const uint8_t *frame) {
    return (size_t)frame[0] << 16 | (size_t)frame[1] << 8 | frame[2];
}

#endif
