// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.net.Connection
import java.io.IOException
import java.nio.file.Path

/**
 * Starts [program], looked for as the system does, with [args].
 *
 * If the task is cancelled the child is killed, and waited for; so it is when the loop is closed. Starting it holds up the loop for
 * the milliseconds that takes.
 *
 * Source: `loop.subprocess_exec(protocol_factory, program, *args, stdin=PIPE, stdout=PIPE, stderr=PIPE, **kwargs)`.
 *
 * @param stdin where the child reads from; that of this process if it is null.
 * @param stdout where it writes to; that of this process if it is null.
 * @param stderr where it writes errors to; that of this process if it is null.
 * @param cwd the directory it works in; that of this process if it is null.
 * @param env its environment variables, all of them; those of this process if it is null.
 * @param protocolFactory makes the protocol; [SubprocessProtocol.connectionMade] was called when this returns.
 * @throws IOException if it cannot be started: there is no such program or directory, or the system refuses.
 * @throws IllegalArgumentException if a stream is redirected to what it cannot be.
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
 * As [subprocessExec], of a line for the system's shell: `/bin/sh -c`, on Windows `cmd /c`. To quote what comes from elsewhere is up
 * to the caller.
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
