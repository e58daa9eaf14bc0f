// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.loop.getRunningLoop
import dev.simul.process.PIPE
import dev.simul.process.Process
import dev.simul.process.SubprocessProtocol
import dev.simul.process.createSubprocessExec
import dev.simul.process.createSubprocessShell
import dev.simul.process.subprocessExec
import dev.simul.process.subprocessShell
import dev.simul.timeout
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.seconds

private object QuietChild : SubprocessProtocol

/** As the documentation advises: whoever is cancelled kills the child, and waits for it. */
private suspend fun Process.use(block: suspend (Process) -> Unit) {
    try {
        block(this)
    } finally {
        if (returncode == null) {
            kill()
            timeout(10.seconds) { wait() }
        }
    }
}

/** Child processes. */
internal fun CancelTable.processes() {
    line("createSubprocessExec", "Process.wait", options = REAL) { createSubprocessExec("true").use { it.wait() shouldBe 0 } }
    line("createSubprocessExec", "with pipes", options = REAL) {
        createSubprocessExec("cat", stdin = PIPE, stdout = PIPE, stderr = PIPE).use { child ->
            child.stdin!!.write(byteArrayOf(10))
            child.stdout!!.readline()
            child.stdin.close()
            child.wait()
        }
    }
    line("createSubprocessShell", "Process.communicate", options = REAL) {
        createSubprocessShell("cat; echo done", stdin = PIPE, stdout = PIPE).use { it.communicate(ByteArray(300_000)) }
    }
    line("subprocessExec", options = REAL) { getRunningLoop().subprocessExec("cat") { QuietChild }.transport.close() }
    line("subprocessShell", options = REAL) { getRunningLoop().subprocessShell("cat") { QuietChild }.transport.close() }
}
