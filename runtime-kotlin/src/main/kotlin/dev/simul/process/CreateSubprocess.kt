// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.loop.getRunningLoop
import dev.simul.streams.StreamReader
import java.io.IOException
import java.nio.file.Path

/**
 * Starts [program], looked for as the system does, with [args].
 *
 * ```
 * val git = createSubprocessExec("git", "log", "--oneline", stdout = PIPE)
 * for (line in git.stdout!!) print(line.decodeToString())
 * check(git.wait() == 0)
 * ```
 *
 * If the task is cancelled the child is killed, and waited for. Later it goes on until it ends, is killed, or the loop is closed.
 * Starting it holds up the loop for the milliseconds that takes.
 *
 * Source: `asyncio.create_subprocess_exec(program, *args, stdin=None, stdout=None, stderr=None, limit=65536, **kwds)`.
 *
 * @param stdin where the child reads from; that of this process if it is null.
 * @param stdout where it writes to; that of this process if it is null.
 * @param stderr where it writes errors to; that of this process if it is null.
 * @param limit that of the [StreamReader]s, in bytes.
 * @param cwd the directory it works in; that of this process if it is null.
 * @param env its environment variables, all of them; those of this process if it is null.
 * @throws IOException if it cannot be started: there is no such program or directory, or the system refuses.
 * @throws IllegalArgumentException if a stream is redirected to what it cannot be, or [limit] is not positive.
 */
public suspend fun createSubprocessExec(
    program: String,
    vararg args: String,
    stdin: Redirect? = null,
    stdout: Redirect? = null,
    stderr: Redirect? = null,
    limit: Int = StreamReader.DEFAULT_LIMIT,
    cwd: Path? = null,
    env: Map<String, String>? = null,
): Process = createProcess(ChildCommand(listOf(program, *args), stdin, stdout, stderr, cwd, env), limit)

/**
 * As [createSubprocessExec], of a line for the system's shell: `/bin/sh -c`, on Windows `cmd /c`. To quote what comes from elsewhere
 * is up to the caller.
 *
 * Source: `asyncio.create_subprocess_shell(cmd, stdin=None, stdout=None, stderr=None, limit=65536, **kwds)`.
 */
public suspend fun createSubprocessShell(
    cmd: String,
    stdin: Redirect? = null,
    stdout: Redirect? = null,
    stderr: Redirect? = null,
    limit: Int = StreamReader.DEFAULT_LIMIT,
    cwd: Path? = null,
    env: Map<String, String>? = null,
): Process = createProcess(ChildCommand(ChildCommand.shell(cmd), stdin, stdout, stderr, cwd, env), limit)

private suspend fun createProcess(
    command: ChildCommand,
    limit: Int,
): Process {
    val loop = getRunningLoop()
    val (transport, protocol) = loop.startChild(command, SubprocessStreamProtocol(limit, loop))
    return Process(transport, protocol, loop)
}
