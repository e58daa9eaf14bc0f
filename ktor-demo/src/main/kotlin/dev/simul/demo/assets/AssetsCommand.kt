// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

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
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.path
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.simul.aclosing
import dev.simul.demo.DemoCommand
import dev.simul.demo.engineOption
import dev.simul.demo.webAddress
import dev.simul.demo.webClient
import dev.simul.exceptions.KeyboardInterrupt
import io.ktor.client.HttpClient
import java.nio.file.Path
import dev.simul.run as runLoop

/** `simul demo assets`: downloads the files of releases, many at a time, and resumes what was cut off. */
internal class AssetsCommand : DemoCommand(name = "assets") {
    private val repository by argument("owner/repo")
        .help("Whose releases, as in: stedolan/jq")
        .convert { if (it.matches(REPOSITORY)) it else fail("'$it' is no repository: give OWNER/REPO, such as stedolan/jq") }
    private val tags: List<String> by argument("tag")
        .help("Which releases, as in: jq-1.5 jq-1.6")
        .convert { if (isTag(it)) it else fail("'$it' is no tag: give one such as jq-1.6") }
        .multiple(required = true)
    private val apiUrl by option(metavar = "URL")
        .help("Ask this API, such as https://api.github.com (default: a stand-in of its own, which has jq-1.5 and jq-1.6 of stedolan/jq).")
        .validate { require(webAddress(it) != null) { "'$it' is no address of an API: give one such as https://api.github.com" } }
    private val downloadDir by option(metavar = "DIR")
        .help("Put the files here, in a folder for each tag (default: where you are).")
        .path(canBeFile = false)
        .default(Path.of(""))
    private val maxReq by option(metavar = "N")
        .help("Downloads at once (default: 5).")
        .int()
        .restrictTo(1..100)
        .default(5)
    private val engine by engineOption("client and server")
    private val json by option()
        .help("Print the result as JSON, and nothing else.")
        .flag()
    private val quiet by option("-q", "--quiet")
        .help("Print the result alone.")
        .flag()

    override fun help(context: Context) = "Downloads all files of releases from GitHub, or from a server that is like it."

    override fun perform() {
        val downloads = mutableListOf<Download>()
        try {
            runLoop { downloadAll(downloads) }
        } catch (e: KeyboardInterrupt) {
            echo(Summary(downloads).interrupted(), err = true)
            if (json) echo(Summary(downloads).json())
            throw e
        }
        show(Summary(downloads))
    }

    private suspend fun downloadAll(downloads: MutableList<Download>) =
        webClient(maxReq, engine).use { client ->
            val address = apiUrl
            if (address != null) return@use downloadFrom(address, client, downloads)
            aclosing(ReleaseServer(engine = engine)) { server ->
                server.start()
                downloadFrom(server.address, client, downloads)
            }
        }

    private suspend fun downloadFrom(
        address: String,
        client: HttpClient,
        downloads: MutableList<Download>,
    ) {
        val api = ReleaseApi(client, address)
        for (tag in tags.distinct()) {
            downloads += api.release(repository, tag).assets.map { Download(tag, it, downloadDir) }
        }
        progress().use { Downloader(client, maxReq, it).all(downloads) }
    }

    private fun progress(): Progress =
        when {
            quiet || json -> Silence
            terminal.terminalInfo.outputInteractive -> ProgressBars(terminal)
            else -> ProgressLines(terminal)
        }

    private fun show(summary: Summary) {
        for ((download, reason) in summary.failures) echo("${download.name}: $reason", err = true)
        if (json) echo(summary.json()) else echo(summary)
        if (summary.failures.isNotEmpty()) throw ProgramResult(1)
    }

    private companion object {
        val REPOSITORY = Regex("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")

        /** A tag is part of a path, which must not lead out of the folder; it may well have slashes. */
        fun isTag(text: String): Boolean =
            text.split("/").none { it.isBlank() || it == "." || it == ".." } && text.none { it == '\\' || it.isISOControl() }
    }
}
