// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.net.Connection
import java.io.IOException
import java.nio.file.Path

/**
 * Starts [program], which is looked up as the system does, with [args].
 *
 * If the task is cancelled, the child is killed and waited for; closing the loop kills it too. Starting it blocks the loop for some
 * milliseconds.
 *
 * Source: `loop.subprocess_exec(protocol_factory, program, *args, stdin=PIPE, stdout=PIPE, stderr=PIPE, **kwargs)`.
 *
 * @param stdin where the child reads from; if null, this process's standard input.
 * @param stdout where it writes to; if null, this process's standard output.
 * @param stderr where it writes errors to; if null, this process's standard error.
 * @param cwd its working directory; if null, this process's.
 * @param env all of its environment variables; if null, this process's.
 * @param protocolFactory creates the protocol; its [SubprocessProtocol.connectionMade] was called when this returns.
 * @throws IOException if it cannot be started: the program or the directory does not exist, or the system refuses.
 * @throws IllegalArgumentException if a redirect does not suit its stream.
 */
public suspend fun <P : SubprocessProtocol> EventLoop.subprocessExec(
    program: String,
    vararg args: String,
    stdin: Redirect? = PIPE,
    stdout: Redirect? = PIPE,
    stderr: Redirect? = PIPE,
    cwd: Path? = null,
    env: Map<String, String>? = null,
    protocolFactory: () -> P,
): Connection<SubprocessTransport, P> = startChild(ChildCommand(listOf(program, *args), stdin, stdout, stderr, cwd, env), protocolFactory())

/**
 * As [subprocessExec], for a line of the system's shell: `/bin/sh -c`, on Windows `cmd /c`. The caller must quote untrusted parts.
 *
 * Source: `loop.subprocess_shell(protocol_factory, cmd, *, stdin=PIPE, stdout=PIPE, stderr=PIPE, **kwargs)`.
 */
public suspend fun <P : SubprocessProtocol> EventLoop.subprocessShell(
    cmd: String,
    stdin: Redirect? = PIPE,
    stdout: Redirect? = PIPE,
    stderr: Redirect? = PIPE,
    cwd: Path? = null,
    env: Map<String, String>? = null,
    protocolFactory: () -> P,
): Connection<SubprocessTransport, P> =
    startChild(ChildCommand(ChildCommand.shell(cmd), stdin, stdout, stderr, cwd, env), protocolFactory())

internal suspend fun <P : SubprocessProtocol> EventLoop.startChild(
    command: ChildCommand,
    protocol: P,
): Connection<ChildTransport, P> {
    checkOpen()
    val transport = ChildTransport(this, Child.start(this, command), protocol)
    val made = SingleWaiter(this, "connectionMade", transport)
    transport.start(made)
    try {
        made.await()
    } catch (e: Throwable) {
        transport.close()
        transport.wait()
        throw e
    }
    return Connection(transport, protocol)
}
