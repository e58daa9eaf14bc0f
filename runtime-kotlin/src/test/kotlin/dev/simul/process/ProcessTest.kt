// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.net.until
import dev.simul.sleep
import dev.simul.timeout
import dev.simul.transports.BrokenPipeException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ProcessTest :
    FunSpec({
        fun testOnAll(
            name: String,
            body: suspend () -> Unit,
        ) {
            for (pipes in Pipes.entries) test("$name ($pipes)") { pipes.run(body) }
        }

        testOnAll("what is written to stdin is read from stdout") {
            val cat = createSubprocessExec("cat", stdin = PIPE, stdout = PIPE)
            cat.stdin!!.write(bytes("some data"))
            cat.stdin.drain()
            cat.stdin.close()
            cat.stdout!!.read().text() shouldBe "some data"
            cat.wait() shouldBe 0
            cat.stdin.waitClosed()
        }

        testOnAll("killTree ends the child and all that it and its children have started, so that their pipes end") {
            val inner = "sleep 1000 & echo \$!; echo \$\$; wait"
            val child = createSubprocessShell("sh -c '$inner' & echo \$!; wait; echo went on", stdout = PIPE)
            val pids = List(3) { child.stdout!!.readline().text()!!.trim().toLong() }
            pids.all { pid -> ProcessHandle.of(pid).map { it.isAlive }.orElse(false) } shouldBe true
            child.killTree()
            child.wait() shouldBe -9
            child.stdout!!.read().text() shouldBe ""
        }

        testOnAll("killTree passes over what has ended") {
            val child = createSubprocessExec("true")
            child.wait()
            child.killTree()
            until { runCatching { child.kill() }.exceptionOrNull() is ProcessLookupException }
            child.killTree()
        }

        testOnAll("communicate writes all and reads all") {
            val child = createSubprocessShell("cat; echo oops >&2", stdin = PIPE, stdout = PIPE, stderr = PIPE)
            val (out, err) = child.communicate(bytes("some data"))
            out.text() shouldBe "some data"
            err.text() shouldBe "oops\n"
            child.returncode shouldBe 0
        }

        testOnAll("communicate without input closes stdin") {
            val cat = createSubprocessExec("cat", stdin = PIPE, stdout = PIPE)
            cat.communicate().stdout.text() shouldBe ""
            cat.returncode shouldBe 0
        }

        testOnAll("communicate with empty input closes stdin") {
            val count = createSubprocessExec("wc", "-c", stdin = PIPE, stdout = PIPE, stderr = PIPE)
            count.communicate(ByteArray(0)).stdout.text()!!.trim() shouldBe "0"
        }

        testOnAll("communicate without pipes has nothing, and waits") {
            val child = createSubprocessShell("exit 3")
            val (out, err) = child.communicate(bytes("ignored"))
            out shouldBe null
            err shouldBe null
            child.returncode shouldBe 3
        }

        testOnAll("much in all directions does not block") {
            val much = ByteArray(3_000_000) { it.toByte() }
            val script = "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d); sys.stderr.buffer.write(d * 2)"
            val child = createSubprocessExec("python3", "-c", script, stdin = PIPE, stdout = PIPE, stderr = PIPE)
            val (out, err) = child.communicate(much)
            out!!.contentEquals(much) shouldBe true
            err!!.contentEquals(much + much) shouldBe true
        }

        testOnAll("input and output may alternate while the child runs") {
            val cat = createSubprocessExec("cat", stdin = PIPE, stdout = PIPE)
            repeat(100) {
                cat.stdin!!.write(bytes("line $it\n"))
                cat.stdout!!.readline().text() shouldBe "line $it\n"
            }
            cat.stdin!!.close()
            cat.wait() shouldBe 0
        }

        testOnAll("lines come one by one") {
            val child = createSubprocessShell("echo one; echo two; echo three", stdout = PIPE)
            val lines = ArrayList<String>()
            for (line in child.stdout!!) lines += line.decodeToString()
            lines shouldBe listOf("one\n", "two\n", "three\n")
            child.wait()
        }

        testOnAll("a shell's line ends with its code") {
            createSubprocessShell("exit 7").wait() shouldBe 7
        }

        testOnAll("a JVM is a child like any other") {
            val java = File(System.getProperty("java.home"), "bin/java").path
            val child = createSubprocessExec(java, "-version", stdout = PIPE, stderr = STDOUT)
            child.communicate().stdout.text()!! shouldContain System.getProperty("java.version")
            child.returncode shouldBe 0
        }

        // Signals and return codes.

        testOnAll("kill ends a child with -9") {
            val child = createSubprocessExec("sleep", "3600")
            child.returncode shouldBe null
            child.kill()
            child.wait() shouldBe -9
            child.returncode shouldBe -9
        }

        testOnAll("terminate ends a child with -15") {
            val child = createSubprocessExec("sleep", "3600")
            child.terminate()
            child.wait() shouldBe -15
        }

        testOnAll("terminate leaves what the child has written") {
            val child = createSubprocessShell("trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.01; done", stdout = PIPE)
            child.stdout!!.readline().text() shouldBe "hello\n"
            child.terminate()
            child.stdout.read().text() shouldBe "bye\n"
            child.wait() shouldBe 0
        }

        testOnAll("a signal is sent by its name") {
            val script = "import signal as s, time; s.signal(s.SIGHUP, s.SIG_DFL); print('sleeping', flush=True); time.sleep(3600)"
            for (name in listOf("HUP", "SIGHUP")) {
                val child = createSubprocessExec("python3", "-c", script, stdout = PIPE)
                child.stdout!!.readline().text() shouldBe "sleeping\n"
                child.sendSignal(name)
                child.wait() shouldBe -1
            }
        }

        testOnAll("a signal that the child handles leaves it running") {
            val child = createSubprocessShell("trap 'echo got it' USR1; echo ready; while :; do sleep 0.01; done", stdout = PIPE)
            child.stdout!!.readline()
            repeat(2) {
                child.sendSignal("USR1")
                child.stdout.readline().text() shouldBe "got it\n"
            }
            child.returncode shouldBe null
            child.kill()
            child.wait() shouldBe -9
        }

        testOnAll("a signal nobody here has sent is 128 and its number, as a code that means the same to the child") {
            createSubprocessShell("kill -9 $$").wait() shouldBe 137
            createSubprocessShell("exit 143").wait() shouldBe 143
        }

        testOnAll("an unknown signal is refused") {
            val child = createSubprocessExec("sleep", "3600")
            shouldThrow<IllegalArgumentException> { child.sendSignal("NONSENSE") }.message shouldContain "NONSENSE"
            child.kill()
            child.wait()
        }

        testOnAll("nobody is there to be signalled after the end") {
            val child = createSubprocessExec("true")
            child.wait()
            for (send in listOf(child::terminate, child::kill, { child.sendSignal("HUP") })) {
                until {
                    try {
                        send()
                        false
                    } catch (_: ProcessLookupException) {
                        true
                    }
                }
            }
        }

        testOnAll("a signal and the end of the child may cross") {
            repeat(10) {
                val child = createSubprocessExec("sleep", "0.02")
                sleep(20.milliseconds)
                try {
                    child.sendSignal("USR1")
                } catch (_: ProcessLookupException) {
                }
                child.wait() shouldBeIn listOf(0, -10)
            }
        }

        // Waiting.

        testOnAll("a wait may be cancelled, and the child goes on") {
            val child = createSubprocessExec("sleep", "3600")
            val waiting = createTask { child.wait() }
            sleep(Duration.ZERO)
            waiting.cancel()
            shouldThrow<CancelledException> { waiting.await() }
            child.returncode shouldBe null
            child.kill()
            child.wait() shouldBe -9
        }

        testOnAll("many may wait") {
            val cat = createSubprocessExec("cat", stdin = PIPE, stdout = PIPE)
            val early = List(10) { createTask { cat.wait() } }
            cat.communicate(bytes("some data")).stdout.text() shouldBe "some data"
            gather(early).await() shouldBe List(10) { 0 }
            gather(List(10) { createTask { cat.wait() } }).await() shouldBe List(10) { 0 }
        }

        testOnAll("waiting for one that has ended takes no turn") {
            val child = createSubprocessExec("true")
            child.wait() shouldBe 0
            val late = createTask { child.wait() }
            sleep(Duration.ZERO)
            late.result() shouldBe 0
        }

        testOnAll("what a child has written is there when it has ended") {
            val child = createSubprocessExec("python3", "-c", "import sys; sys.stdout.write('x' * 50000); sys.exit(1)", stdout = PIPE)
            until { ProcessHandle.of(child.pid).isEmpty }
            var size = 0
            while (true) {
                val part = child.stdout!!.read(4096)
                if (part.isEmpty()) break
                size += part.size
                sleep(1.milliseconds)
            }
            size shouldBe 50000
            child.wait() shouldBe 1
        }

        testOnAll("several children at once") {
            val outputs = List(10) { "foo$it" }
            gather(
                outputs.map {
                    createTask { createSubprocessExec("echo", it, stdout = PIPE).communicate().stdout.text()!!.trim() }
                },
            ).await() shouldBe outputs
        }

        // Broken pipes, and pipes that are full.

        testOnAll("drain says that the child has ended before it has read all") {
            val child = createSubprocessExec("head", "-c", "1", stdin = PIPE, stdout = DEVNULL)
            child.stdin!!.write(ByteArray(5_000_000))
            shouldThrow<BrokenPipeException> { child.stdin.drain() }
            child.wait() shouldBe 0
        }

        testOnAll("communicate does not mind a child that does not read") {
            val child = createSubprocessExec("true", stdin = PIPE)
            child.communicate(ByteArray(5_000_000)).stdout shouldBe null
            child.returncode shouldBe 0
        }

        testOnAll("a child that is never read waits, and what it writes does not pile up") {
            val loop = getRunningLoop()
            val command = ChildCommand(listOf("head", "-c", "3000000", "/dev/zero"), DEVNULL, PIPE, null, null, null)
            val (transport, protocol) = loop.startChild(command, SubprocessStreamProtocol(10, loop))
            until { !transport.getPipeTransport(1)!!.isReading }
            transport.returncode shouldBe null
            protocol.stdout!!.read().size shouldBe 3_000_000
            transport.wait() shouldBe 0
        }

        testOnAll("drain waits while the child does not read") {
            val child = createSubprocessExec("sleep", "3600", stdin = PIPE)
            child.stdin!!.write(ByteArray(1_000_000))
            val draining = createTask { child.stdin.drain() }
            sleep(10.milliseconds)
            draining.done() shouldBe false
            child.kill()
            shouldThrow<IOException> { draining.await() }
            child.wait() shouldBe -9
        }

        // Redirections, environment, directory.

        testOnAll("DEVNULL is empty, and takes all") {
            val count = createSubprocessExec("wc", "-c", stdin = DEVNULL, stdout = PIPE)
            count.communicate().stdout.text()!!.trim() shouldBe "0"
            val silent = createSubprocessShell("echo out; echo err >&2", stdin = PIPE, stdout = DEVNULL, stderr = DEVNULL)
            silent.communicate(bytes("abc")).stdout shouldBe null
            silent.returncode shouldBe 0
        }

        testOnAll("STDOUT sends errors where the output goes") {
            val child = createSubprocessShell("echo out; echo err >&2", stdout = PIPE, stderr = STDOUT)
            child.communicate().stdout.text() shouldBe "out\nerr\n"
            child.stderr shouldBe null
        }

        testOnAll("streams may be files") {
            val input = tempdir().toPath().resolve("in").also { it.writeText("some data") }
            val output = input.resolveSibling("out")
            createSubprocessExec("cat", stdin = Redirect.from(input), stdout = Redirect.to(output)).wait() shouldBe 0
            createSubprocessExec("cat", stdin = Redirect.from(input), stdout = Redirect.appendTo(output)).wait() shouldBe 0
            output.readText() shouldBe "some datasome data"
        }

        testOnAll("a redirection that makes no sense is refused") {
            shouldThrow<IllegalArgumentException> {
                createSubprocessExec(
                    "true",
                    stdin = STDOUT,
                )
            }.message shouldContain "stdin cannot be STDOUT"
            shouldThrow<IllegalArgumentException> { createSubprocessExec("true", stdout = STDOUT) }
            shouldThrow<IllegalArgumentException> { createSubprocessExec("true", stderr = Redirect.from(Path.of("x"))) }
            shouldThrow<IllegalArgumentException> { createSubprocessExec("true", stdin = Redirect.to(Path.of("x"))) }
        }

        testOnAll("the environment is what is given") {
            val environment = System.getenv() + ("FOO" to "bar")
            val shell = createSubprocessShell("printf %s \"\$FOO\"", env = environment, stdout = PIPE)
            shell.communicate().stdout.text() shouldBe "bar"
            val exec = createSubprocessExec("/usr/bin/env", env = mapOf("ONLY" to "this"), stdout = PIPE)
            exec.communicate().stdout.text() shouldBe "ONLY=this\n"
        }

        testOnAll("the directory is what is given") {
            val directory = tempdir().toPath().toRealPath()
            createSubprocessShell("pwd", cwd = directory, stdout = PIPE).communicate().stdout.text() shouldBe "$directory\n"
        }

        testOnAll("what cannot be started is an error") {
            shouldThrow<IOException> {
                createSubprocessExec(
                    "/no/such/program",
                    stdin = PIPE,
                    stdout = PIPE,
                )
            }.message shouldContain "/no/such/program"
            shouldThrow<IOException> { createSubprocessExec("true", cwd = Path.of("/no/such/directory")) }
            shouldThrow<IllegalArgumentException> { createSubprocessExec("true", stdout = PIPE, limit = 0) }
        }

        testOnAll("it is named by its pid") {
            val child = createSubprocessExec("true")
            child.toString() shouldBe "<Process ${child.pid}>"
            child.wait()
        }

        // Virtual time.

        loopTest("a virtual clock stands still while a child runs") {
            val loop = getRunningLoop()
            val child = createSubprocessShell("sleep 0.3; echo done", stdout = PIPE)
            child.communicate().stdout.text() shouldBe "done\n"
            loop.time() shouldBe Duration.ZERO
            timeout(1.hours) { createSubprocessExec("cat", stdin = PIPE, stdout = PIPE).communicate(ByteArray(1_000_000)) }
                .stdout!!
                .size shouldBe 1_000_000
            loop.time() shouldBe Duration.ZERO
            sleep(30.seconds)
            child.returncode shouldNotBe null
        }
    })
