// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTesting;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How {@link CancelSafety#checkCancelSafe} runs a program. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * checkCancelSafe(new CancelOptions().virtualTime(false), () -> openConnection("127.0.0.1", port).await().writer().aclose());
 * }</pre>
 *
 * <p>asyncio has no equivalent.
 */
public final class CancelOptions {
    private boolean virtualTime = true;
    private @Nullable Boolean debug;
    private @Nullable Integer turnLimit;
    private @Nullable Duration timeLimit;
    private @Nullable Duration settle;
    private @Nullable Integer samples;
    private @Nullable Long seed;

    /** Those of a program on virtual time that is cancelled in each of its turns. */
    public CancelOptions() {}

    private CancelOptions with(Consumer<CancelOptions> change) {
        var changed = new CancelOptions();
        changed.virtualTime = virtualTime;
        changed.debug = debug;
        changed.turnLimit = turnLimit;
        changed.timeLimit = timeLimit;
        changed.settle = settle;
        changed.samples = samples;
        changed.seed = seed;
        change.accept(changed);
        return changed;
    }

    /** @throws IllegalArgumentException if the options contradict each other */
    dev.simul.testing.CancelOptions delegate() {
        return JavaTesting.cancelOptions(virtualTime, debug, turnLimit, timeLimit, settle, samples, seed);
    }

    /**
     * These; whether the program runs on a {@link VirtualClock}, as at first. If not it runs on a loop with the machine's clock, which
     * is better for real sockets, and child processes are connected as they are outside of tests.
     */
    public CancelOptions virtualTime(boolean virtualTime) {
        return with(it -> it.virtualTime = virtualTime);
    }

    /** These; whether the loops are in debug mode. Without it, as they are made. */
    public CancelOptions debug(boolean debug) {
        return with(it -> it.debug = debug);
    }

    /**
     * These, with a limit for the turns of its loop that the program takes, and takes again after its cancellation; without it, 10,000.
     */
    public CancelOptions turnLimit(int turns) {
        return with(it -> it.turnLimit = turns);
    }

    /**
     * These, with a limit for the real time that the program takes, and takes again after its cancellation; without it, ten seconds.
     */
    public CancelOptions timeLimit(Duration limit) {
        return with(it -> it.timeLimit = limit);
    }

    /**
     * These, with a limit for the real time that something takes to be closed after the program has ended: by the other end of a
     * connection, by a thread, by the system; without it, a second. Nobody waits where nothing can happen.
     */
    public CancelOptions settle(Duration limit) {
        return with(it -> it.settle = limit);
    }

    /**
     * These, cancelling the program that many times at a random moment, instead of once in each of its turns: for programs that are not
     * the same each time, since other threads have a part in them, and for very long ones.
     */
    public CancelOptions samples(int count) {
        return with(it -> it.samples = count);
    }

    /** These, with random moments that are drawn from {@code seed}; without it there is a new one each time, which a failure tells. */
    public CancelOptions seed(long seed) {
        return with(it -> it.seed = seed);
    }

    @Override
    public String toString() {
        return delegate().toString();
    }
}
