package dev.simul

/**
 * What is closed by a coroutine, since closing may have to wait.
 *
 * Source: objects with an `aclose()` method, as `contextlib.aclosing` takes them.
 */
public interface AsyncCloseable {
    /** Closes this; does nothing if it is closed already. */
    public suspend fun aclose()
}

/**
 * Runs [block] with [thing], and closes that however the block ends.
 *
 * Source: `async with contextlib.aclosing(thing)`.
 */
public suspend inline fun <C : AsyncCloseable, R> aclosing(
    thing: C,
    block: (C) -> R,
): R {
    val result =
        try {
            block(thing)
        } catch (e: Throwable) {
            thing.aclose()
            throw e
        }
    thing.aclose()
    return result
}
