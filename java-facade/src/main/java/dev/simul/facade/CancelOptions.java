// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTesting;
import dev.simul.testing.network.MemoryNetwork;
import java.time.Duration;
import java.util.function.Supplier;
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
public final class CancelOptions extends Options<CancelOptions> {
    private boolean virtualTime = true;
    private @Nullable Boolean debug;
    private @Nullable Integer turnLimit;
    private @Nullable Duration timeLimit;
    private @Nullable Duration settle;
    private @Nullable Integer samples;
    private @Nullable Long seed;
    private @Nullable Supplier<MemoryNetwork> network;

    /** The defaults: virtual time, and a cancellation in each turn. */
    public CancelOptions() {}

    /** @throws IllegalArgumentException if the options contradict each other */
    dev.simul.testing.CancelOptions delegate() {
        return JavaTesting.cancelOptions(virtualTime, debug, turnLimit, timeLimit, settle, samples, seed, network == null ? null : network::get);
    }

    /**
     * Sets whether the program runs on a {@link VirtualClock}, which is the default. Otherwise it runs in real time, which is
     * better for real sockets, and child processes are connected as they are outside of tests.
     */
    public CancelOptions virtualTime(boolean virtualTime) {
        return with(it -> it.virtualTime = virtualTime);
    }

    /** Sets whether the loops are in debug mode. By default they keep the setting that they are created with. */
    public CancelOptions debug(boolean debug) {
        return with(it -> it.debug = debug);
    }

    /** Limits the turns that the program takes, and those that it takes after its cancellation; the default is 10,000. */
    public CancelOptions turnLimit(int turns) {
        return with(it -> it.turnLimit = turns);
    }

    /** Limits the real time that the program takes, and that it takes after its cancellation; the default is ten seconds. */
    public CancelOptions timeLimit(Duration limit) {
        return with(it -> it.timeLimit = limit);
    }

    /**
     * Limits the real time until resources are closed after the program has ended: by the other end of a connection, by a thread,
     * by the system; the default is a second. There is no wait if nothing more can happen.
     */
    public CancelOptions settle(Duration limit) {
        return with(it -> it.settle = limit);
    }

    /**
     * Cancels the program that many times at a random moment, instead of once in each of its turns: for programs whose runs
     * differ, because other threads take part, and for very long ones.
     */
    public CancelOptions samples(int count) {
        return with(it -> it.samples = count);
    }

    /** Draws the random moments from {@code seed}; by default each check uses a new seed, which a failure reports. */
    public CancelOptions seed(long seed) {
        return with(it -> it.seed = seed);
    }

    /**
     * Creates the network in memory of each run, on which no socket may be left open: {@code MemoryNetwork::new}, for instance. By
     * default the sockets are the system's.
     */
    public CancelOptions network(Supplier<MemoryNetwork> network) {
        return with(it -> it.network = network);
    }

    @Override
    public String toString() {
        return delegate().toString();
    }
}
