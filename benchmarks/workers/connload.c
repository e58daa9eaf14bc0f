/*
 * The load on a server that greets each connection with one byte, the number of the worker that has it: connload PORT AT_ONCE SECONDS
 *
 * Connections are opened, AT_ONCE at a time; each waits for its byte, is reset, and makes room for the next one. After a quarter of the
 * time the counting begins. What is printed is the number of connections in a second, and how many of them each worker had, in the order
 * of their numbers, from 1. If SECONDS is 0, AT_ONCE connections are opened one after the other, and all are kept until the last has its
 * byte; the number in a second is 0 then.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, WORKERS = 64 };

static long of_worker[WORKERS + 1];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int open_to(int port, int flags) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* A reset leaves no socket behind, and so its port is free at once. */
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int socket_ = socket(AF_INET, SOCK_STREAM | flags, 0);
    if (socket_ < 0) fail("socket");
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(socket_, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) fail("connect");
    return socket_;
}

static void watch(int poll, int socket_) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = socket_};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, socket_, &event)) fail("epoll_ctl");
}

/* Reads the greeting, and counts it. */
static void greet(int socket_) {
    unsigned char worker;
    ssize_t count = read(socket_, &worker, 1);
    if (count < 0) fail("read");
    if (count == 0 || worker < 1 || worker > WORKERS) {
        fprintf(stderr, "a connection got %s\n", count == 0 ? "no greeting" : "a greeting that is no worker's number");
        exit(1);
    }
    of_worker[worker]++;
}

static long all(void) {
    long sum = 0;
    for (int i = 1; i <= WORKERS; i++) sum += of_worker[i];
    return sum;
}

static void print(double rate) {
    int last = WORKERS;
    while (last > 1 && of_worker[last] == 0) last--;
    printf("%.0f", rate);
    for (int i = 1; i <= last; i++) printf(" %ld", of_worker[i]);
    printf("\n");
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: connload PORT AT_ONCE SECONDS\n");
        return 2;
    }
    int port = atoi(argv[1]), at_once = atoi(argv[2]);
    double seconds = atof(argv[3]);
    if (seconds == 0) {
        for (int i = 0; i < at_once; i++) greet(open_to(port, 0));
        print(0);
        return 0;
    }
    int poll = epoll_create1(0);
    for (int i = 0; i < at_once; i++) watch(poll, open_to(port, SOCK_NONBLOCK));
    struct epoll_event events[EVENTS];
    double mark = now() + seconds / 4, end = mark + seconds * 3 / 4;
    int counting = 0;
    for (double time = now(); time < end; time = now()) {
        if (!counting && time >= mark) {
            counting = 1;
            mark = time;
            memset(of_worker, 0, sizeof of_worker);
        }
        int ready = epoll_wait(poll, events, EVENTS, 100);
        for (int i = 0; i < ready; i++) {
            greet(events[i].data.fd);
            close(events[i].data.fd);
            watch(poll, open_to(port, SOCK_NONBLOCK));
        }
    }
    print(all() / (now() - mark));
    return 0;
}
