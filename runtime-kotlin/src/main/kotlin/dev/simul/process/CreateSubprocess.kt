// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.loop.getRunningLoop
import dev.simul.streams.StreamReader
import java.io.IOException
import java.nio.file.Path

/**
 * Starts [program], which is looked up as the system does, with [args].
 *
 * ```
 * val git = createSubprocessExec("git", "log", "--oneline", stdout = PIPE)
 * for (line in git.stdout!!) print(line.decodeToString())
 * check(git.wait() == 0)
 * ```
 *
 * If the task is cancelled during this call, the child is killed and waited for. Afterwards the child runs until it ends, is killed, or the
 * loop is closed. Starting it blocks the loop for some milliseconds.
 *
 * Source: `asyncio.create_subprocess_exec(program, *args, stdin=None, stdout=None, stderr=None, limit=65536, **kwds)`.
 *
 * @param stdin where the child reads from; if null, this process's standard input.
 * @param stdout where it writes to; if null, this process's standard output.
 * @param stderr where it writes errors to; if null, this process's standard error.
 * @param limit the limit of the [StreamReader]s, in bytes.
 * @param cwd its working directory; if null, this process's.
 * @param env all of its environment variables; if null, this process's.
 * @throws IOException if it cannot be started: the program or the directory does not exist, or the system refuses.
 * @throws IllegalArgumentException if a redirect does not suit its stream, or [limit] is not positive.
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
 * As [createSubprocessExec], for a line of the system's shell: `/bin/sh -c`, on Windows `cmd /c`. The caller must quote untrusted parts.
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
