// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.histories.Call;
import dev.simul.simulation.histories.Model;
import dev.simul.simulation.histories.Verdict;
import dev.simul.simulation.interop.JavaSimulation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What several clients called on one object, and what they got, in the order in which it happened; {@link #check} says whether the object
 * behaved as if each call had taken effect at one instant between its beginning and its end.
 *
 * <pre>{@code
 * var history = new History<Access, Integer>(sim::now);
 * …
 * history.record("client 1", new Read("x"), () -> store.read("x"));
 * …
 * history.check(new StoreModel()).orThrow();
 * }</pre>
 *
 * <p>Record in one thread, as all hosts of a simulation are. asyncio has no equivalent; the notion is Herlihy and Wing's
 * ("Linearizability: a correctness condition for concurrent objects", 1990).
 *
 * @param <O> what is called, with its arguments
 * @param <R> what the calls return
 */
public final class History<O, R extends @Nullable Object> {
    private final dev.simul.simulation.histories.History<O, R> delegate;

    /** A history whose messages print the numbers of events. */
    public History() {
        delegate = JavaSimulation.historyOf(null);
    }

    /** A history whose messages print {@code time} with each call: {@code sim::now}, say. */
    public History(Supplier<Duration> time) {
        delegate = JavaSimulation.historyOf(time);
    }

    /** The calls so far, by their beginnings, without those that {@linkplain Call#failed failed}. */
    public List<Call<O, R>> calls() {
        return delegate.getCalls();
    }

    /**
     * A call of {@code operation} by {@code process} begins now. It ends by {@link Call#returned} or {@link Call#failed}, or stays
     * pending.
     */
    public Call<O, R> begin(Object process, O operation) {
        return delegate.begin(process, operation);
    }

    /**
     * Runs {@code call}, a body that may await, and records it as a call of {@code operation} by {@code process} with the result that it
     * returns.
     *
     * <p>If {@code call} throws, also by being cancelled, the recorded call stays pending: the operation may have taken effect all the
     * same. Where an exception proves that it has not, use {@link #begin} and {@link Call#failed}.
     *
     * @return what {@code call} returns; its exceptions are thrown as they are
     */
    public <T extends R> T record(Object process, O operation, Callable<T> call) throws Exception {
        var recorded = begin(process, operation);
        T result = call.call();
        recorded.returned(result);
        return result;
    }

    /** As {@link #check(Model, int)}, with a budget of a million configurations for each key. */
    public <S> Verdict check(Model<S, O, R> model) {
        return delegate.check(model);
    }

    /**
     * Whether some order of the calls explains all results: an order that has each call within its own period, and in which {@code model}
     * gives the results that were recorded. Pending calls may be left out of it.
     *
     * <p>The calls are taken apart by {@link Model#key}. Within a key, the search takes time exponential in the number of calls that
     * overlap.
     *
     * @param budget how many configurations to try for a key at most; if that does not decide it, the verdict is
     *     {@link Verdict.Undecided}, unless another key's calls are not linearizable
     * @throws IllegalArgumentException if the budget is not positive
     */
    public <S> Verdict check(Model<S, O, R> model, int budget) {
        return delegate.check(model, budget);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
