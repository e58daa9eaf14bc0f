// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.BaseExceptionGroup;
import java.util.List;
import kotlin.jvm.JvmClassMappingKt;
import kotlin.reflect.KClass;

/**
 * The clauses of {@link Asyncio#exceptStar}, which are tried in the order of the calls.
 *
 * <p>Source: the {@code except*} clauses of a {@code try}.
 */
public final class ExceptStar {
    private final dev.simul.exceptions.ExceptStar delegate;

    ExceptStar(Throwable thrown) {
        delegate = new dev.simul.exceptions.ExceptStar(thrown);
    }

    /**
     * Handles the remaining exceptions of one type, as a group; {@code handler} does not run if there are none.
     *
     * @return this
     * @throws IllegalArgumentException if it is an exception group type
     */
    public ExceptStar on(Class<? extends Throwable> type, Handler handler) {
        return on(List.of(type), handler);
    }

    /** As {@link #on(Class, Handler)}, for exceptions of any of these types. */
    public ExceptStar on(List<? extends Class<? extends Throwable>> types, Handler handler) {
        KClass<?>[] classes = new KClass<?>[types.size()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = JvmClassMappingKt.getKotlinClass(types.get(i));
        }
        BaseExceptionGroup group = delegate.take(throwables(classes));
        if (group == null) {
            return this;
        }
        try {
            handler.handle(group);
        } catch (Throwable e) {
            delegate.keep(e, group);
        }
        return this;
    }

    @SuppressWarnings("unchecked") // All are of throwables.
    private static KClass<? extends Throwable>[] throwables(KClass<?>[] classes) {
        return (KClass<? extends Throwable>[]) classes;
    }

    /** Throws the exceptions that were not handled, and those that handlers threw. */
    void finish() {
        delegate.finish();
    }

    /** Handles the exceptions of one clause. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Handles a group with the nesting of the original; an exception outside a group is passed in a group without a message.
         *
         * @throws Exception the group itself, which propagates as if it had not been handled, or another exception in its place
         */
        void handle(BaseExceptionGroup group) throws Exception;
    }
}
