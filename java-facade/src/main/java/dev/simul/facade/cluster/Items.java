// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.cluster;

import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Future;
import dev.simul.facade.cluster.Calls.SuspendFunction;
import dev.simul.generators.AsyncGenerator;
import dev.simul.generators.AsyncIterator;
import dev.simul.generators.FlowPublisherKt;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.Flow.Publisher;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.cluster.Calls.awaitHere;
import static dev.simul.facade.cluster.Calls.call;
import static dev.simul.facade.cluster.Calls.callForNothing;

/** What arrives in a generator of the cluster's. */
final class Items<T> implements AsyncIterable<T> {
    private final AsyncGenerator<T, ?> generator;

    /** Java knows no {@code Nothing}, and leaves all parameters of the generator's type out. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    Items(AsyncGenerator generator) {
        this.generator = generator;
    }

    /** The items of the generator that {@code function} makes. */
    @SuppressWarnings("rawtypes") // As above.
    static <T> Future<AsyncIterable<T>> called(SuspendFunction<Object> function) {
        return call(function, generator -> new Items<T>((AsyncGenerator) generator));
    }

    @Override
    public Iterator<T> iterator() {
        return new InPlace<>(generator.iterator());
    }

    @Override
    public Future<T> anext() {
        return call(generator::anext);
    }

    @Override
    public Future<T> anext(T defaultItem) {
        return call(continuation -> generator.anext(defaultItem, continuation));
    }

    @Override
    public Future<@Nullable Void> aclose() {
        return callForNothing(generator::aclose);
    }

    @Override
    public Publisher<T> toPublisher() {
        return FlowPublisherKt.toPublisher(generator);
    }

    @Override
    public String toString() {
        return generator.toString();
    }

    private static final class InPlace<T> implements Iterator<T> {
        private final AsyncIterator<T> items;
        private boolean isAhead;

        InPlace(AsyncIterator<T> items) {
            this.items = items;
        }

        @Override
        public boolean hasNext() {
            if (!isAhead) {
                isAhead = awaitHere(items::hasNext);
            }
            return isAhead;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the generator has ended");
            }
            isAhead = false;
            return items.next();
        }
    }
}
