// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.Child
import dev.simul.createTask
import dev.simul.runLoop
import dev.simul.sleep
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import org.slf4j.ILoggerFactory
import org.slf4j.IMarkerFactory
import org.slf4j.helpers.BasicMarkerFactory
import org.slf4j.helpers.NOPLoggerFactory
import org.slf4j.helpers.NOPMDCAdapter
import org.slf4j.helpers.SubstituteLoggerFactory
import org.slf4j.spi.MDCAdapter
import org.slf4j.spi.SLF4JServiceProvider
import java.io.File
import java.io.IOException
import java.nio.file.Path
import java.util.ResourceBundle
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

        test("what SLF4J gives out while another thread initializes it is not kept") {
            findLogger(SubstituteLoggerFactory()).shouldBeNull()
        }

        test("without a provider, they go to the System.Logger that somebody has set up") {
            val said = outputWith(SaidFinder::class.java, "java.lang.System\$LoggerFinder")
            said shouldContain "said ERROR by dev.simul: Task exception was never retrieved, java.io.IOException: boom"
            said shouldContain "said WARNING by dev.simul: 1 of 2 warnings, null"
            said shouldContain "said INFO by dev.simul: for information, null"
            said.last() shouldBe "end"
        }

        test("and to java.util.logging, if that is configured") {
            val format = "-Djava.util.logging.SimpleFormatter.format=%4\$s %3\$s %5\$s%n"
            val said = outputWith(options = listOf("-Djava.util.logging.config.file=/dev/null", format))
            said shouldNotContain "1 of 2 warnings" // No handler is configured there.
            outputWith(options = listOf(format)) shouldContain "1 of 2 warnings"
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

/** Loggers that print what they are told, on a line. */
class SaidFinder : System.LoggerFinder() {
    override fun getLogger(
        name: String,
        module: Module,
    ): System.Logger = SayingLogger(name)
}

class SayingLogger(
    private val loggerName: String,
) : System.Logger {
    override fun getName(): String = loggerName

    override fun isLoggable(level: System.Logger.Level): Boolean = loggerName == "dev.simul" && level >= System.Logger.Level.INFO

    override fun log(
        level: System.Logger.Level,
        bundle: ResourceBundle?,
        message: String?,
        thrown: Throwable?,
    ) = println("said $level by $loggerName: ${message?.lines()?.first()}, $thrown")

    override fun log(
        level: System.Logger.Level,
        bundle: ResourceBundle?,
        format: String?,
        vararg parameters: Any?,
    ) = log(level, bundle, format, null as Throwable?)
}

/** What the program says in a JVM with [provider] alone, or none: the tests have one of their own, so they are not on its class path. */
private fun outputWith(
    provider: Class<*>? = null,
    service: String = "org.slf4j.spi.SLF4JServiceProvider",
    options: List<String> = emptyList(),
): List<String> {
    val classes = createTempDirectory("program")
    (listOf(ForgetfulProgram::class.java, SayingLogger::class.java) + listOfNotNull(provider)).forEach { it.copyWithNestedTo(classes) }
    if (provider != null) {
        val services = classes.resolve("META-INF/services").createDirectories()
        services.resolve(service).writeText(provider.name)
    }
    val tests = Path.of(ForgetfulProgram::class.java.protectionDomain.codeSource.location.toURI())
    val path = System.getProperty("java.class.path").split(File.pathSeparator).filterNot { it.isNotEmpty() && Path.of(it) == tests }
    val classPath = (listOf("$classes") + path).joinToString(File.pathSeparator)
    return Child(ForgetfulProgram::class.java.name, "", options + listOf("-cp", classPath)).use { it.rest() }
}

private fun Class<*>.copyWithNestedTo(root: Path) {
    val folder = root.resolve(packageName.replace('.', '/')).createDirectories()
    val source = Path.of(getResource("$simpleName.class")!!.toURI()).parent
    source.toFile().listFiles { file -> file.name == "$simpleName.class" || file.name.startsWith("$simpleName$") }!!.forEach {
        it.toPath().copyTo(folder.resolve(it.name), overwrite = true)
    }
}
