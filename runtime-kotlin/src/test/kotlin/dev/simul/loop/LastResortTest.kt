// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.Child
import dev.simul.createTask
import dev.simul.runLoop
import dev.simul.sleep
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import org.slf4j.ILoggerFactory
import org.slf4j.IMarkerFactory
import org.slf4j.helpers.BasicMarkerFactory
import org.slf4j.helpers.NOPLoggerFactory
import org.slf4j.helpers.NOPMDCAdapter
import org.slf4j.spi.MDCAdapter
import org.slf4j.spi.SLF4JServiceProvider
import java.io.File
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.createTempDirectory
import kotlin.io.path.writeText
import kotlin.time.Duration

/** A program that forgets a task which fails, and logs. */
object ForgetfulProgram {
    @JvmStatic
    fun main(arguments: Array<String>) {
        runLoop {
            createTask<Unit>(name = "forgotten") { throw IOException("boom") }
            sleep(Duration.ZERO)
        }
        logger.warn("{} of {} warnings", 1, 2)
        logger.info("for information")
        println("end")
    }
}

class LastResortTest :
    FunSpec({
        test("without a provider, SLF4J warns as ever, and errors and warnings are written to stderr") {
            val said = outputWith()
            said.count { "No SLF4J providers were found" in it } shouldBe 1
            said shouldContain "Task exception was never retrieved"
            said shouldContain "task: forgotten"
            said shouldContain "java.io.IOException: boom"
            said shouldContain "1 of 2 warnings"
            said shouldNotContain "for information"
            said.last() shouldBe "end"
        }

        test("a provider that drops everything is left alone, since somebody has chosen it") {
            outputWith(SilentProvider::class.java) shouldBe listOf("end")
        }
    })

/** As `slf4j-nop` has it. */
class SilentProvider : SLF4JServiceProvider {
    override fun getLoggerFactory(): ILoggerFactory = NOPLoggerFactory()

    override fun getMarkerFactory(): IMarkerFactory = BasicMarkerFactory()

    override fun getMDCAdapter(): MDCAdapter = NOPMDCAdapter()

    override fun getRequestedApiVersion(): String = "2.0.99"

    override fun initialize() {}
}

/** What the program says in a JVM with [provider] alone, or none: the tests have one of their own, so they are not on its class path. */
private fun outputWith(provider: Class<*>? = null): List<String> {
    val classes = createTempDirectory("program")
    (listOf(ForgetfulProgram::class.java) + listOfNotNull(provider)).forEach { it.copyWithNestedTo(classes) }
    if (provider != null) {
        val services = classes.resolve("META-INF/services").createDirectories()
        services.resolve("org.slf4j.spi.SLF4JServiceProvider").writeText(provider.name)
    }
    val tests = Path.of(ForgetfulProgram::class.java.protectionDomain.codeSource.location.toURI())
    val path = System.getProperty("java.class.path").split(File.pathSeparator).filterNot { it.isNotEmpty() && Path.of(it) == tests }
    val classPath = (listOf("$classes") + path).joinToString(File.pathSeparator)
    return Child(ForgetfulProgram::class.java.name, "", listOf("-cp", classPath)).use { it.rest() }
}

private fun Class<*>.copyWithNestedTo(root: Path) {
    val folder = root.resolve(packageName.replace('.', '/')).createDirectories()
    val source = Path.of(getResource("$simpleName.class")!!.toURI()).parent
    source.toFile().listFiles { file -> file.name == "$simpleName.class" || file.name.startsWith("$simpleName$") }!!.forEach {
        it.toPath().copyTo(folder.resolve(it.name), overwrite = true)
    }
}
