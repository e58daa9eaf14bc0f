package dev.simul.demo.flags

import java.nio.file.Path
import kotlin.time.Duration

/** What became of one flag. */
internal sealed interface Outcome {
    /** It lies in [file]. */
    data class Saved(
        val file: Path,
    ) : Outcome

    /** The server does not have it. */
    data object NotFound : Outcome

    /** The server did not hand it over, for [reason]. */
    data class Failed(
        val reason: String,
    ) : Outcome
}

/** What became of all flags that were asked for, by their codes, and how long that took. */
internal data class Report(
    val outcomes: Map<String, Outcome>,
    val time: Duration,
) {
    val saved: List<String> get() = outcomes.filterValues { it is Outcome.Saved }.keys.toList()

    val notFound: List<String> get() = outcomes.filterValues { it is Outcome.NotFound }.keys.toList()

    /** The codes of the flags that failed, by the reason. */
    val failed: Map<String, List<String>>
        get() =
            outcomes.entries
                .filter { it.value is Outcome.Failed }
                .groupBy({ (it.value as Outcome.Failed).reason }, { it.key })
}
