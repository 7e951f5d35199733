#include "COpenRPC.h"

// Embedded by the C compiler: swiftc takes 20 s for an array literal of this size, as SwiftPM's `.embedInCode` generates it.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const char document[] = {
#embed "Generated/openrpc.json" suffix(, 0)
};

const char *jobline_openrpc_document(void) { return document; }
