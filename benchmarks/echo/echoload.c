/*
 * The load on an echo server: echoload PORT CONNECTIONS BYTES SECONDS [latencies|total]
 *
 * Each connection sends a message, reads it back whole, checks its end and sends the next one. After a quarter of the time the
 * counting begins; what is printed is the number of messages in a second, and with `latencies` after it the p50 and the p99 of what
 * a message took, in microseconds; with `total`, the number of all messages, counted or not. Compiled with -DTLS, it speaks TLS by
 * OpenSSL, and trusts any certificate.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

enum { EVENTS = 512, BUFFER = 1 << 20, MOST_MICROS = 1000000 };

struct connection {
    int socket;
    int sent;
    int received;
    double since;
#ifdef TLS
    SSL *tls;
#endif
};

static char *message, *buffer;
static int size;
static long echoed;

/* How many messages took so many microseconds; null if nobody asks. */
static long *took;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

#ifdef TLS
static SSL_CTX *context;

static void start_tls(struct connection *connection) {
    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }
    connection->tls = SSL_new(context);
    SSL_set_fd(connection->tls, connection->socket);
    if (SSL_connect(connection->tls) != 1) {
        fprintf(stderr, "the handshake failed\n");
        exit(1);
    }
}

/* As read and write: the count, 0 at the end, -1 with errno. */
static ssize_t result_of(struct connection *connection, int count) {
    if (count > 0) return count;
    int error = SSL_get_error(connection->tls, count);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) errno = EAGAIN;
    else if (error != SSL_ERROR_SYSCALL || errno == 0 || errno == EAGAIN) errno = EPROTO;
    return -1;
}

/* What an earlier call left behind would pass for this one's error. */
static void prepare(void) {
    ERR_clear_error();
    errno = 0;
}

static ssize_t send_bytes(struct connection *connection, const char *bytes, size_t count) {
    prepare();
    return result_of(connection, SSL_write(connection->tls, bytes, count));
}

static ssize_t receive_bytes(struct connection *connection, char *bytes, size_t count) {
    prepare();
    return result_of(connection, SSL_read(connection->tls, bytes, count));
}
#else
static void start_tls(struct connection *connection) { (void)connection; }

static ssize_t send_bytes(struct connection *connection, const char *bytes, size_t count) {
    return write(connection->socket, bytes, count);
}

static ssize_t receive_bytes(struct connection *connection, char *bytes, size_t count) {
    return read(connection->socket, bytes, count);
}
#endif

static void connect_to(int port, struct connection *connection, int poll) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->socket < 0) fail("socket");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
    start_tls(connection);
    fcntl(connection->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, connection->socket, &event)) fail("epoll_ctl");
}

/* Returns whether anything was sent. */
static int send_some(struct connection *connection) {
    int any = 0;
    if (took && connection->sent == 0) connection->since = now();
    while (connection->sent < size) {
        ssize_t count = send_bytes(connection, message + connection->sent, size - connection->sent);
        if (count < 0 && errno != EAGAIN) fail("write");
        if (count < 0) break;
        connection->sent += count;
        any = 1;
    }
    return any;
}

/* Returns whether anything has come. */
static int receive_some(struct connection *connection) {
    int left = size - connection->received;
    ssize_t count = receive_bytes(connection, buffer, left < BUFFER ? left : BUFFER);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count < 0) fail("read");
    if (count == 0) {
        fprintf(stderr, "the server has closed a connection\n");
        exit(1);
    }
    connection->received += count;
    if (connection->received == size) {
        if (buffer[count - 1] != '\n') {
            fprintf(stderr, "an echo differs from its message\n");
            exit(1);
        }
        echoed++;
        if (took) {
            long micros = (now() - connection->since) * 1e6;
            took[micros < MOST_MICROS ? micros : MOST_MICROS]++;
        }
        connection->sent = connection->received = 0;
    }
    return 1;
}

static long percentile(double part) {
    long all = 0, seen = 0, micros = 0;
    for (int i = 0; i <= MOST_MICROS; i++) all += took[i];
    while (micros < MOST_MICROS && (seen += took[micros]) < all * part) micros++;
    return micros;
}

int main(int argc, char **argv) {
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: echoload PORT CONNECTIONS BYTES SECONDS [latencies|total]\n");
        return 2;
    }
    int port = atoi(argv[1]), count = atoi(argv[2]);
    double seconds = atof(argv[4]);
    size = atoi(argv[3]);
    message = malloc(size);
    buffer = malloc(BUFFER);
    int latencies = argc == 6 && strcmp(argv[5], "latencies") == 0;
    if (latencies) took = calloc(MOST_MICROS + 1, sizeof *took);
    memset(message, 'x', size);
    message[size - 1] = '\n';

    int poll = epoll_create1(0);
    struct connection *connections = calloc(count, sizeof *connections);
    for (int i = 0; i < count; i++) connect_to(port, &connections[i], poll);

    struct epoll_event events[EVENTS];
    double mark = now() + seconds / 4, end = mark + seconds * 3 / 4;
    long before = -1;
    for (double time = now(); time < end; time = now()) {
        if (before < 0 && time >= mark) {
            before = echoed;
            mark = time;
            if (took) memset(took, 0, (MOST_MICROS + 1) * sizeof *took);
        }
        int ready = epoll_wait(poll, events, EVENTS, 100);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            while (send_some(connection) | receive_some(connection)) {
            }
        }
    }
    printf("%.0f", (echoed - before) / (now() - mark));
    if (took) printf(" %ld %ld", percentile(0.5), percentile(0.99));
    if (argc == 6 && !latencies) printf(" %ld", echoed);
    printf("\n");
    return 0;
}
