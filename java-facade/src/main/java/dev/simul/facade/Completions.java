// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.AsCompleted;
import java.util.Iterator;
import java.util.Map;

import static dev.simul.interop.Bodies.awaitInBody;

/** The futures of {@link Asyncio#asCompleted}; its iterators share the remaining ones. */
final class Completions<F extends Future<?>> implements Iterable<F>, Iterator<F> {
    private final AsCompleted<?> completed;
    private final Map<dev.simul.Future<?>, F> futures;

    Completions(AsCompleted<?> completed, Map<dev.simul.Future<?>, F> futures) {
        this.completed = completed;
        this.futures = futures;
    }

    @Override
    public Iterator<F> iterator() {
        return this;
    }

    @Override
    public boolean hasNext() {
        return completed.hasNext();
    }

    @Override
    public F next() {
        return futures.get(awaitInBody(completed.nextFuture()));
    }
}
