#define _GNU_SOURCE
#include "reply.h"
#include "http2.h"

#include <string.h>
#include <strings.h>

enum { MOST_DIGITS = 7 };

/// Reads digits from `*index` on, and moves it behind them.
///
/// - Returns: false if there are none or too many.
static bool read_number(const uint8_t *bytes, size_t count, size_t *index, size_t *number) {
    size_t start = *index, value = 0;
    for (; *index < count && bytes[*index] >= '0' && bytes[*index] <= '9'; ++*index) {
        if (*index - start == MOST_DIGITS) return false;
        value = value * 10 + (size_t)(bytes[*index] - '0');
    }
    *number = value;
    return *index > start;
}

/// LENGTH, a line feed, {"jsonrpc":"2.0","id":ID,"result":... or "error":..., and a line feed.
static size_t frame_bytes(const uint8_t *bytes, size_t count, struct reply *reply) {
    static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":";
    size_t index = 0, length, id;
    if (!read_number(bytes, count, &index, &length)) return REPLY_BROKEN;
    if (index == count) return 0;
    if (bytes[index++] != '\n') return REPLY_BROKEN;
    size_t end = index + length;
    if (count <= end) return 0;
    if (length < sizeof head || memcmp(bytes + index, head, sizeof head - 1) != 0) return REPLY_BROKEN;
    index += sizeof head - 1;
    if (!read_number(bytes, end, &index, &id) || end - index < 3) return REPLY_BROKEN;
    reply->id = (uint32_t)id;
    reply->is_error = bytes[index + 2] != 'r';
    return end + 1;
}

/// A bulk string, or a line of any other type; $-1 is nothing found.
static size_t resp_bytes(const uint8_t *bytes, size_t count, struct reply *reply) {
    const uint8_t *line_end = memchr(bytes, '\n', count);
    if (!line_end) return count > 1024 ? REPLY_BROKEN : 0;
    size_t line = (size_t)(line_end - bytes) + 1, index = 1, length;
    reply->is_error = bytes[0] == '-';
    if (bytes[0] != '$') return line;
    if (bytes[1] == '-') {
        reply->is_error = true;
        return line;
    }
    if (!read_number(bytes, line, &index, &length)) return REPLY_BROKEN;
    return line + length + 2 > count ? 0 : line + length + 2;
}

static size_t http_bytes(const uint8_t *bytes, size_t count, struct reply *reply) {
    static const char status[] = "HTTP/1.1 ", field[] = "\r\ncontent-length:";
    const uint8_t *blank = memmem(bytes, count, "\r\n\r\n", 4);
    if (!blank) return count > 16384 ? REPLY_BROKEN : 0;
    size_t head = (size_t)(blank - bytes) + 4, length;
    if (head < sizeof status + 3 || memcmp(bytes, status, sizeof status - 1) != 0) return REPLY_BROKEN;
    reply->is_error = bytes[sizeof status - 1] != '2';
    for (size_t index = 0; index + sizeof field < head; index++) {
        if (bytes[index] != '\r' || strncasecmp((const char *)bytes + index, field, sizeof field - 1) != 0) continue;
        index += sizeof field - 1;
        while (index < head && bytes[index] == ' ') index++;
        if (!read_number(bytes, head, &index, &length)) return REPLY_BROKEN;
        return head + length > count ? 0 : head + length;
    }
    return REPLY_BROKEN;
}

/// A frame of HTTP/2; the one that ends its stream completes the reply. Where that is the only one the call was refused: then it
/// begins with HTTP's status, which is 200 all the same, and which trailers do not have.
static size_t grpc_bytes(const uint8_t *bytes, size_t count, struct reply *reply) {
    enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, GOAWAY = 7 };
    enum { END_STREAM = 1 };
    static const uint8_t status_200 = 0x88;
    if (count < HTTP2_HEADER_BYTES) return 0;
    size_t length = http2_length(bytes), end = HTTP2_HEADER_BYTES + length;
    if (bytes[3] == RST_STREAM || bytes[3] == GOAWAY || end > REPLY_MOST_BYTES) return REPLY_BROKEN;
    if (end > count) return 0;
    reply->id = (uint32_t)bytes[5] << 24 | (uint32_t)bytes[6] << 16 | (uint32_t)bytes[7] << 8 | bytes[8];
    reply->is_part = bytes[3] > HEADERS || !(bytes[4] & END_STREAM);
    reply->is_error = bytes[3] == HEADERS && length > 0 && bytes[HTTP2_HEADER_BYTES] == status_200;
    return end;
}

size_t reply_bytes(enum load_wire wire, const uint8_t *bytes, size_t count, struct reply *reply) {
    *reply = (struct reply){0};
    if (count == 0) return 0;
    switch (wire) {
    case LOAD_FRAMES: return frame_bytes(bytes, count, reply);
    case LOAD_RESP: return resp_bytes(bytes, count, reply);
    case LOAD_HTTP: return http_bytes(bytes, count, reply);
    case LOAD_GRPC: return grpc_bytes(bytes, count, reply);
    }
    return REPLY_BROKEN;
}
