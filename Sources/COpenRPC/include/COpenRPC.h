#ifndef JOBLINE_COPENRPC_H
#define JOBLINE_COPENRPC_H

/// Returns the contract as an OpenRPC document: JSON in UTF-8, terminated by NUL.
const char *_Nonnull jobline_openrpc_document(void);

#endif
