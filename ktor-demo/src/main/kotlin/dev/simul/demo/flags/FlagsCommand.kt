package dev.simul.demo.flags

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.core.terminal
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.multiple
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.validate
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.path
import com.github.ajalt.clikt.parameters.types.restrictTo
import com.github.ajalt.mordant.rendering.TextColors.green
import com.github.ajalt.mordant.rendering.TextColors.red
import com.github.ajalt.mordant.rendering.TextColors.yellow
import dev.simul.demo.DemoCommand
import dev.simul.demo.Failure
import dev.simul.exceptStar
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createTempDirectory
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.random.Random
import kotlin.time.DurationUnit
import dev.simul.run as runLoop

/** `simul demo flags`: downloads flags from a server that it starts itself, and tells how that went. */
internal class FlagsCommand : DemoCommand(name = "flags") {
    private val codes: List<String> by argument("code")
        .help("Countries by their codes of two letters, as in: fr br in. All $ALL members of the UN if none is given.")
        .convert { given ->
            given.lowercase().also {
                if (it !in memberStates) fail("'$given' is no member of the UN: give two letters such as fr, br or in")
            }
        }.multiple()
    private val limit by option(metavar = "N")
        .help("Ask for the first N flags only.")
        .int()
        .restrictTo(1..ALL)
    private val concurrency by option(metavar = "N")
        .help("Requests in flight at once (default: 30).")
        .int()
        .restrictTo(1..1000)
        .default(30)
    private val output by option(metavar = "DIR")
        .help("Save the flags here (default: a new temporary directory).")
        .path()
        .validate {
            val mayBeDirectory = it.isDirectory() || !it.exists()
            require(mayBeDirectory) { "'$it' is no directory: name one, it need not exist yet" }
        }
    private val notFound by option(metavar = "N")
        .help("Have the server lack N of the flags: 404.")
        .int()
        .restrictTo(min = 0)
        .default(0)
    private val failing by option("--fail", metavar = "N")
        .help("Have the server fail with N of the flags: 503.")
        .int()
        .restrictTo(min = 0)
        .default(0)
    private val quiet by option("-q", "--quiet")
        .help("Print the result alone.")
        .flag()

    override fun help(context: Context) = "Downloads the flags of the world, many at a time, from a server of its own."

    override fun perform() {
        val wanted = codes.distinct().ifEmpty { memberStates }.let { it.take(limit ?: it.size) }
        val server = serverFor(wanted)
        val folder = output ?: createTempDirectory("simul-flags-")
        exceptStar({
            folder.createDirectories()
            if (!quiet) echo("Downloading ${flags(wanted.size)}, at most $concurrency at a time")
            val report =
                progressOf(wanted).use { progress ->
                    runLoop { downloadFlags(wanted, server, flagClient(concurrency), folder, concurrency, progress) }
                }
            show(report, folder)
        }) {
            on<IOException> { group ->
                val reason = group.exceptions.first()
                throw Failure("cannot save flags in '$folder': $reason; name another --output", reason)
            }
        }
    }

    /** A server that misbehaves as often as the options say, and always with the same flags. */
    private fun serverFor(wanted: List<String>): FlagServer {
        if (notFound + failing > wanted.size) {
            val asked = flags(wanted.size)
            throw UsageError("--not-found $notFound and --fail $failing are more than the $asked asked for: lower them")
                .also { it.context = currentContext }
        }
        val victims = wanted.shuffled(Random(seed = ALL))
        return FlagServer(missing = victims.take(notFound).toSet(), broken = victims.takeLast(failing).toSet())
    }

    private fun progressOf(wanted: List<String>): Progress =
        when {
            quiet -> Progress { _, _ -> }
            terminal.terminalInfo.outputInteractive -> ProgressBar(terminal, wanted.size)
            else -> ProgressLines(terminal, wanted.size)
        }

    private fun show(
        report: Report,
        folder: Path,
    ) {
        val saved = green("${report.saved.size} saved")
        val notFound = report.notFound.size.let { if (it == 0) "$it not found" else yellow("$it not found") }
        val failed = report.failed.values.sumOf { it.size }.let { if (it == 0) "$it failed" else red("$it failed") }
        echo("$saved, $notFound, $failed in ${report.time.toString(DurationUnit.SECONDS, decimals = 2)}")
        if (quiet) return
        if (report.notFound.isNotEmpty()) echo("not found: ${report.notFound.joinToString()}")
        for ((reason, codes) in report.failed) echo("$reason: ${codes.joinToString()}")
        if (report.saved.isNotEmpty()) echo("They are in $folder")
    }

    private fun flags(count: Int) = if (count == 1) "1 flag" else "$count flags"

    private companion object {
        val ALL = memberStates.size
    }
}
