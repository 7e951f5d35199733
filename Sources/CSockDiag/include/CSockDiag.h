#pragma once

#include <sys/types.h>

/// Finds the user who owns the other end of a TCP connection on this host, by NETLINK_SOCK_DIAG.
///
/// Returns 0, or the number of an error: ENOENT if the kernel knows no such socket.
int jobline_tcp_peer_uid(int descriptor, uid_t *uid);
