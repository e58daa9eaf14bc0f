// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.transports.drop
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.File
import java.io.FileInputStream
import java.io.IOException
import java.net.InetSocketAddress
import java.util.concurrent.TimeUnit
import kotlin.reflect.KClass
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

/** A server in a process that may open few files. */
internal object OutOfDescriptors {
    private val taken = ArrayList<FileInputStream>()

    @JvmStatic
    fun main(args: Array<String>) =
        runLoop {
            val loop = getRunningLoop()
            val server =
                startServer("127.0.0.1", 0) { reader, writer ->
                    for (line in reader) writer.write(line)
                    writer.close()
                }
            val port = (server.addresses.first() as InetSocketAddress).port
            loop.exceptionHandler = ExceptionHandler { _, context -> say(context.message) }
            // A class is a file too: what the server needs is loaded now.
            if (args.single() == "fresh") loadAll() else askOnce(port)
            takeDescriptors(leaving = 3)
            say("port $port")
            while (System.`in`.available() == 0) sleep(10.milliseconds)
            taken.forEach { it.close() }
            while (System.`in`.available() < 2) sleep(10.milliseconds)
            server.close()
        }

    private suspend fun askOnce(port: Int) {
        val (reader, writer) = openConnection("127.0.0.1", port)
        writer.write("warm\n".encodeToByteArray())
        reader.readline()
        writer.aclose()
        val loop = getRunningLoop()
        loop.callExceptionHandler(ExceptionContext("warm", IOException(), mapOf("warm" to 1)))
        loop.callLater(1.milliseconds) {}
        sleep(10.milliseconds)
    }

    /** Loads all classes that are files of their own, but initializes none. */
    private fun loadAll() {
        loadAll(EventLoop::class) { it.name != "module-info.class" }
        loadAll(OutOfDescriptors::class) { it.name.startsWith("OutOfDescriptors$") }
    }

    private fun loadAll(
        besides: KClass<*>,
        which: (File) -> Boolean,
    ) {
        val directory = File(besides.java.protectionDomain.codeSource.location.toURI())
        for (file in directory.walk().filter { it.extension == "class" && which(it) }) {
            val name = file.relativeTo(directory).path.removeSuffix(".class").replace(File.separatorChar, '.')
            Class.forName(name, false, besides.java.classLoader)
        }
    }

    private fun takeDescriptors(leaving: Int) {
        try {
            while (true) taken += FileInputStream("/dev/null")
        } catch (_: IOException) {
            repeat(leaving) { taken.removeLast().close() }
        }
    }

    private fun say(line: String) {
        println(line)
        System.out.flush()
    }
}

class OutOfDescriptorsTest :
    FunSpec({
        fun goesOn(beforehand: String) {
            val java = File(System.getProperty("java.home"), "bin/java").path
            val command =
                "ulimit -n 200 && exec '$java' -XX:-MaxFDLimit -XX:TieredStopAtLevel=1 -cp '${System.getProperty("java.class.path")}' " +
                    "${OutOfDescriptors::class.java.name} $beforehand"
            val child = ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start()
            try {
                val output = child.inputReader()
                val said = generateSequence { output.readLine() }
                val port = said.first { it.startsWith("port ") }.removePrefix("port ").toInt()
                onLoop {
                    val clients = List(8) { openConnection("127.0.0.1", port) }
                    clients.forEachIndexed { number, (_, writer) -> writer.write("$number\n".encodeToByteArray()) }
                    clients.take(3).map { (reader, _) -> reader.readline().decodeToString() } shouldBe listOf("0\n", "1\n", "2\n")
                    output.readLine() shouldBe "socket.accept() out of system resource"
                    child.outputStream.apply { write(1) }.flush()
                    clients.drop(3).map { (reader, _) -> reader.readline().decodeToString() } shouldBe List(5) { "${it + 3}\n" }
                    clients.forEach { (_, writer) -> writer.aclose() }
                }
                child.outputStream.apply { write(1) }.flush()
                output.readLines().toSet().minus("socket.accept() out of system resource") shouldBe emptySet()
                child.waitFor(30, TimeUnit.SECONDS) shouldBe true
                child.exitValue() shouldBe 0
            } finally {
                child.destroyForcibly()
            }
        }

        test("a server that may open no more files goes on with what it has, and accepts again when it may") {
            goesOn("warm")
        }

        test("so does one that has not had a client before") {
            goesOn("fresh")
        }
    })
