// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.aclosing
import dev.simul.demo.Failure
import dev.simul.demo.badWeather
import dev.simul.demo.faults
import dev.simul.demo.forever
import dev.simul.demo.webClient
import dev.simul.house.Soak
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import dev.simul.simulation.simulate
import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.future.await
import java.util.concurrent.Callable
import java.util.concurrent.CompletionStage
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.createTempDirectory
import kotlin.io.path.readBytes
import dev.simul.facade.Asyncio.createTask as createJavaTask

/** `simul demo flags` and its server, as they are, on hosts of a simulation. */
class FlagsSimulationTest :
    FunSpec({
        for ((language, download) in mapOf("Kotlin" to ::inKotlin, "Java" to ::inJava)) {
            test("in $language, all flags are saved from the server that it starts itself") {
                simulate(1) {
                    host("laptop") {
                        val report = downloaded(memberStates.take(30), FlagServer(), download)
                        report.failed.shouldBeEmpty()
                        report.saved shouldBe memberStates.take(30)
                    }.join()
                }
            }

            test("in $language, all flags are saved from another host") {
                simulate(1) {
                    host("server") { serveFlags() }
                    host("laptop") { downloaded(CODES, RemoteSite(BASE), download).saved shouldBe CODES }.join()
                }
            }
        }

        test("in bad weather, each flag is saved or told of, and the same steps are made in a fresh JVM") {
            replayCheck<DownloadInKotlin>(seeds = Soak.of(1_000))
            replayCheck<DownloadInJava>(seeds = Soak.of(1_000))
        }

        test("so they are in whatever order") {
            explore(seeds = Soak.of(1_000), schedule = Schedule.CHAOS) { with(DownloadInKotlin()) { run() } }.runs shouldBe Soak.of(1_000)
            explore(seeds = Soak.of(1_000), schedule = Schedule.CHAOS) { with(DownloadInJava()) { run() } }.runs shouldBe Soak.of(1_000)
            saved.get() shouldBeGreaterThan 0
            failed.get() shouldBeGreaterThan 0
            unreachable.get() shouldBeGreaterThan 0
        }
    })

private typealias Download = suspend (List<String>, FlagSite, FlagFolder, Tally, Progress) -> Unit

private const val BASE = "http://server:8080/flags"
private const val MAX_REQUESTS = 5
private val CODES = memberStates.take(12)
private val saved = AtomicInteger()
private val failed = AtomicInteger()
private val unreachable = AtomicInteger()

private suspend fun inKotlin(
    codes: List<String>,
    site: FlagSite,
    folder: FlagFolder,
    tally: Tally,
    progress: Progress,
) = downloadFlags(codes, site, webClient(MAX_REQUESTS), folder, MAX_REQUESTS, tally, progress)

private suspend fun inJava(
    codes: List<String>,
    site: FlagSite,
    folder: FlagFolder,
    tally: Tally,
    progress: Progress,
): Unit =
    aclosing(site) {
        val base = site.open()
        toThread { folder.make() }
        val task: CompletionStage<*> = createJavaTask(Callable { FlagsInJava.inLoop(codes, base, folder, MAX_REQUESTS, tally, progress) })
        task.await()
    }

private suspend fun serveFlags(): Unit =
    aclosing(FlagServer(host = "server", port = 8080)) {
        it.open()
        forever()
    }

/** Downloads the flags of [codes] into a folder that is removed again, and checks what has become of each. */
private suspend fun downloaded(
    codes: List<String>,
    site: FlagSite,
    download: Download,
    progress: Progress = Progress { _, _ -> },
): Report {
    val path = toThread { createTempDirectory("simul-flags") }
    try {
        val tally = Tally()
        FlagFolder(path).use { download(codes, site, it, tally, progress) }
        val report = tally.report(site.answeringTime)
        check(report.outcomes.keys.toList() == codes) { "there are outcomes of ${report.outcomes.keys}" }
        for ((code, outcome) in report.outcomes) {
            if (outcome is Outcome.Saved) check(outcome.file.readBytes().contentEquals(paintFlag(code.lowercase()))) { "$code is spoilt" }
        }
        return report
    } finally {
        path.toFile().deleteRecursively()
    }
}

private abstract class DownloadInBadWeather(
    private val download: Download,
) : SimulatedProgram {
    override suspend fun Simulation.run() {
        badWeather()
        val server = host("server") { serveFlags() }
        val laptop =
            host("laptop") {
                try {
                    val report =
                        downloaded(CODES, RemoteSite(BASE), download) { code, outcome -> log("$code: ${outcome::class.simpleName}") }
                    log("saved: ${report.saved}, failed: ${report.reasons}")
                    check(report.notFound.isEmpty()) { "not found: ${report.notFound}" }
                    saved.addAndGet(report.saved.size)
                    failed.addAndGet(report.failed.size)
                } catch (e: Failure) {
                    log("told: ${e.message}") // The server was gone before the first request.
                    unreachable.incrementAndGet()
                }
            }
        faults("laptop", server)
        laptop.join()
    }
}

private class DownloadInKotlin : DownloadInBadWeather(::inKotlin)

private class DownloadInJava : DownloadInBadWeather(::inJava)
