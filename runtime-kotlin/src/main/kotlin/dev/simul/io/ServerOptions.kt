package dev.simul.io

import java.net.StandardProtocolFamily

/**
 * How a server listens: the keyword arguments of `loop.create_server` and of all that is built on it.
 *
 * @property family the only family of addresses to listen at; both if it is null.
 * @property backlog how many connections may queue up until they are accepted.
 * @property reuseAddress whether an address can be bound that connections of an earlier server still linger at.
 * @property reusePort whether several sockets, of several processes perhaps, can listen at one address.
 * @property keepAlive whether the system looks after connections that are idle.
 * @property startServing whether it accepts connections at once; otherwise they queue up until [Server.startServing].
 */
public data class ServerOptions(
    val family: StandardProtocolFamily? = null,
    val backlog: Int = 100,
    val reuseAddress: Boolean = true,
    val reusePort: Boolean = false,
    val keepAlive: Boolean = false,
    val startServing: Boolean = true,
) {
    init {
        require(backlog > 0) { "backlog is $backlog: it must be positive" }
        require(family != StandardProtocolFamily.UNIX) { "family is UNIX: createUnixServer is for that" }
    }
}
