// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.simul.aclosing
import dev.simul.createFuture
import dev.simul.demo.DemoCommand
import dev.simul.demo.engineOption
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.loop.getRunningLoop
import dev.simul.toThread
import java.net.BindException
import dev.simul.run as runLoop

/** `simul demo mojifinder`: finds Unicode characters by their names, for clients of TCP and of HTTP. */
internal class MojifinderCommand : DemoCommand(name = "mojifinder") {
    private val tcp by option(metavar = "PORT")
        .help("Serve telnet and nc at this port; 0 is any that is free.")
        .int()
        .restrictTo(PORTS)
    private val web by option(metavar = "PORT")
        .help("Serve browsers at this port, with a page and a JSON API; 0 is any that is free.")
        .int()
        .restrictTo(PORTS)
    private val engine by engineOption("--web")
    private val java by option()
        .help("Serve --tcp by the server that is written in Java.")
        .flag()

    override fun help(context: Context) = "Finds Unicode characters by the words of their names, such as: cat smiling."

    override fun perform() {
        checkOptions()
        echo("Building index.")
        try {
            if (java) runJava(tcp!!) else runLoop { serve() }
        } catch (_: KeyboardInterrupt) {
            echo("\nServer shut down.")
        }
    }

    private fun checkOptions() {
        when {
            java && (tcp == null || web != null) -> misused("--java serves TCP alone: give --tcp PORT and no --web")
            tcp == null && web == null -> misused("there is nothing to serve: give --tcp PORT, --web PORT or both")
        }
    }

    private suspend fun serve() {
        val index = toThread { InvertedIndex() }
        aclosing(TcpServer(index, ::echo)) { tcpServer ->
            aclosing(WebServer(index, engine)) { webServer ->
                tcp?.let { port -> tcpServer.start(port).also { echo("Serving on ${repr(it)}. Hit CTRL-C to stop.") } }
                web?.let { port -> webServer.start(port).also { echo("Serving on $it Hit CTRL-C to stop.") } }
                getRunningLoop().createFuture<Unit>().await()
            }
        }
    }

    private fun runJava(port: Int) =
        try {
            TcpMojifinder.run(port, ::echo)
        } catch (e: BindException) {
            throw portFailure("--tcp", port, e)
        }

    private companion object {
        val PORTS = 0..65535
    }
}
