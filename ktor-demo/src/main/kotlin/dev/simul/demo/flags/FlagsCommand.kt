// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.ProgramResult
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
import com.github.ajalt.clikt.parameters.types.enum
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.path
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.simul.demo.DemoCommand
import dev.simul.demo.engineOption
import dev.simul.demo.webClient
import dev.simul.exceptions.KeyboardInterrupt
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

/** `simul demo flags`: downloads flags, by default from a server that it starts itself, and tells how that went. */
internal class FlagsCommand : DemoCommand(name = "flags") {
    private val codes: List<List<String>> by argument("code")
        .help(
            "Countries by their codes of two letters, as in: fr br in. One letter is all 26 codes that begin with it. " +
                "If there is none: --all.",
        ).convert { given ->
            codesOf(given) ?: fail("'$given' is no member of the UN: give two letters such as fr, br or in, or the first of them")
        }.multiple()
    private val all by option("-a", "--all")
        .help("The flags of all ${memberStates.size} members of the UN.")
        .flag()
    private val every by option("-e", "--every")
        .help("All ${everyCode.size} codes from AA to ZZ; those that are no country's are not found.")
        .flag()
    private val limit by option("-l", "--limit", metavar = "N")
        .help("Ask for the first N flags only.")
        .int()
        .restrictTo(min = 1)
    private val server by option("-s", "--server")
        .help(
            "Who is asked: LOCAL (default) is quick, DELAY takes its time, ERROR cannot answer a quarter of all requests; " +
                "those are started here. REMOTE is at --base-url.",
        ).enum<SiteKind>()
        .default(SiteKind.LOCAL)
    private val baseUrl by option("--base-url", metavar = "URL")
        .help("What URLs begin with on the server REMOTE: the flags are at URL/fr/fr.png, their names at URL/fr/metadata.json.")
    private val maxRequests by option("-m", "--max-req", metavar = "N")
        .help("Requests in flight at once, 1 to 1000 (default: 30).")
        .int()
        .restrictTo(1..1000)
        .default(30)
    private val output by option("--output", metavar = "DIR")
        .help("Save the flags here (default: a new temporary directory).")
        .path()
        .validate {
            val mayBeDirectory = it.isDirectory() || !it.exists()
            require(mayBeDirectory) { "'$it' is no directory: name one, it need not exist yet" }
        }
    private val verbose by option("-v", "--verbose")
        .help("Print a line for each flag.")
        .flag()
    private val quiet by option("-q", "--quiet")
        .help("Print the result alone.")
        .flag()
    private val json by option("--json")
        .help("Print the result alone, as a JSON object.")
        .flag()
    private val engine by engineOption("client and server")
    private val java by option("--java")
        .help("Let the same program in Java do it.")
        .flag()

    override fun help(context: Context) = "Downloads the flags of the world, many at a time."

    override fun perform() {
        val wanted = wanted()
        val site = site()
        if (listOf(verbose, quiet, json).count { it } > 1) misused("--verbose, --quiet and --json exclude one another: give one")
        val report = FlagFolder(output).use { download(wanted, site, it) }
        if (report.failed.isNotEmpty()) throw ProgramResult(1)
    }

    private val isTalkative get() = !quiet && !json

    private fun wanted(): List<String> {
        if (listOf(all, every, codes.isNotEmpty()).count { it } > 1) misused("codes, --all and --every exclude one another: give one")
        val wanted =
            when {
                every -> everyCode
                codes.isEmpty() -> memberStates
                else -> codes.flatten().distinct().sorted()
            }
        return wanted.take(limit ?: wanted.size)
    }

    private fun site(): FlagSite {
        val base = baseUrl
        if (base != null && server != SiteKind.REMOTE) misused("--base-url '$base' is for --server REMOTE, not $server: give that too")
        return when (server) {
            SiteKind.LOCAL -> FlagServer(engine = engine)
            SiteKind.DELAY -> FlagServer(latency = 500.milliseconds, engine = engine)
            SiteKind.ERROR -> FlagServer(trouble = RandomTrouble(share = 0.25), engine = engine)
            SiteKind.REMOTE -> RemoteSite(base ?: misused("--server REMOTE needs --base-url: give that too"))
        }
    }

    private fun download(
        wanted: List<String>,
        site: FlagSite,
        folder: FlagFolder,
    ): Report {
        val tally = Tally()
        try {
            progressOf(wanted.size).use { download(wanted, site, folder, tally, it) }
        } catch (e: KeyboardInterrupt) {
            show(tally.reportInterrupted(site.answeringTime), folder, interrupted = true)
            throw e
        }
        return tally.report(site.answeringTime).also { show(it, folder, interrupted = false) }
    }

    private fun download(
        wanted: List<String>,
        site: FlagSite,
        folder: FlagFolder,
        tally: Tally,
        progress: Progress,
    ) {
        if (java) {
            downloadFlagsInJava(wanted, site, folder, maxRequests, tally, progress)
        } else {
            runLoop { downloadFlags(wanted, site, webClient(maxRequests, engine), folder, maxRequests, tally, progress) }
        }
    }

    private fun progressOf(total: Int): Progress {
        if (!isTalkative) return Progress { _, _ -> }
        val progress =
            when {
                verbose -> VerboseLines(terminal)
                terminal.terminalInfo.outputInteractive -> ProgressBar(terminal, total)
                else -> ProgressLines(terminal, total)
            }
        return object : Progress by progress {
            override fun begin() = echo("Downloading ${flags(total)} from $server, at most ${requests(maxRequests)} at a time")
        }
    }

    private fun show(
        report: Report,
        folder: FlagFolder,
        interrupted: Boolean,
    ) {
        if (json) return echo(report.toJson(folder, interrupted))
        echo((if (interrupted) "interrupted: " else "") + report.line())
        if (!quiet) report.details(folder).forEach { echo(it) }
    }

    private fun flags(count: Int) = if (count == 1) "1 flag" else "$count flags"

    private fun requests(count: Int) = if (count == 1) "1 request" else "$count requests"
}
