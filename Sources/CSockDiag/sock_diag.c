#include "CSockDiag.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

/// Writes address and port into the form of the kernel's query. An IPv4 address that is mapped into IPv6 becomes IPv4.
static int copy_address(const struct sockaddr_storage *address, __be32 *words, __be16 *port, int *family) {
    memset(words, 0, 16);
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)address;
        words[0] = ipv4->sin_addr.s_addr;
        *port = ipv4->sin_port;
        *family = AF_INET;
        return 0;
    }
    if (address->ss_family != AF_INET6) return EAFNOSUPPORT;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)address;
    *port = ipv6->sin6_port;
    if (IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr)) {
        memcpy(words, ipv6->sin6_addr.s6_addr + 12, 4);
        *family = AF_INET;
    } else {
        memcpy(words, ipv6->sin6_addr.s6_addr, 16);
        *family = AF_INET6;
    }
    return 0;
}

/// Reads the response to one query.
static int receive(int netlink, uid_t *uid) {
    union {
        struct nlmsghdr header;
        char bytes[8192];
    } buffer;
    ssize_t count;
    do {
        count = recv(netlink, &buffer, sizeof buffer, 0);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return errno;
    int left = (int)count;
    for (struct nlmsghdr *header = &buffer.header; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
        if (header->nlmsg_type == NLMSG_ERROR) {
            if (header->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr))) return EPROTO;
            int error = ((struct nlmsgerr *)NLMSG_DATA(header))->error;
            return error < 0 ? -error : EPROTO;
        }
        if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
            header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
            *uid = ((struct inet_diag_msg *)NLMSG_DATA(header))->idiag_uid;
            return 0;
        }
    }
    return ENOENT;
}

int jobline_tcp_peer_uid(int descriptor, uid_t *uid) {
    struct sockaddr_storage local, remote;
    socklen_t local_size = sizeof local, remote_size = sizeof remote;
    if (getsockname(descriptor, (struct sockaddr *)&local, &local_size) < 0) return errno;
    if (getpeername(descriptor, (struct sockaddr *)&remote, &remote_size) < 0) return errno;

    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 query;
    } request;
    memset(&request, 0, sizeof request);
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.query.sdiag_protocol = IPPROTO_TCP;
    request.query.idiag_states = ~0u;
    request.query.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.query.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    // The socket of the peer: our remote address is its local one.
    int family = AF_UNSPEC;
    int error = copy_address(&remote, request.query.id.idiag_src, &request.query.id.idiag_sport, &family);
    if (error == 0) error = copy_address(&local, request.query.id.idiag_dst, &request.query.id.idiag_dport, &family);
    if (error != 0) return error;
    request.query.sdiag_family = (__u8)family;

    int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (netlink < 0) return errno;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent = sendto(netlink, &request, sizeof request, 0, (struct sockaddr *)&kernel, sizeof kernel);
    error = sent < 0 ? errno : receive(netlink, uid);
    close(netlink);
    return error;
}
#else
int jobline_tcp_peer_uid(int descriptor, uid_t *uid) { return ENOTSUP; }
#endif
