// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

/**
 * A connection on the server's side, until the server may accept it. Under the network's lock.
 *
 * The client sends SYN; when there is room, the server answers SYN-ACK; the client, which is connected then, says so.
 */
internal class Attempt(
    private val there: Direction,
    private val back: Direction,
) : Receiver {
    /** Null before it was found, and after it is gone. */
    private var server: MemoryServerSocketChannel? = null
    private var accepted: MemorySocketChannel? = null

    override fun receive(segment: Segment) {
        when (segment) {
            Segment.Syn -> arrive()
            Segment.Established -> complete()
            Segment.Rst -> leave()
            Segment.Probe -> {}
            else -> back.send(Segment.Rst)
        }
    }

    private fun arrive() {
        val found = there.owner!!.listenerAt(there.target)
        server = found
        if (found == null) back.send(Segment.Rst) else found.offer(this)
    }

    /** The server has room for this connection, which will be [channel]. */
    fun answer(channel: MemorySocketChannel) {
        accepted = channel
        channel.acceptedFrom(back)
        back.send(Segment.SynAck)
    }

    private fun complete() {
        val server = server ?: return back.send(Segment.Rst)
        val channel = accepted!!
        there.receiver = channel.connectedEnd
        server.established(this, channel)
    }

    /** The server closes. */
    fun refuse() {
        server = null
        back.send(Segment.Rst)
    }

    /** The client does not want to be connected any longer. */
    private fun leave() {
        server?.withdraw(this)
        server = null
    }

    /** Nobody answers the SYN-ACK. */
    override fun timedOut() = leave()
}
