// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.check

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.ProgramResult
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.multiple
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.validate
import com.github.ajalt.clikt.parameters.types.double
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import com.github.ajalt.mordant.rendering.TextColors.green
import com.github.ajalt.mordant.rendering.TextColors.red
import dev.simul.demo.DemoCommand
import dev.simul.demo.engineOption
import dev.simul.demo.webAddress
import dev.simul.demo.webClient
import dev.simul.exceptions.KeyboardInterrupt
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit
import dev.simul.run as runLoop

/** `simul demo check`: asks sites whether they are there, all at once. */
internal class CheckCommand : DemoCommand(name = "check") {
    private val urls: List<String> by argument("url")
        .help("Sites, as in: https://www.python.org http://localhost:8000.")
        .convert { given ->
            if (webAddress(given) == null) fail("'$given' is no URL of a site: give one such as https://www.python.org")
            given
        }.multiple(required = true)
    private val timeout by option(metavar = "SECONDS")
        .help("How long a site may take to answer (default: 10).")
        .double()
        .default(10.0)
        .validate { require(it > 0 && it.isFinite()) { "$it is no time to wait: give more than 0 seconds" } }
    private val maxRequests by option("-m", "--max-req", metavar = "N")
        .help("Requests in flight at once, 1 to 1000 (default: 30).")
        .int()
        .restrictTo(1..1000)
        .default(30)
    private val engine by engineOption("the client")
    private val json by option("--json")
        .help("Print a JSON object instead of lines.")
        .flag()

    override fun help(context: Context) = "Asks sites whether they are there, all at once, and prints who answers in that order."

    override fun perform() {
        val sites = urls.distinct()
        val findings = ArrayList<Finding>()
        try {
            runLoop {
                webClient(maxRequests, engine).use { client ->
                    SiteCheck(client, maxRequests, timeout.seconds).all(sites) {
                        findings += it
                        if (!json) show(it)
                    }
                }
            }
        } catch (e: KeyboardInterrupt) {
            conclude(sites, findings, "interrupted: ${findings.size} of ${sites.size} checked")
            throw e
        }
        conclude(sites, findings)
        if (findings.any { !it.isFine }) throw ProgramResult(1)
    }

    private fun conclude(
        sites: List<String>,
        findings: List<Finding>,
        remark: String? = null,
    ) {
        if (json) {
            echo(toJson(findings, notChecked = sites - findings.map { it.url }.toSet()))
        } else if (remark != null) {
            echo(remark)
        }
    }

    private fun show(finding: Finding) {
        val text = finding.reason ?: "status -> ${finding.status}"
        val time = finding.time.toString(DurationUnit.SECONDS, decimals = 2)
        echo("${finding.url}: ${if (finding.isFine) green(text) else red(text)} ($time)")
    }

    private fun toJson(
        findings: List<Finding>,
        notChecked: List<String>,
    ): JsonObject =
        buildJsonObject {
            put("fine", findings.count { it.isFine })
            put("not_fine", findings.count { !it.isFine })
            putJsonArray("sites") { findings.forEach { add(toJson(it)) } }
            putJsonArray("not_checked") { notChecked.forEach { add(it) } }
        }

    private fun toJson(finding: Finding): JsonObject =
        buildJsonObject {
            put("url", finding.url)
            put("status", finding.status)
            put("reason", finding.reason)
            put("seconds", finding.time.toDouble(DurationUnit.SECONDS))
        }
}
